/** Schedules of files, and what becomes of them when files come and go. */
import { describe, expect, test } from "bun:test";
import { at, makeTimed } from "../../test/support/schedules.ts";
import { failureOf } from "../../test/support/store.ts";
import type { ScheduleChange, StoreError } from "./store.ts";

const MINUTE = 60_000;

describe("a new interval file", () => {
  test("runs hourly, and once at once", async () => {
    await using t = await makeTimed();
    const { store, valId, userId } = t;
    const { file } = await store.files.create({ valId }, { path: "a.ts", type: "interval", content: "" });
    expect(await store.schedules.of(file.id)).toEqual({
      schedule: "every hour",
      timeZone: "UTC",
      paused: false,
      lastRunAt: null,
    });
    expect(await t.next(file.id, 2)).toEqual([at("13:00"), at("14:00")]);
    const [job, ...others] = await t.doJobs();
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      ...{ kind: "interval", fileId: file.id, valId, userId, maxAttempts: 1 },
      payload: { slot: at("12:05") },
      key: `cron:${file.id}:2026-05-07T12:05:00.000Z`,
    });
    t.time.now = at("13:00");
    expect(await t.tick()).toMatchObject({ made: 1, more: false });
    expect((await t.doJobs()).map(({ payload }) => payload)).toEqual([{ slot: at("13:00") }]);
  });

  test("is one that was of another type before", async () => {
    await using t = await makeTimed();
    const { store, valId } = t;
    const { file } = await store.files.create({ valId }, { path: "a.ts", type: "script", content: "" });
    expect(await store.schedules.of(file.id)).toBeUndefined();
    await store.files.update({ valId }, "a.ts", { type: "interval" });
    expect((await t.doJobs()).map(({ fileId }) => fileId)).toEqual([file.id]);
    expect(await store.schedules.of(file.id)).toMatchObject({ schedule: "every hour", paused: false });
  });

  test("may begin with a schedule of its own, paused", async () => {
    await using t = await makeTimed();
    const schedule = { schedule: "0 9 * * 1", timeZone: "Europe/Berlin", paused: true };
    const wanted = { path: "a.ts", type: "interval", content: "", schedule } as const;
    const { file } = await t.store.files.create(t, wanted);
    expect(await t.doJobs()).toEqual([]);
    expect(await t.store.schedules.of(file.id)).toEqual({ ...schedule, lastRunAt: null });
    expect(await t.next(file.id)).toEqual([]);
  });
});

describe("a file that is gone", () => {
  test("does not run, and goes on with its schedule when it is back", async () => {
    await using t = await makeTimed();
    const { store, valId } = t;
    const fileId = await t.file("every 10 minutes");
    await store.files.remove({ valId }, "cron.ts", false);
    t.time.now = at("12:30");
    expect(await t.tick()).toMatchObject({ made: 0 });
    expect(await t.next(fileId)).toEqual([]);
    await store.versions.revert({ valId }, 1);
    expect(await store.schedules.of(fileId)).toMatchObject({ schedule: "every 10 minutes", paused: false });
    expect(await t.next(fileId)).toEqual([at("12:40")]);
    expect(await t.doJobs()).toEqual([]);
  });

  test("nor does one of another type, or of a val or a branch that is gone", async () => {
    await using t = await makeTimed();
    const { store, valId, userId } = t;
    const fileId = await t.file();
    const branch = await store.branches.fork({ valId, name: "other", authorId: userId });
    const copy = (await store.files.at({ valId, branchId: branch.id }, "cron.ts"))!;
    await t.set(copy.id, { paused: false });
    await store.branches.remove(valId, branch.id);
    await store.files.update({ valId }, "cron.ts", { type: "script" });
    const other = await t.val("other");
    await store.files.create({ valId: other }, { path: "a.ts", type: "interval", content: "" });
    await store.vals.remove(other);
    t.time.now = at("13:00");
    expect(await t.tick()).toMatchObject({ made: 0 });
    await store.files.update({ valId }, "cron.ts", { type: "interval" });
    expect(await t.next(fileId)).toEqual([at("14:00")]);
    expect(await t.ran(fileId)).toEqual(["12:05"]);
  });
});

