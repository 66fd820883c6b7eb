import { describe, expect, test } from "bun:test";
import { makeRandom } from "../../test/support/store.ts";
import type { FileType } from "./file.ts";
import { mergeTrees, type TreeNode } from "./merge.ts";
import { ancestorsOf, nameOf, parentOf } from "./path.ts";

/** `id path content`, or `id path/` for a directory; `id path content type` where the type counts. */
function tree(...lines: string[]): TreeNode[] {
  return lines.map((line) => {
    const [id = "", path = "", hash = "", type = "script"] = line.split(" ");
    if (path.endsWith("/"))
      return { id, lineage: id, path: path.slice(0, -1), type: "directory", hash: null };
    return { id, lineage: id, path, type: type as FileType, hash };
  });
}

function merge(base: TreeNode[], ours: TreeNode[], theirs: TreeNode[]) {
  const { nodes, conflicts } = mergeTrees(base, ours, theirs, "main");
  return {
    files: nodes.map(({ path, type, hash, texts }) => {
      const { base: old, ours: own, theirs: other } = texts ?? {};
      const content = texts ? `${old}<${own}|${other}>` : hash;
      return type === "directory" ? `${path}/` : `${path} ${content}${type === "script" ? "" : ` ${type}`}`;
    }),
    conflicts: conflicts.map(({ kind, path }) => `${kind} ${path}`),
  };
}

const CASES: readonly [
  title: string,
  base: string[],
  ours: string[],
  theirs: string[],
  files: string[],
  conflicts?: string[],
][] = [
  ["nothing", [], [], [], []],
  ["one side's new file", ["1 a x"], ["1 a x", "2 b y"], ["1 a x"], ["a x", "b y"]],
  ["the other side's change", ["1 a x"], ["1 a x"], ["1 a y"], ["a y"]],
  ["a change of content and a move are both done", ["1 a x"], ["1 b x"], ["1 a y"], ["b y"]],
  ["a change of type and one of content", ["1 a x"], ["1 a x http"], ["1 a y"], ["a y http"]],
  ["a move into a directory and a rename", ["1 a x"], ["2 d/", "1 d/a x"], ["1 b x"], ["d/", "d/b x"]],
  ["the same move and change on both sides", ["1 a x"], ["1 b y"], ["1 b y"], ["b y"]],
  ["texts that both have changed are left to be merged", ["1 a x"], ["1 a y"], ["1 a z"], ["a x<y|z>"]],
  ["a file deleted here", ["1 a x"], [], ["1 a x"], []],
  ["a file deleted there", ["1 a x"], ["1 a x"], [], []],
  ["deleted here and changed there: it is kept", ["1 a x"], [], ["1 a y"], ["a y"], ["deleted a"]],
  ["changed here and deleted there: it is kept", ["1 a x"], ["1 b x"], [], ["b x"], ["deleted b"]],
  ["moved to two places: ours counts", ["1 a x"], ["1 b x"], ["1 c x"], ["b x"], ["moved b"]],
  ["two types: ours counts", ["1 a x"], ["1 a x http"], ["1 a x email"], ["a x http"], ["type a"]],
  ["both have made the same file", [], ["1 a x"], ["2 a x"], ["a x"]],
  ["both have made a file, not the same", [], ["1 a x"], ["2 a y"], ["a null<x|y>"]],
  ["both have made a file, of two types", [], ["1 a x"], ["2 a x http"], ["a x"], ["type a"]],
  ["a file deleted and made again is the same one", ["1 a x"], ["2 a y"], ["1 a z"], ["a x<y|z>"]],
  ["also when it is moved on the other side", ["1 a x"], ["2 a y"], ["1 b x"], ["b y"]],
  ["both have made a directory", [], ["1 d/", "2 d/a x"], ["3 d/", "4 d/b y"], ["d/", "d/a x", "d/b y"]],
  [
    "a file and a directory at one place",
    [],
    ["1 a.ts x"],
    ["2 a.ts/", "3 a.ts/b y"],
    ["a.main.ts/", "a.main.ts/b y", "a.ts x"],
    ["path a.main.ts"],
  ],
  [
    "two files moved to one place: theirs gets another name",
    ["1 a x", "2 b y"],
    ["1 c x", "2 b y"],
    ["1 a x", "2 c y"],
    ["c x", "c.main y"],
    ["path c.main"],
  ],
  [
    "a new file in a directory that the other side has renamed",
    ["1 d/", "2 d/a x"],
    ["1 e/", "2 e/a x"],
    ["1 d/", "2 d/a y", "3 d/b z"],
    ["e/", "e/a y", "e/b z"],
  ],
  [
    "a directory renamed on one side and a file moved out of it on the other",
    ["1 d/", "2 d/a x"],
    ["1 e/", "2 e/a x"],
    ["1 d/", "2 a x"],
    ["a x", "e/"],
  ],
  [
    "a new file in a directory that the other side has deleted",
    ["1 d/", "2 d/a x"],
    [],
    ["1 d/", "2 d/a x", "3 d/b y"],
    ["d/", "d/b y"],
  ],
  ["a directory renamed here and deleted there", ["1 d/", "2 d/a x"], ["1 e/", "2 e/a x"], [], []],
  [
    "each side has moved a directory into the other one",
    ["1 a/", "2 b/", "3 a/x x"],
    ["1 b/a/", "2 b/", "3 b/a/x x"],
    ["1 a/", "2 a/b/", "3 a/x y"],
    ["b/", "b/a/", "b/a/x y"],
    ["moved b"],
  ],
  [
    "two files that have changed places",
    ["1 a x", "2 b y"],
    ["1 b x", "2 a y"],
    ["1 a z", "2 b y"],
    ["a y", "b z"],
  ],
];

