import { expect, test } from "bun:test";
import {
  ancestorsOf,
  buildTree,
  firstFile,
  linesOf,
  pathProblem,
  stepOf,
  type TreeRow,
  typeFor,
} from "./tree.ts";

const row = (path: string, type: TreeRow["type"] = "script"): TreeRow => ({ path, type });
const ROWS = [
  row("b.ts"),
  row("lib", "directory"),
  row("lib/a10.ts"),
  row("lib/a9.ts"),
  row("main.tsx", "http"),
  row("empty", "directory"),
];
const seen = (open: string[]) => linesOf(buildTree(ROWS), new Set(open));
const paths = (open: string[]) => seen(open).map(({ node }) => node.row.path);

test("folders come first, names are ordered as people count, and what is closed is not seen", () => {
  expect(paths([])).toEqual(["empty", "lib", "b.ts", "main.tsx"]);
  expect(paths(["lib"])).toEqual(["empty", "lib", "lib/a9.ts", "lib/a10.ts", "b.ts", "main.tsx"]);
  expect(seen(["lib"])[2]).toMatchObject({ place: 1, among: 2, node: { level: 2, name: "a9.ts" } });
  expect(ancestorsOf("a/b/c.ts")).toEqual(["a", "a/b"]);
});

test("the arrow keys go through a tree as its pattern says", () => {
  const lines = seen(["lib"]);
  expect(stepOf(lines, 0, "ArrowDown")).toEqual({ to: 1 });
  expect(stepOf(lines, 0, "ArrowUp")).toEqual({ to: 0 });
  expect(stepOf(lines, 0, "ArrowRight")).toEqual({ open: "empty" });
  expect(stepOf(lines, 1, "ArrowRight")).toEqual({ to: 2 });
  expect(stepOf(lines, 1, "ArrowLeft")).toEqual({ close: "lib" });
  expect(stepOf(lines, 3, "ArrowLeft")).toEqual({ to: 1 });
  expect(stepOf(lines, 4, "ArrowRight")).toBeUndefined();
  expect(stepOf(lines, 2, "End")).toEqual({ to: 5 });
  expect(stepOf([], 0, "End")).toBeUndefined();
});

test("main is shown first, else what answers visitors, else a readme", () => {
  expect(firstFile(ROWS)?.path).toBe("main.tsx");
  expect(firstFile([row("z.ts"), row("a.ts", "http")])?.path).toBe("a.ts");
  expect(firstFile([row("z.txt", "file"), row("README.md", "file")])?.path).toBe("README.md");
  expect(firstFile([row("lib", "directory")])).toBeUndefined();
});

test("a path that cannot be is told in words, and the kind of a new file is guessed", () => {
  expect(pathProblem("lib/new.ts", ROWS)).toBeUndefined();
  expect(pathProblem("b.ts", ROWS, "b.ts")).toBeUndefined();
  for (const bad of ["", "a//b", "/a", "a b", "lib/..", "b.ts", "a".repeat(49)])
    expect(pathProblem(bad, ROWS)).toBeString();
  expect(pathProblem("lib/x/lib", ROWS, "lib")).toContain("into itself");
  expect(typeFor("main.ts", [])).toBe("http");
  expect(typeFor("main.ts", ROWS)).toBe("script");
  expect(typeFor("notes.md", [])).toBe("file");
});
