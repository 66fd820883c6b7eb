/** What is different between two trees of files. */
import type { FileType } from "./file.ts";
import type { TreeNode } from "./merge.ts";
import { align, indexOf } from "./merge-align.ts";

export const CHANGE_KINDS = ["added", "modified", "removed", "renamed", "retyped"] as const;

/** What happened to one file. A renamed or retyped one may have new content as well: see `modified`. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One file or directory that is different. */
export interface Change {
  readonly kind: ChangeKind;
  /** Where it is afterwards; of a removed one, where it was. */
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly type: FileType;
  readonly oldType: FileType | undefined;
  /** Whether its content is another. */
  readonly modified: boolean;
}

type Side = Pick<TreeNode, "path" | "type" | "hash">;

/** What happened to a file between two states; undefined when nothing did. */
export function changeOf(before: Side | undefined, after: Side | undefined): Change | undefined {
  if (before === undefined || after === undefined) {
    const only = after ?? before;
    if (only === undefined) return undefined;
    const { path, type } = only;
    const kind = after === undefined ? "removed" : "added";
    return { kind, path, oldPath: undefined, type, oldType: undefined, modified: false };
  }
  const modified = before.hash !== after.hash;
  const { path, type } = after;
  const oldPath = before.path === path ? undefined : before.path;
  const oldType = before.type === type ? undefined : before.type;
  if (oldPath === undefined && oldType === undefined && !modified) return undefined;
  const kind = oldPath !== undefined ? "renamed" : oldType !== undefined ? "retyped" : "modified";
  return { kind, path, oldPath, type, oldType, modified };
}

/** One file that is different, with both states. */
export interface Difference {
  readonly change: Change;
  readonly before: TreeNode | undefined;
  readonly after: TreeNode | undefined;
}

/** All files that are different, by path. */
export function compareTrees(from: readonly TreeNode[], to: readonly TreeNode[]): Difference[] {
  const old = indexOf(from);
  const now = align(to, [old]);
  const keys = new Set([...old.keys(), ...now.keys()]);
  const differences = [...keys].flatMap((key) => {
    const [before, after] = [old.get(key)?.node, now.get(key)?.node];
    const change = changeOf(before, after);
    return change === undefined ? [] : [{ change, before, after }];
  });
  return differences.sort((a, b) => (a.change.path < b.change.path ? -1 : 1));
}
