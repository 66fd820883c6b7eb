import { expect, test } from "bun:test";
import { makeRandom } from "../../test/support/store.ts";
import { diffLines, type Hunk } from "./line-diff.ts";

function apply(before: readonly string[], after: readonly string[], hunks: readonly Hunk[]): string[] {
  let at = 0;
  const lines = hunks.flatMap(({ start, end, from, to }) => {
    const kept = before.slice(at, start);
    at = end;
    return [...kept, ...after.slice(from, to)];
  });
  return [...lines, ...before.slice(at)];
}

/** Of the longest common subsequence, by the book. */
function common(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      table[i]![j] =
        a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[a.length]![b.length]!;
}

test("the changes lead from one text to the other, are in order, apart from each other, and the least there are", () => {
  const random = makeRandom(1);
  for (let round = 0; round < 5000; round++) {
    const make = () => Array.from({ length: random(12) }, () => "abc"[random(3)]!);
    const [a, b] = [make(), make()];
    const hunks = diffLines(a, b)!;
    expect(apply(a, b, hunks)).toEqual(b);
    for (const [i, hunk] of hunks.entries()) expect(hunk.start).toBeGreaterThan(hunks[i - 1]?.end ?? -1);
    const edits = hunks.reduce((sum, one) => sum + one.end - one.start + one.to - one.from, 0);
    expect(edits).toBe(a.length + b.length - 2 * common(a, b));
  }
});

test("texts that differ in too much, or are made to cost much, are given up", () => {
  const lines = (word: string) => Array.from({ length: 10_000 }, (_, i) => word + i);
  expect(diffLines(lines("a"), lines("b"))).toBeUndefined();
  const blank = (every: number) => Array.from({ length: 80_000 }, (_, i) => (i % every === 0 ? "x" : ""));
  expect(diffLines(blank(59), blank(61))).toBeUndefined();
  const long = lines("a");
  expect(diffLines(long, [...long.slice(0, 50), "new", ...long.slice(51)])).toEqual([
    { start: 50, end: 51, from: 50, to: 51 },
  ]);
  expect(diffLines([], long)).toEqual([{ start: 0, end: 0, from: 0, to: 10_000 }]);
});
