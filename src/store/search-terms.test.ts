import { expect, test } from "bun:test";
import { matchesAll, parseTerms, rangesIn, trigramsOf } from "./search-terms.ts";

const QUERIES: readonly [query: string, exact: boolean, texts: string[]][] = [
  ["hello world", false, ["hello", "world"]],
  ['say "hello world" now', false, ["say", "hello world", "now"]],
  ['get("a b")', false, ['get("a', 'b")']],
  ['"open', false, ['"open']],
  ["hello  world", true, ["hello world"]],
  ["a\0b\tc\n", false, ["a", "b", "c"]],
  ["   ", false, []],
  ['""', false, ['""']],
  ["x x x", false, ["x"]],
];

test.each(QUERIES)("%j (exact: %p) looks for %j", (query, exact, texts) => {
  expect(parseTerms(query, exact).texts).toEqual(texts);
});

test("a pasted text is looked for by its first words", () => {
  expect(parseTerms("a b c d e f g h i j k l m n o p q r s t").texts).toHaveLength(16);
});

test("characters that mean something in a pattern mean themselves", () => {
  const terms = parseTerms("a.*b (?");
  expect(matchesAll(terms, ["x A.*B (? y"])).toBe(true);
  expect(matchesAll(terms, ["axxb (?"])).toBe(false);
});

test("all texts must occur, each in any of the fields", () => {
  const terms = parseTerms("ann hello");
  expect(matchesAll(terms, ["Hello", null, "ANN"])).toBe(true);
  expect(matchesAll(terms, ["Hello", null])).toBe(false);
});

test("ranges are in order, and none lies within another", () => {
  expect(rangesIn(parseTerms("ab abc c"), "xABCabc")).toEqual([
    [1, 4],
    [4, 7],
  ]);
  expect(rangesIn(parseTerms("a"), "a".repeat(100))).toHaveLength(20);
});

test("trigrams are of whole characters, bounded, and none come of what is too short", () => {
  expect(trigramsOf(parseTerms("ab c"))).toEqual([]);
  expect(trigramsOf(parseTerms("a\u{1F600}b\u{1F601}"))).toEqual(["a\u{1F600}b", "\u{1F600}b\u{1F601}"]);
  expect(trigramsOf(parseTerms("abcdefghijklmnopqrstuvwxyz0123456789".repeat(10))).length).toBeLessThan(30);
});
