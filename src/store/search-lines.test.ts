import { expect, test } from "bun:test";
import { linesIn } from "./search-lines.ts";
import { parseTerms } from "./search-terms.ts";

test("the lines with most of the terms come first, whatever ends a line", () => {
  const found = linesIn(parseTerms("foo bar"), "x\nfoo\r\nbar foo\rnothing\nFOO bar foo");
  expect(found.map(({ line, text }) => [line, text])).toEqual([
    [2, "foo"],
    [3, "bar foo"],
    [5, "FOO bar foo"],
  ]);
});

test("a text that consists of matches is not looked through to its end", () => {
  const found = linesIn(parseTerms("a"), "a\n".repeat(40_000));
  expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
});
