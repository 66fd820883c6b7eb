/** From directories and names to paths, when these come from two sides. */
import type { FileType } from "./file.ts";
import type { ConflictKind, MergedNode } from "./merge.ts";
import type { Item } from "./merge-align.ts";
import { MAX_NAME, SEGMENT } from "./name.ts";
import { joinPath } from "./path.ts";

/** What one file will be. */
export interface Draft {
  parent: string;
  name: string;
  type: FileType;
  hash: string | null;
  /** The file in our tree. */
  item: Item | undefined;
  /** The file in theirs. */
  other: Item | undefined;
  texts: MergedNode["texts"];
  readonly conflicts: Set<ConflictKind>;
}

export interface Placed {
  readonly path: string;
  readonly draft: Draft;
}

/** A path for each, no two the same. */
export function placeAll(drafts: Map<string, Draft>, label: string): Placed[] {
  const children = Map.groupBy(drafts.keys(), (key) => drafts.get(key)!.parent);
  const placed: Placed[] = [];
  const open: { key: string; path: string }[] = [{ key: "", path: "" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const names = settleNames(children.get(next.key) ?? [], drafts, children, label);
    for (const [name, key] of names) {
      const draft = drafts.get(key)!;
      const path = joinPath(next.path, name);
      placed.push({ path, draft });
      if (draft.type === "directory") open.push({ key, path });
    }
  }
  return placed;
}

/**
 * Each side may have moved one directory into the other's: then those that theirs has moved stay where ours has them.
 * Ours alone has no cycle, so that this comes to an end. Returns whether there was one.
 */
export function breakCycles(drafts: Map<string, Draft>): boolean {
  for (const start of drafts.keys()) {
    const way: string[] = [];
    for (let key = start; drafts.has(key); key = drafts.get(key)!.parent) {
      const back = way.indexOf(key);
      if (back === -1) way.push(key);
      else {
        stay(way.slice(back).map((one) => drafts.get(one)!));
        return true;
      }
    }
  }
  return false;
}

function stay(cycle: readonly Draft[]): void {
  for (const draft of cycle) {
    if (draft.item === undefined || draft.item.parent === draft.parent) continue;
    draft.parent = draft.item.parent;
    draft.conflicts.add("moved");
  }
}

/** Who gets which name in one directory. */
function settleNames(
  keys: readonly string[],
  drafts: Map<string, Draft>,
  children: Map<string, string[]>,
  label: string,
): Map<string, string> {
  const names = new Map<string, string>();
  const late: string[] = [];
  // First who had the name in ours, then who is in ours at all.
  const rank = ({ item, name, parent }: Draft) =>
    item === undefined ? 2 : item.name === name && item.parent === parent ? 0 : 1;
  const ordered = [...keys].sort((a, b) => rank(drafts.get(a)!) - rank(drafts.get(b)!) || (a < b ? -1 : 1));
  for (const key of ordered) {
    const { name, type } = drafts.get(key)!;
    const holder = names.get(name);
    if (holder === undefined) names.set(name, key);
    else if (type === "directory" && drafts.get(holder)!.type === "directory") {
      // Two directories at one place are one.
      for (const kind of drafts.get(key)!.conflicts) drafts.get(holder)!.conflicts.add(kind);
      const moved = children.get(key) ?? [];
      for (const child of moved) drafts.get(child)!.parent = holder;
      children.set(holder, [...(children.get(holder) ?? []), ...moved]);
    } else late.push(key);
  }
  for (const key of late) {
    const draft = drafts.get(key)!;
    draft.conflicts.add("path");
    names.set(freeName(draft.name, label, names), key);
  }
  return names;
}

/** `main.ts` becomes `main.label.ts`, then `main.label-2.ts`. */
function freeName(name: string, label: string, taken: ReadonlyMap<string, string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  const word = [...label].map((letter) => (SEGMENT.test(letter) ? letter : "-")).join("");
  for (let count = 1; ; count++) {
    const suffix = `.${word.slice(0, 16)}${count === 1 ? "" : `-${count}`}${extension.slice(0, 16)}`;
    const free = stem.slice(0, MAX_NAME - suffix.length) + suffix;
    if (!taken.has(free)) return free;
  }
}
