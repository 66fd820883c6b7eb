import { expect, test } from "bun:test";
import { createRate } from "./rate.ts";

function makeClock() {
  const clock = { at: 0, now: () => clock.at };
  return clock;
}

test("a minute's worth passes at once, then one after the other as time goes by", () => {
  const clock = makeClock();
  const rate = createRate({ perMinute: 10, now: clock.now });
  for (let i = 0; i < 10; i++) expect(rate.take("ann")).toBe(0);
  expect(rate.take("ann")).toBe(6000);
  clock.at += 5999;
  expect(rate.take("ann")).toBe(1);
  clock.at += 1;
  expect(rate.take("ann")).toBe(0);
  expect(rate.take("ann")).toBe(6000);
});

test("asking too often costs nothing more than waiting", () => {
  const clock = makeClock();
  const rate = createRate({ perMinute: 60, burst: 1, now: clock.now });
  expect(rate.take("ann")).toBe(0);
  for (clock.at = 100; clock.at < 1000; clock.at += 100) expect(rate.take("ann")).toBe(1000 - clock.at);
  expect(rate.take("ann")).toBe(0);
});

test("a pause gives a full bucket, not more", () => {
  const clock = makeClock();
  const rate = createRate({ perMinute: 60, burst: 2, now: clock.now });
  clock.at = 3_600_000;
  expect([rate.take("ann"), rate.take("ann"), rate.take("ann")]).toEqual([0, 0, 1000]);
});

test("each key has its own", () => {
  const rate = createRate({ perMinute: 1, now: makeClock().now });
  expect([rate.take("ann"), rate.take("bob"), rate.take("ann")]).toEqual([0, 0, 60_000]);
});

test("the key that used nothing for the longest time is forgotten first", () => {
  const rate = createRate({ perMinute: 1, maxKeys: 2, now: makeClock().now });
  for (const key of ["ann", "bob", "cleo"]) rate.take(key);
  expect(rate.take("bob")).toBe(60_000);
  expect(rate.take("ann")).toBe(0);
});

test("no limit is no limit", () => {
  const rate = createRate({ perMinute: 0 });
  for (let i = 0; i < 1000; i++) expect(rate.take("ann")).toBe(0);
});

test("what costs more takes more, at most all there is", () => {
  const clock = makeClock();
  const rate = createRate({ perMinute: 60, burst: 10, now: clock.now });
  expect([rate.take("ann", 4), rate.take("ann", 7), rate.take("ann", 6)]).toEqual([0, 1000, 0]);
  clock.at += 10_000;
  expect([rate.take("ann", 1000), rate.take("ann", 1)]).toEqual([0, 1000]);
});

test("what is left is told without using any of it", () => {
  const clock = makeClock();
  const rate = createRate({ perMinute: 60, burst: 10, now: clock.now });
  expect(rate.left("ann")).toEqual({ permissions: 10, fullInMs: 0 });
  for (let i = 0; i < 10; i++) rate.take("ann");
  expect(rate.left("ann")).toEqual({ permissions: 0, fullInMs: 10_000 });
  clock.at += 2500;
  expect(rate.left("ann")).toEqual({ permissions: 2, fullInMs: 7500 });
  expect(rate.left("bob")).toEqual({ permissions: 10, fullInMs: 0 });
});
