import { expect, test } from "bun:test";
import { changeBetween } from "./change.ts";
import { isNoise } from "./types-noise.ts";

test("only the stretch that differs is replaced, also where the ends are alike", () => {
  expect(changeBetween("same", "same")).toBeUndefined();
  for (const [from, to] of [
    ["abc", "aXc"],
    ["aaa", "aa"],
    ["aa", "aaa"],
    ["", "x"],
    ["x", ""],
    ["abab", "ab"],
  ]) {
    const change = changeBetween(from!, to!)!;
    expect(from!.slice(0, change.from) + change.insert + from!.slice(change.to)).toBe(to!);
  }
  expect(changeBetween("one two", "one 2 two")).toEqual({ from: 4, to: 4, insert: "2 " });
});

test("what a browser cannot know of a val's imports is not called a mistake, the rest is", () => {
  expect(isNoise(2307, "Cannot find module 'npm:hono'")).toBe(true);
  expect(isNoise(2304, "Cannot find name 'HTMLInputElement'.")).toBe(true);
  expect(isNoise(2304, "Cannot find name 'greeet'.")).toBe(false);
  expect(isNoise(2322, "Type 'string' is not assignable to type 'number'.")).toBe(false);
});
