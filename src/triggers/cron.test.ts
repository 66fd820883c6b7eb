/** The ticker, with a clock and timers that go as the test says. */
import { expect, test } from "bun:test";
import { makeTimed } from "../../test/support/schedules.ts";
import type { CronTick } from "../store/store.ts";
import { Cron } from "./cron.ts";

const MINUTE = 60_000;
const NOTHING: CronTick = { made: 0, skipped: [], more: false };

/** A clock whose hands and timers are moved by hand. */
function makeClock(now: number) {
  const timers = new Map<object, { at: number; run: () => void }>();
  /** What timers go by: it stands still while the machine sleeps, and nobody can set it. */
  let steady = 0;
  return {
    wall: now,
    now: () => clock.wall,
    after(ms: number, run: () => void) {
      const key = {};
      timers.set(key, { at: steady + ms, run });
      return () => void timers.delete(key);
    },
    /** How long until the next timer. */
    wait: () => Math.min(...[...timers.values()].map(({ at }) => at - steady)),
    /** Time passes for both; the timers that are due by then run. */
    pass(ms: number) {
      clock.wall += ms;
      steady += ms;
      for (const [key, { at, run }] of timers) if (at <= steady && timers.delete(key)) run();
    },
    get armed() {
      return timers.size;
    },
  };
}

const clock = makeClock(0);

/** A ticker that counts its steps. */
function makeCron(steps: (CronTick | Error)[] = []) {
  const seen: number[] = [];
  const [errors, told]: [unknown[], string[]] = [[], []];
  const cron = new Cron({
    clock,
    tick: async () => {
      seen.push(clock.wall);
      const step = steps.shift() ?? NOTHING;
      if (step instanceof Error) throw step;
      return step;
    },
    skipped: (_slot, sentence) => told.push(sentence),
    onError: (error) => errors.push(error),
  });
  return { cron, seen, errors, told };
}

test("it looks when it begins, at each beginning of a minute, and every 15 seconds at least", async () => {
  clock.wall = Date.parse("2026-05-07T12:00:50.500Z");
  const { cron, seen } = makeCron();
  await cron.look();
  expect([seen.length, clock.wait()]).toEqual([1, 9_500]);
  // A timer that fires early by a little.
  clock.pass(9_500);
  clock.wall -= 2;
  await cron.look();
  expect(clock.wait()).toBe(2);
  clock.pass(2);
  await cron.look();
  expect(clock.wait()).toBe(15_000);
  await cron.close();
  expect(clock.armed).toBe(0);
});

test("it goes on until nothing is due, in steps, and only one look is under way at a time", async () => {
  const more = { ...NOTHING, made: 100, more: true };
  const { cron, seen } = makeCron([more, more]);
  await Promise.all([cron.look(), cron.look()]);
  expect(seen.length).toBe(3);
  expect(clock.armed).toBe(1);
  await cron.close();
});

test("what fails is told, and tried again at the next look", async () => {
  const { cron, errors, seen } = makeCron([new Error("disk full")]);
  await cron.look();
  expect([errors.length, seen.length, clock.armed]).toEqual([1, 1, 1]);
  clock.pass(15_000);
  await cron.look();
  expect([errors.length, seen.length]).toEqual([1, 2]);
  await cron.close();
});

test("it ends in the middle of its work, between two steps", async () => {
  const { cron, seen } = makeCron(Array.from({ length: 10 }, () => ({ ...NOTHING, more: true })));
  const looking = cron.look();
  await cron.close();
  await looking;
  expect(seen.length).toBe(1);
  await cron.look();
  expect([seen.length, clock.armed]).toEqual([1, 0]);
});

test("an author is told why a run was left out", async () => {
  const slot = Date.parse("2026-05-07T12:10:00Z");
  const subject = { username: "ann", valId: "v", fileId: "f", branchId: "b", version: 3 } as const;
  const of = (trace: string | undefined) => ({ ...subject, trigger: "interval" as const, slot, trace });
  const { cron, told } = makeCron([{ ...NOTHING, skipped: [of("abc"), of(undefined)] }]);
  await cron.look();
  expect(told).toEqual([
    "The run of 2026-05-07T12:10:00.000Z was left out, because the one before is still under way (trace abc).",
    "The run of 2026-05-07T12:10:00.000Z was left out, because the one before still waits to begin.",
  ]);
  await cron.close();
});

test("a machine that slept makes up once, a clock that goes back runs nothing twice", async () => {
  await using t = await makeTimed();
  clock.wall = t.time.now;
  const fileId = await t.file("every 10 minutes");
  const cron = new Cron({
    clock,
    tick: (limit) => t.store.schedules.tick(limit, MINUTE),
    skipped: () => {},
    onError: (error) => expect(error).toBeUndefined(),
  });
  await cron.look();
  /** Time passes, timer by timer. */
  const until = async (end: number) => {
    while (clock.wall < end) {
      const step = Math.min(clock.wait(), end - clock.wall);
      t.time.now += step;
      clock.pass(step);
      await cron.look();
      await t.doJobs();
    }
  };
  const start = clock.wall;
  await until(start + 21 * MINUTE);
  expect(await t.ran(fileId)).toEqual(["12:05", "12:10", "12:20"]);
  // It sleeps for three hours: no timer runs, and when it is awake the clock is ahead.
  clock.wall += 180 * MINUTE;
  t.time.now = clock.wall;
  await until(clock.wall + 20_000);
  expect((await t.ran(fileId)).slice(3)).toEqual(["12:30"]);
  // The clock is set back by half an hour.
  clock.wall -= 30 * MINUTE;
  t.time.now = clock.wall;
  await until(clock.wall + 35 * MINUTE);
  expect((await t.ran(fileId)).slice(4)).toEqual(["15:30"]);
  await cron.close();
});