describe("a copy", () => {
  test("in another branch or in a remix has its original's schedule, paused", async () => {
    await using t = await makeTimed();
    const { store, valId, userId } = t;
    await t.file("30 9 * * 1-5", "Asia/Kolkata");
    const like = { schedule: "30 9 * * 1-5", timeZone: "Asia/Kolkata", paused: true, lastRunAt: null };
    const branch = await store.branches.fork({ valId, name: "other", authorId: userId });
    const forked = (await store.files.at({ valId, branchId: branch.id }, "cron.ts"))!;
    expect(await store.schedules.of(forked.id)).toEqual(like);
    const remix = await store.remixes.create({ sourceValId: valId, userId, authorId: userId });
    const main = (await store.vals.branch(remix.id))!;
    const copied = (await store.files.at({ valId: remix.id, branchId: main.id }, "cron.ts"))!;
    expect(await store.schedules.of(copied.id)).toEqual(like);
    expect(await t.doJobs()).toEqual([]);
  });

  test("that a merge brings is active with its original's schedule, and waits for its time", async () => {
    await using t = await makeTimed();
    const { store, valId, userId, branchId } = t;
    await store.files.create({ valId }, { path: "a.ts", type: "script", content: "" });
    const branch = await store.branches.fork({ valId, name: "other", authorId: userId });
    const target = { valId, branchId: branch.id };
    const { file } = await store.files.create(target, { path: "cron.ts", type: "interval", content: "" });
    await t.doJobs();
    await t.set(file.id, { schedule: "every 20 minutes", paused: true });
    const ask = { sourceId: branch.id, targetId: branchId, authorId: userId, conflicts: "refuse" } as const;
    expect(await store.merges.merge(ask)).toMatchObject({ merged: true });
    const merged = (await store.files.at({ valId, branchId }, "cron.ts"))!;
    expect(await store.schedules.of(merged.id)).toMatchObject({
      schedule: "every 20 minutes",
      paused: false,
    });
    expect(await t.doJobs()).toEqual([]);
    expect(await t.next(merged.id)).toEqual([at("12:20")]);
  });
});

describe("a change", () => {
  test("counts from then on: what was due by the old schedule is no more", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    t.time.now = at("12:10");
    await t.set(fileId, { schedule: "15 * * * *" });
    expect(await t.tick()).toMatchObject({ made: 0 });
    expect(await t.next(fileId, 2)).toEqual([at("12:15"), at("13:15")]);
    // The same again changes nothing, not even when it is due.
    t.time.now = at("12:15");
    await t.set(fileId, { schedule: " 15  * * * * " });
    expect(await t.tick()).toMatchObject({ made: 1 });
    await t.set(fileId, { timeZone: "Asia/Kathmandu" });
    expect(await t.next(fileId)).toEqual([at("12:30")]);
  });

  test("that cannot be is refused, and leaves all as it was", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    const refused = (change: ScheduleChange, periodMs?: number) =>
      t.set(fileId, change, periodMs).then(
        () => "none",
        (error: StoreError) => `${error.failure}: ${error.message}`,
      );
    expect(await refused({ schedule: "soon" })).toStartWith('bad_schedule: "soon" is no schedule. Write');
    expect(await refused({ timeZone: "Mars/Olympus" })).toStartWith("bad_time_zone: There is no time zone");
    expect(await refused({ schedule: "every 5 minutes" }, 15 * MINUTE)).toBe(
      'too_often: "every 5 minutes" runs after 5 minutes already; this account\'s schedules may run every 15 minutes at most.',
    );
    expect(await refused({ schedule: "0,59 * * * *" }, 15 * MINUTE)).toStartWith("too_often");
    expect(await t.store.schedules.of(fileId)).toMatchObject({ schedule: "every 10 minutes" });
    expect(await refused({ schedule: "every 15 minutes" }, 15 * MINUTE)).toBe("none");
    expect(await failureOf(t.set(crypto.randomUUID(), {}))).toBe("no_file");
  });
});

test("an account's own period is asked for at a change, and slows down what is faster already", async () => {
  await using t = await makeTimed();
  const { store, userId } = t;
  const fileId = await t.file("every 5 minutes");
  await store.accounts.change(userId, { minPeriodMs: 12 * MINUTE });
  expect(await t.next(fileId, 3)).toEqual([at("12:10"), at("12:25"), at("12:40")]);
  for (const minute of [10, 15, 20, 25]) {
    t.time.now = at(`12:${minute}`);
    await t.tick(MINUTE);
    await t.doJobs();
  }
  expect(await t.ran(fileId)).toEqual(["12:05", "12:10", "12:25"]);
  // What it has already may be paused and resumed, but not changed to what it may not have.
  await t.set(fileId, { paused: true });
  await t.set(fileId, { paused: false });
  expect(await failureOf(t.set(fileId, { schedule: "every 10 minutes" }))).toBe("too_often");
  await store.accounts.change(userId, { minPeriodMs: null });
  await t.set(fileId, { schedule: "every minute" }, MINUTE);
});

test("the start of the run before is known from the second run on", async () => {
  await using t = await makeTimed();
  const fileId = await t.file();
  t.time.now = 1000;
  expect(await t.store.schedules.began(fileId)).toBeNull();
  t.time.now = 2000;
  expect(await t.store.schedules.began(fileId)).toBe(1000);
  expect(await t.store.schedules.of(fileId)).toMatchObject({ lastRunAt: 2000 });
});