describe("a merge of", () => {
  test.each(CASES)("%s", (_, base, ours, theirs, files, conflicts = []) => {
    expect(merge(tree(...base), tree(...ours), tree(...theirs))).toEqual({ files, conflicts });
  });
});

/** A tree after some random steps. */
function change(random: (below: number) => number, from: TreeNode[], nextId: () => string): TreeNode[] {
  let nodes = [...from];
  const used = () => new Set(nodes.map((node) => node.path));
  const pick = () => nodes[random(nodes.length)];
  const somewhere = () => {
    const folders = ["", ...nodes.filter((one) => one.type === "directory").map((one) => `${one.path}/`)];
    return folders[random(folders.length)]! + "abcd"[random(4)]!;
  };
  for (let steps = random(5); steps > 0; steps--) {
    const at = somewhere();
    const one = pick();
    const free = !used().has(at);
    const kind = random(6);
    if (kind <= 1 && free) {
      const id = nextId();
      const type = kind === 0 ? ("directory" as const) : ("script" as const);
      nodes.push({ id, lineage: id, path: at, type, hash: type === "directory" ? null : `h${random(3)}` });
    } else if (one === undefined) continue;
    else if (kind === 2)
      nodes = nodes.filter(({ path }) => path !== one.path && !path.startsWith(`${one.path}/`));
    else if (kind === 3 && one.type !== "directory") {
      nodes = nodes.map((node) => (node === one ? { ...one, hash: `h${random(4)}` } : node));
    } else if (kind === 4 && one.type !== "directory") {
      nodes = nodes.map((node) => (node === one ? { ...one, type: random(2) ? "http" : "file" } : node));
    } else if (free && at !== one.path && !at.startsWith(`${one.path}/`)) {
      const moved = (path: string) => at + path.slice(one.path.length);
      nodes = nodes.map((node) =>
        node === one || node.path.startsWith(`${one.path}/`) ? { ...node, path: moved(node.path) } : node,
      );
    }
  }
  return nodes;
}

test("whatever is merged is a tree; one side alone is taken as it is; what one side finds a conflict the other does", () => {
  const random = makeRandom(7);
  const plain = (nodes: readonly { path: string; type: FileType; hash: string | null }[]) =>
    nodes.map(({ path, type, hash }) => `${path} ${type} ${hash}`).sort();
  let conflicting = 0;
  for (let round = 0; round < 4000; round++) {
    let count = 0;
    const nextId = () => `n${count++}`;
    const base = change(random, change(random, [], nextId), nextId);
    const [ours, theirs] = [change(random, base, nextId), change(random, base, nextId)];
    expect(plain(mergeTrees(base, ours, base, "m").nodes)).toEqual(plain(ours));
    expect(plain(mergeTrees(base, base, theirs, "m").nodes)).toEqual(plain(theirs));
    const alike = mergeTrees(base, ours, ours, "m");
    expect([plain(alike.nodes), alike.conflicts]).toEqual([plain(ours), []]);
    const merged = mergeTrees(base, ours, theirs, "m");
    const types = new Map(merged.nodes.map((node) => [node.path, node.type]));
    expect(types.size).toBe(merged.nodes.length);
    for (const { path } of merged.nodes)
      for (const above of ancestorsOf(path)) expect([above, types.get(above)]).toEqual([above, "directory"]);
    const reversed = mergeTrees(base, theirs, ours, "m");
    expect(reversed.conflicts.length > 0).toBe(merged.conflicts.length > 0);
    const texts = (one: typeof merged) => one.nodes.filter((node) => node.texts !== undefined).length;
    expect(texts(reversed)).toBe(texts(merged));
    if (merged.conflicts.length > 0) conflicting++;
    else if (texts(merged) === 0) expect(plain(reversed.nodes)).toEqual(plain(merged.nodes));
    // What one side has, or has changed, and the other has not deleted is never lost.
    for (const file of [...ours, ...theirs].filter((node) => node.type !== "directory")) {
      const changed = !base.some(
        ({ id, path, hash, type }) =>
          (id === file.id || path === file.path) && hash === file.hash && type === file.type,
      );
      const isLost = !merged.nodes.some((node) => node.ours?.id === file.id || node.theirs?.id === file.id);
      expect([file, changed && isLost]).toEqual([file, false]);
    }
  }
  expect(conflicting).toBeGreaterThan(300);
});

test("names that clashing files get are allowed ones, and free", () => {
  const long = `${"x".repeat(44)}.ts`;
  const { files } = merge([], tree(`1 ${long} x`, `2 ${"x".repeat(40)}.m.ts y`), tree(`3 ${long}/`));
  for (const path of files)
    expect(nameOf(path.split(" ")[0]!.replace(/\/$/, "")).length).toBeLessThanOrEqual(48);
  const { nodes } = mergeTrees([], tree("1 a x"), tree("2 a/"), "ann/hello@dev");
  expect(nodes.map(({ path }) => path)).toEqual(["a", "a.ann-hello-dev"]);
  expect(parentOf(nodes[1]!.path)).toBe("");
});
