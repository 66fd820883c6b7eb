/** Which files of two trees are the same one. */
import type { TreeNode } from "./merge.ts";
import { nameOf, parentOf } from "./path.ts";

/** A file with its place: the key of its directory (`""` is the root) and its name. */
export interface Item {
  readonly key: string;
  readonly parent: string;
  readonly name: string;
  readonly node: TreeNode;
}

/** The files of one tree by key: the same file has the same key in all trees that are merged. */
export type Tree = ReadonlyMap<string, Item>;

/** The tree that others are compared with: its keys are the lineages. */
export function indexOf(nodes: readonly TreeNode[]): Tree {
  return align(nodes, []);
}

/**
 * Give each file the key that it has in the first of the known trees in which it is. It is the one with the same lineage
 * there; or else, if that one is not in this tree, the one at the same place: a file that was deleted and made again,
 * or that both sides have made, is one file.
 */
export function align(nodes: readonly TreeNode[], known: readonly Tree[]): Tree {
  const keyOf = new Map<string, string>();
  const taken = new Set<string>();
  const byLineage = lineagesOf(known);
  for (const { lineage } of nodes) {
    const key = byLineage.get(lineage);
    if (key === undefined || taken.has(key)) continue;
    keyOf.set(lineage, key);
    taken.add(key);
  }
  // A file that the first tree has is found there, or not at all: else who merges whom would make a difference.
  const places = known.map((tree, i) => placesOf(tree, i === 0 ? undefined : known[0]));
  const items = new Map<string, Item>();
  const directories = new Map<string, string>([["", ""]]);
  // Directories come before what lies in them, because its path begins with theirs.
  for (const node of [...nodes].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const parent = directories.get(parentOf(node.path)) ?? "";
    const name = nameOf(node.path);
    let key = keyOf.get(node.lineage);
    if (key === undefined) {
      const isDirectory = node.type === "directory";
      key = places
        .map((all) => all.get(placeOf(parent, name, isDirectory)))
        .find((one) => one && !taken.has(one));
      // Its lineage may be the key of another one by now.
      key ??= taken.has(node.lineage) ? node.id : node.lineage;
      taken.add(key);
    }
    if (node.type === "directory") directories.set(node.path, key);
    items.set(key, { key, parent, name, node });
  }
  return items;
}

function lineagesOf(trees: readonly Tree[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const tree of [...trees].reverse()) for (const [key, item] of tree) keys.set(item.node.lineage, key);
  return keys;
}

function placesOf(tree: Tree, without: Tree | undefined): Map<string, string> {
  const places = new Map<string, string>();
  for (const [key, { parent, name, node }] of tree) {
    if (!without?.has(key)) places.set(placeOf(parent, name, node.type === "directory"), key);
  }
  return places;
}

/** A name has no slash, and a file and a directory are never the same one. */
function placeOf(parent: string, name: string, isDirectory: boolean): string {
  return `${parent}/${name}${isDirectory ? "/" : ""}`;
}
