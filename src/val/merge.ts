/**
 * Three trees of files into one. What identifies a file is its lineage, which a copy in a branch or remix shares with the
 * original; where it lies is a directory and a name. So a moved file is still the same one, and what lies in a moved
 * directory has not been moved.
 */
import type { FileType } from "./file.ts";
import { align, type Item, indexOf, type Tree } from "./merge-align.ts";
import { breakCycles, type Draft, placeAll } from "./merge-place.ts";

/** One file or directory of a branch. */
export interface TreeNode {
  readonly id: string;
  readonly lineage: string;
  readonly path: string;
  readonly type: FileType;
  /** Of its text; null for directories. */
  readonly hash: string | null;
}

/**
 * What a merge cannot decide. `content`: both have changed the same lines. `deleted`: one has deleted what the other has
 * changed. `moved`: both have moved or renamed it, to different places. `type`: both have changed its type. `path`: two
 * different files have come to the same path.
 */
export type ConflictKind = "content" | "deleted" | "moved" | "type" | "path";

/** One conflict. `path` is where the file is in the outcome; the others where each side has it. */
export interface Conflict {
  readonly kind: ConflictKind;
  readonly path: string;
  readonly ours: string | null;
  readonly theirs: string | null;
}

/** One file or directory of the outcome. */
export interface MergedNode {
  readonly path: string;
  readonly type: FileType;
  readonly hash: string | null;
  readonly ours: TreeNode | undefined;
  readonly theirs: TreeNode | undefined;
  /** Both have changed the text: it must be merged, from `base` (null when both have made the file). */
  readonly texts:
    | { readonly base: string | null; readonly ours: string; readonly theirs: string }
    | undefined;
}

/**
 * Merge `theirs` into `ours`, both of which come from `base`. Where they conflict: a changed file is kept though the
 * other side deleted it; place and type are those of ours; of two files at one path that of theirs gets another name,
 * with `label` in it.
 */
export function mergeTrees(
  base: readonly TreeNode[],
  ours: readonly TreeNode[],
  theirs: readonly TreeNode[],
  label: string,
): { nodes: MergedNode[]; conflicts: Conflict[] } {
  const from = indexOf(base);
  const own = align(ours, [from]);
  const other = align(theirs, [from, own]);
  const keys = new Set([...from.keys(), ...own.keys(), ...other.keys()]);
  const drafts = new Map<string, Draft>();
  for (const key of [...keys].sort()) {
    const draft = decide(from.get(key), own.get(key), other.get(key));
    if (draft !== undefined) drafts.set(key, draft);
  }
  do bringBackParents(drafts, from, own, other);
  while (breakCycles(drafts));
  const placed = placeAll(drafts, label);
  const nodes = placed.map(({ path, draft }) => {
    const { type, hash, texts, item, other: theirItem } = draft;
    return { path, type, hash, texts, ours: item?.node, theirs: theirItem?.node };
  });
  const conflicts = placed.flatMap(({ path, draft }) =>
    [...draft.conflicts].map((kind) => ({
      kind,
      path,
      ours: draft.item?.node.path ?? null,
      theirs: draft.other?.node.path ?? null,
    })),
  );
  return { nodes: byPath(nodes), conflicts: byPath(conflicts) };
}

/** In the order of paths, by code unit. */
function byPath<T extends { readonly path: string }>(all: T[]): T[] {
  return all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** What becomes of one file; undefined when it is gone. */
function decide(base: Item | undefined, ours: Item | undefined, theirs: Item | undefined): Draft | undefined {
  if (ours !== undefined && theirs !== undefined) return combine(base, ours, theirs);
  const left = ours ?? theirs;
  if (left === undefined) return undefined;
  const draft = draftOf(left, ours, theirs);
  if (base === undefined) return draft;
  // A directory is no more than what lies in it.
  if (base.node.type === "directory" || isSame(base, left)) return undefined;
  draft.conflicts.add("deleted");
  return draft;
}

function draftOf(from: Item, ours: Item | undefined, theirs: Item | undefined): Draft {
  const { parent, name, node } = from;
  const { type, hash } = node;
  return { parent, name, type, hash, item: ours, other: theirs, texts: undefined, conflicts: new Set() };
}

function isSame(a: Item, b: Item): boolean {
  return (
    a.parent === b.parent && a.name === b.name && a.node.type === b.node.type && a.node.hash === b.node.hash
  );
}

function combine(base: Item | undefined, ours: Item, theirs: Item): Draft {
  const draft = draftOf(ours, ours, theirs);
  /** Of three values the one to take; `conflict` when both sides have changed it, each in another way. */
  const choose = <T>(of: (item: Item) => T, conflict: ConflictKind): T => {
    const [own, other] = [of(ours), of(theirs)];
    if (own === other) return own;
    if (base !== undefined && of(base) === own) return other;
    if (base === undefined || of(base) !== other) draft.conflicts.add(conflict);
    return own;
  };
  draft.parent = choose((item) => item.parent, "moved");
  draft.name = choose((item) => item.name, "moved");
  draft.type = choose((item) => item.node.type, "type");
  const [own, other] = [ours.node.hash, theirs.node.hash];
  const old = base?.node.hash ?? null;
  if (own === null || other === null || own === other) return draft;
  if (own === old) draft.hash = other;
  else if (other !== old) draft.texts = { base: old, ours: own, theirs: other };
  return draft;
}

/** A directory that one side has deleted is there again when something lies in it. */
function bringBackParents(drafts: Map<string, Draft>, ...[base, ours, theirs]: [Tree, Tree, Tree]): void {
  for (const draft of [...drafts.values()]) {
    let key = draft.parent;
    while (key !== "" && !drafts.has(key)) {
      const [own, other] = [ours.get(key), theirs.get(key)];
      const item = own ?? other ?? base.get(key);
      if (item === undefined) break;
      drafts.set(key, draftOf(item, own, other));
      key = item.parent;
    }
  }
}
