import { expect, test } from "bun:test";
import { GAP, sidesOf } from "./hunks.ts";
import { countHunks, countLines } from "./line-counts.ts";

test("lines that are new and gone are counted, and a line end at the end is no line", () => {
  expect(countLines("a\nb\nc\n", "a\nB\nc\nd\n")).toEqual({ added: 2, removed: 1 });
  expect(countLines(null, "a\nb\n")).toEqual({ added: 2, removed: 0 });
  expect(countLines("a\nb", null)).toEqual({ added: 0, removed: 2 });
  expect(countLines("", null)).toEqual({ added: 0, removed: 0 });
  const [old, now] = ["a", "b"].map((word) => Array.from({ length: 3000 }, (_, i) => word + i).join("\n"));
  expect(countLines(old!, now!)).toEqual({ added: 3000, removed: 3000 });
});

test("the hunks of a diff become two texts whose lines keep their numbers", () => {
  const hunks = [
    { oldStart: 1, newStart: 1, lines: [" a", "-b", "+B", "+B2", " c"] },
    { oldStart: 10, newStart: 11, lines: [" x", "-y", "\\ No newline at end of file"] },
  ];
  const { before, after } = sidesOf(hunks);
  expect(before).toEqual({ text: `a\nb\nc\n${GAP}\nx\ny\n`, numbers: [1, 2, 3, 0, 10, 11] });
  expect(after).toEqual({ text: `a\nB\nB2\nc\n${GAP}\nx\n`, numbers: [1, 2, 3, 4, 0, 11] });
  expect(countHunks(hunks)).toEqual({ added: 2, removed: 2 });
});

test("what comes before the first hunk is marked as left out, unless nothing does", () => {
  expect(sidesOf([{ oldStart: 5, newStart: 5, lines: ["-a", "+b"] }]).before.numbers).toEqual([0, 5]);
  expect(sidesOf([{ oldStart: 0, newStart: 1, lines: ["+b"] }])).toEqual({
    before: { text: "", numbers: [] },
    after: { text: "b\n", numbers: [1] },
  });
});
