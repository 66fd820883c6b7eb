import { expect, test } from "bun:test";
import { type Bar, readTimeline, writeTimeline } from "../val/timeline.ts";
import { RecordedPassage } from "./passage.ts";

/** As it is read again from the record, after pieces of these sizes at these times. */
function recorded(pieces: Iterable<readonly [at: number, bytes: number]>) {
  const passage = new RecordedPassage();
  for (const [at, bytes] of pieces) passage.add(at, bytes);
  return readTimeline(writeTimeline([], passage.flat())).response;
}

const sum = (bars: readonly Bar[]) => bars.reduce((total, [, bytes]) => total + bytes, 0);

test("nothing that passed is no bar", () => {
  expect(readTimeline(writeTimeline([], []))).toEqual({
    request: { pieces: 0, grainMs: 0, lastMs: undefined, bars: [] },
    response: { pieces: 0, grainMs: 0, lastMs: undefined, bars: [] },
  });
});

test.each([1, 2, 8, 9, 33, 255, 256])("of %i pieces each is a bar, also of those at one time", (count) => {
  const pieces = Array.from({ length: count }, (_, i) => [Math.floor(i / 3) * 10.123, i + 1] as const);
  const { bars, grainMs, pieces: counted } = recorded(pieces);
  expect(bars).toEqual(pieces.map(([at, bytes]) => [Math.round(at * 100) / 100, bytes]));
  expect([grainMs, counted]).toEqual([0, count]);
});

/** Pieces of many sizes in bursts, with pauses that grow. */
function* bursts(count: number): Generator<[number, number]> {
  let at = 3;
  for (let i = 0; i < count; i++) {
    yield [at, 1 + ((i * 7919) % 65_536)];
    at += i % 100 === 99 ? i / 10 : 0.05;
  }
}

test.each([257, 1000, 100_000])(
  "%i pieces have room: what is near in time is one bar, no byte is lost",
  (count) => {
    const pieces = [...bursts(count)];
    const { bars, grainMs, lastMs, pieces: counted } = recorded(pieces);
    expect(bars.length).toBeLessThanOrEqual(256);
    expect([counted, sum(bars)]).toEqual([count, pieces.reduce((total, [, bytes]) => total + bytes, 0)]);
    expect([bars[0]![0], lastMs]).toEqual([3, expect.closeTo(pieces.at(-1)![0], 1)]);
    const grains = bars.map(([at]) => Math.floor(at / grainMs));
    expect(grains).toEqual([...new Set(grains)].toSorted((a, b) => a - b));
  },
);

test("a pause that is longer than a grain stays one, and the grain fits how long it took", () => {
  const hour = 3_600_000;
  // 50,000 pieces within a second, an hour of nothing, and as many again.
  const burst = (from: number) => Array.from({ length: 50_000 }, (_, i) => [from + i / 50, 10] as const);
  const { bars, grainMs } = recorded([...burst(0), ...burst(hour)]);
  const gaps = bars.slice(1).map(([at], i) => at - bars[i]![0]);
  expect(gaps.filter((gap) => gap > hour - 1100)).toHaveLength(1);
  expect(grainMs).toBeLessThanOrEqual(16);
  expect(sum(bars.slice(0, gaps.indexOf(Math.max(...gaps)) + 1))).toBe(500_000);
});

test("a day of one event each second is a picture of a day", () => {
  const { bars, grainMs } = recorded(Array.from({ length: 86_400 }, (_, i) => [i * 1000, 20] as const));
  expect(bars.length).toBeGreaterThan(128);
  expect(grainMs).toBeLessThan(86_400_000 / 128);
  expect(new Set(bars.slice(1, -1).map(([, bytes]) => Math.round(bytes / 20 / (grainMs / 1000))))).toEqual(
    new Set([1]),
  );
});
