import { expect, test } from "bun:test";
import { MAX_NAME, MAX_USERNAME, usernameProblem, valNameProblem } from "./name.ts";
import { ancestorsOf, isInside, joinPath, nameOf, parentOf, pathProblem } from "./path.ts";

const USERNAMES: readonly [name: string, ok: boolean][] = [
  ["me", true],
  ["a", true],
  ["Steve-Krouse_2", true],
  ["a".repeat(MAX_USERNAME), true],
  ["a".repeat(MAX_USERNAME + 1), false],
  ["", false],
  ["2cool", false],
  ["-a", false],
  ["a-", false],
  ["a_", false],
  ["a--b", false],
  ["a-_b", false],
  ["a.b", false],
  ["ä", false],
  ["a b", false],
  ["a\n", false],
  ["std", false],
  ["Std", false],
  ["API", false],
  ["esm", false],
  ["hamlet", false],
  ["admin", false],
  ["no-reply", false],
  ["stdio", true],
  ["hamlet2", true],
];

test.each(USERNAMES)("the username %p: allowed is %p", (name, ok) => {
  expect(usernameProblem(name) === undefined).toBe(ok);
});

test("a reserved username is refused with a reason of its own", () => {
  expect(usernameProblem("Hamlet")).toBe("The username Hamlet is reserved. Choose another.");
});

const VAL_NAMES: readonly [name: string, ok: boolean][] = [
  ["hello", true],
  ["a0123456789_", true],
  ["SSE-Demo--x", true],
  ["a".repeat(MAX_NAME), true],
  ["a".repeat(MAX_NAME + 1), false],
  ["1a", false],
  ["_a", false],
  ["a/b", false],
  ["a b", false],
  ["", false],
];

test.each(VAL_NAMES)("the val name %p: allowed is %p", (name, ok) => {
  expect(valNameProblem(name) === undefined).toBe(ok);
});

const PATHS: readonly [path: string, ok: boolean][] = [
  ["main.ts", true],
  ["a/b/c.d/[id]$(x)-_.tsx", true],
  [".vtignore", true],
  ["...", true],
  [`${"a".repeat(48)}/b`, true],
  [`${"a".repeat(49)}/b`, false],
  [`${"abc/".repeat(128)}d`, false],
  ["", false],
  ["/a", false],
  ["a/", false],
  ["a//b", false],
  [".", false],
  ["a/../b", false],
  ["a/./b", false],
  ["a\\b", false],
  ["a b", false],
  ["a%2fb", false],
  ["a\0", false],
];

test.each(PATHS)("the path %p: allowed is %p", (path, ok) => {
  expect(pathProblem(path) === undefined).toBe(ok);
});

test("a path is taken apart and put together again", () => {
  expect(parentOf("a/b/c")).toBe("a/b");
  expect(parentOf("a")).toBe("");
  expect(nameOf("a/b/c")).toBe("c");
  expect(joinPath("", "c")).toBe("c");
  expect(joinPath("a/b", "c")).toBe("a/b/c");
  expect(ancestorsOf("a/b/c")).toEqual(["a", "a/b"]);
  expect(ancestorsOf("a")).toEqual([]);
});

test("inside means below, not beside with the same beginning", () => {
  expect(isInside("a/b", "a")).toBe(true);
  expect(isInside("ab", "a")).toBe(false);
  expect(isInside("a", "a")).toBe(false);
  expect(isInside("a", "")).toBe(true);
  expect(isInside("", "")).toBe(false);
});
