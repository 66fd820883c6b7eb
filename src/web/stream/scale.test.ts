import { expect, test } from "bun:test";
import { describe as say } from "./describe.ts";
import { marksOf, placeLabels } from "./marks.ts";
import type { Bar, End, Recording } from "./recording.ts";
import {
  gapsOf,
  heightOf,
  longestGap,
  outline,
  sayTick,
  spanOf,
  stalledMs,
  sumColumns,
  ticksOf,
} from "./scale.ts";

function recorded(response: Bar[], end: End = "open", more: Partial<Recording> = {}): Recording {
  return { startedAt: 0, request: [], response, end, ...more };
}
const every = (ms: number, count: number): Bar[] => Array.from({ length: count }, (_, at) => [at * ms, 10]);

test("the axis of what goes on grows in steps, that of what has ended fits", () => {
  expect([0, 900, 950, 2700, 3000, 61_000].map((ms) => spanOf(ms, true))).toEqual([
    1000, 1000, 1500, 3000, 4000, 75_000,
  ]);
  expect([0, 44, 3217].map((ms) => spanOf(ms, false))).toEqual([1, 44, 3217]);
});

test("marks of the axis are round and far enough from each other", () => {
  for (const [span, width] of [
    [44, 400],
    [1000, 300],
    [3217, 1200],
    [75_000, 420],
    [7_200_000, 800],
  ] as const) {
    const ticks = ticksOf(span, width);
    const step = ticks[1]!;
    expect((step / span) * width).toBeGreaterThanOrEqual(72);
    expect(ticks.at(-1)!).toBeLessThanOrEqual(span);
    expect(ticks.length).toBeGreaterThan(2);
  }
  expect([0, 250, 1500, 60_000, 90_000].map(sayTick)).toEqual(["0", "250 ms", "1.5 s", "1 min", "1:30 min"]);
});

test("however many chunks there are, no byte of them is lost in the columns", () => {
  const bars: Bar[] = Array.from({ length: 10_000 }, (_, at) => [at * 0.37, at % 50]);
  const columns = sumColumns(bars, 3700, 140);
  expect(columns.length).toBe(140);
  expect(columns.reduce((a, b) => a + b)).toBe(bars.reduce((sum, [, bytes]) => sum + bytes, 0));
  expect(
    outline(columns, { most: 1, axis: 100, reach: 80, pitch: 3 }).split("M").length - 1,
  ).toBeLessThanOrEqual(140);
});

test("a single byte is seen beside a megabyte, and nothing is nothing", () => {
  expect(heightOf(1, 1_000_000)).toBeGreaterThan(0.05);
  expect([heightOf(0, 9), heightOf(9, 9), heightOf(0, 0)]).toEqual([0, 1, 0]);
});

test("gaps are those that stand out from what is usual", () => {
  const steady = every(100, 30);
  expect(gapsOf(steady, 3000)).toEqual([]);
  const broken: Bar[] = [...steady, [4900, 10], [5000, 10]];
  expect(gapsOf(broken, 5000)).toEqual([{ fromMs: 2900, toMs: 4900 }]);
  expect(longestGap(broken)).toEqual({ fromMs: 2900, toMs: 4900 });
  expect(longestGap([[1, 1]])).toBeUndefined();
});

test("a stream that slows down does not stall, one that stops does", () => {
  const slowing: Bar[] = [];
  for (let at = 0, pause = 10; at < 20_000; at += pause, pause *= 1.02) slowing.push([at, 4]);
  const last = slowing.at(-1)![0];
  expect(stalledMs(recorded(slowing), last + 400)).toBeUndefined();
  expect(stalledMs(recorded(every(50, 20)), 950 + 1900)).toBeUndefined();
  expect(stalledMs(recorded(every(50, 20)), 950 + 4200)).toBe(4200);
  // Every three seconds is its way.
  expect(stalledMs(recorded(every(3000, 5)), 12_000 + 5000)).toBeUndefined();
  expect(stalledMs(recorded(every(50, 20), "complete"), 99_000)).toBeUndefined();
  expect(stalledMs(recorded([]), 99_000)).toBeUndefined();
});

test("the picture in words has numbers, times and how it stands", () => {
  const done = recorded(every(1000, 4), "complete", { headMs: 12, firstMs: 13, lastMs: 3200 });
  expect(say(done, 3200)).toBe(
    "4 chunks in 3.2 s, 40 B, longest gap 1.0 s, head after 12 ms, first byte after 13 ms, complete",
  );
  expect(say(recorded(every(50, 20)), 5150)).toContain("stalled for 4.2 s");
  expect(say(recorded([], "open", { headMs: 3 }), 500)).toContain("waiting for the first byte");
  expect(
    say(
      recorded([], "open", {
        request: [
          [0, 5],
          [90, 500],
        ],
      }),
      100,
    ),
  ).toBe("505 B sent, 0 chunks in 100 ms, sending");
});

test("texts at the marks never lie on each other, nor leave the picture", () => {
  for (const width of [240, 420, 1200]) {
    for (const times of [
      [12, 13, 14],
      [12, 13, 3200],
      [12, 1600, 3200],
    ] as const) {
      const [headMs, firstMs, lastMs] = times;
      const marks = marksOf(recorded(every(1, 2), "complete", { headMs, firstMs, lastMs }));
      const spots = placeLabels(marks, lastMs, width).map(({ text, x, anchor }) => {
        const wide = text.length * 6.4;
        return anchor === "start" ? [x, x + wide] : [x - wide, x];
      });
      for (const [at, [from, to]] of spots.entries()) {
        expect(from).toBeGreaterThanOrEqual(-0.001);
        expect(to).toBeLessThanOrEqual(Math.max(width, to! - from!) + 0.001);
        if (at > 0) expect(from).toBeGreaterThan(spots[at - 1]![1]!);
      }
    }
  }
});
