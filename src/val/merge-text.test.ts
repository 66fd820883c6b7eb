import { expect, test } from "bun:test";
import { makeRandom } from "../../test/support/store.ts";
import { hasMarkers, mergeText } from "./merge-text.ts";

const labels = { ours: "branch", theirs: "main" };
const merge = (base: string, ours: string, theirs: string) => mergeText(base, ours, theirs, labels);
const lines = (...all: string[]) => all.join("\n");

test("changes in different places are both kept", () => {
  const base = lines("1", "2", "3", "4", "5", "");
  const merged = merge(base, base.replace("2", "two"), base.replace("4", "four"));
  expect(merged).toEqual({ text: lines("1", "two", "3", "four", "5", ""), conflicts: 0 });
});

test("the same change on both sides is no conflict, and neither is one on one side", () => {
  expect(merge("a\nb\n", "a\nc\n", "a\nc\n")).toEqual({ text: "a\nc\n", conflicts: 0 });
  expect(merge("a\nb\n", "a\nb\n", "x\nb\ny\n")).toEqual({ text: "x\nb\ny\n", conflicts: 0 });
  expect(merge("a\nb\n", "", "a\nb\n")).toEqual({ text: "", conflicts: 0 });
});

test("a conflict has what is merged first, then what was there, and no more than what differs", () => {
  const merged = merge("a\nb\nc\n", "a\nx\nours\ny\nc\n", "a\nx\ntheirs\ny\nc\n");
  const text = lines("a", "x", "<<<<<<< main", "theirs", "=======", "ours", ">>>>>>> branch", "y", "c", "");
  expect(merged).toEqual({ text, conflicts: 1 });
  expect(hasMarkers(text, "<<<<<<< main", ">>>>>>> branch")).toBeTrue();
  expect(hasMarkers(text, "<<<<<<< other", ">>>>>>> other")).toBeFalse();
  expect(hasMarkers('const s = "<<<<<<< main";', "<<<<<<< main", ">>>>>>> branch")).toBeFalse();
});

test("changes beside each other conflict: which comes first is not for a merge to say", () => {
  expect(merge("a\n", "a\nours\n", "a\ntheirs\n").conflicts).toBe(1);
  expect(merge("a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n").conflicts).toBe(1);
});

test("a text deleted on one side and changed on the other conflicts", () => {
  const text = lines("<<<<<<< main", "A", "=======", ">>>>>>> branch", "");
  expect(merge("a\n", "", "A\n")).toEqual({ text, conflicts: 1 });
});

test("markers end as the lines of the text do", () => {
  const merged = merge("a\r\n", "b\r\n", "c\r\n");
  const text = "<<<<<<< main\r\nc\r\n=======\r\nb\r\n>>>>>>> branch\r\n";
  expect(merged).toEqual({ text, conflicts: 1 });
  expect(hasMarkers(text, "<<<<<<< main", ">>>>>>> branch")).toBeTrue();
});

test("a text of which a side has changed too much to compare is one conflict, in little time", () => {
  const text = (word: string) => Array.from({ length: 20_000 }, (_, i) => word + (i % 7)).join("\n");
  const merged = merge(`start\n${text("a")}\nend`, `start\n${text("b")}\nend`, `start\n${text("c")}\nend`);
  expect(merged.conflicts).toBe(1);
  expect(merged.text.startsWith("start\n<<<<<<< main\nc0")).toBeTrue();
  expect(merged.text.endsWith("b0\n>>>>>>> branch\nend")).toBeTrue();
  const blank = "\n".repeat(80_000);
  expect(merge(blank, `${blank}\n`, blank).conflicts).toBe(0);
});

test("whatever is merged: either side alone is taken as it is, and the sides may be exchanged", () => {
  const random = makeRandom(3);
  const word = () => "abcd"[random(4)]!;
  for (let round = 0; round < 3000; round++) {
    const base = Array.from({ length: random(8) }, word);
    const changed = () => {
      const copy = [...base];
      for (let i = random(3); i > 0; i--)
        copy.splice(random(copy.length + 1), random(3), ...(random(2) ? [word()] : []));
      return copy.join("\n");
    };
    const [o, a, b] = [base.join("\n"), changed(), changed()];
    expect(merge(o, a, o)).toEqual({ text: a, conflicts: 0 });
    expect(merge(o, o, b)).toEqual({ text: b, conflicts: 0 });
    expect(merge(o, a, a)).toEqual({ text: a, conflicts: 0 });
    const [one, other] = [merge(o, a, b), merge(o, b, a)];
    expect(one.conflicts).toBe(other.conflicts);
    if (one.conflicts === 0) expect(one.text).toBe(other.text);
  }
});

test("what several merges may compare together is bounded: beyond it a text is one conflict", () => {
  const text = (word: string) => Array.from({ length: 900 }, (_, i) => word + i).join("\n");
  const [base, ours, theirs] = [
    text("a"),
    text("a").replaceAll("5", "five"),
    text("a").replaceAll("7", "six"),
  ];
  const budget = { left: 1_000_000 };
  const conflicts = () => mergeText(base, ours, theirs, labels, budget).conflicts;
  const first = conflicts();
  expect(first).toBeGreaterThan(1);
  let rounds = 1;
  while (conflicts() === first) rounds++;
  expect(rounds).toBeLessThan(50);
  expect(budget.left).toBeLessThan(10_000);
  // What takes no comparing is merged all the same.
  expect(mergeText("a\n", "a\n", "a\nc\n", labels, { left: 0 })).toEqual({ text: "a\nc\n", conflicts: 0 });
});
