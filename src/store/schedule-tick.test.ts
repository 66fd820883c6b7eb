/** What becomes due, with a clock that goes as the test says. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { at, makeTimed, seedCopies } from "../../test/support/schedules.ts";
import { openStore } from "./store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("slots that were missed", () => {
  test("get one run that stands for all of them", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    t.time.now = at("15:33");
    expect(await t.tick()).toMatchObject({ made: 1, skipped: [] });
    expect((await t.doJobs())[0]!.payload).toEqual({ slot: at("12:10"), catchUp: 21 });
    expect(await t.next(fileId)).toEqual([at("15:40")]);
    expect(await t.tick()).toMatchObject({ made: 0 });
  });

  test("are not told to be several when it was one, however late", async () => {
    await using t = await makeTimed();
    await t.file("every 10 minutes");
    t.time.now = at("12:19");
    await t.tick();
    expect((await t.doJobs())[0]!.payload).toEqual({ slot: at("12:10") });
  });

  test("while the run before goes on, or waits, are passed over and on record", async () => {
    await using t = await makeTimed();
    const { store, time, valId, branchId } = t;
    const fileId = await t.file("every 10 minutes");
    time.now = at("12:10");
    await t.tick();
    time.now = at("12:20");
    const waits = await t.tick();
    expect(waits).toMatchObject({
      made: 0,
      skipped: [{ fileId, valId, username: "ann", branchId, version: 1, slot: at("12:20") }],
    });
    expect(waits.skipped[0]!.trace).toBeUndefined();
    const claim = { owner: "test", now: time.now, leaseMs: HOUR, limit: 1, perVal: 1 };
    const [job] = await store.jobs.claim(claim);
    await store.jobs.begin(job!, { trace: "under-way", at: time.now });
    time.now = at("12:30");
    expect((await t.tick()).skipped).toMatchObject([{ slot: at("12:30"), trace: "under-way" }]);
    await store.jobs.finish(job!, { outcome: "ok", at: time.now });
    const { rows } = await store.jobs.runsOf(fileId, { limit: 3, offset: 0 });
    expect(rows.map(({ dueAt, outcome }) => [dueAt, outcome])).toEqual([
      [at("12:30"), "skipped"],
      [at("12:10"), "ok"],
      [at("12:20"), "skipped"],
    ]);
    time.now = at("12:40");
    expect(await t.tick()).toMatchObject({ made: 1, skipped: [] });
  });
});

describe("a paused schedule", () => {
  test("runs nothing, drops what waits, and goes on with the next slot without making up", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    t.time.now = at("12:10");
    await t.tick();
    await t.set(fileId, { paused: true });
    expect(await t.doJobs()).toEqual([]);
    t.time.now = at("13:00");
    expect(await t.tick()).toMatchObject({ made: 0 });
    // At a slot, to the millisecond: that one is not to come.
    await t.set(fileId, { paused: false });
    expect(await t.tick()).toMatchObject({ made: 0 });
    expect(await t.next(fileId)).toEqual([at("13:10")]);
  });

  test("that is paused at its slot, before anybody looked, does not run", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    t.time.now = at("12:10");
    await t.set(fileId, { paused: true });
    expect(await t.tick()).toMatchObject({ made: 0 });
  });
});

test("a file whose owner is suspended does not run; one run makes up for it when he is no more", async () => {
  await using t = await makeTimed();
  const { id: operator } = await t.store.users.create({ username: "bob" });
  await t.store.accounts.change(operator, { admin: true });
  const fileId = await t.file("every 10 minutes");
  t.time.now = at("12:10");
  await t.tick();
  await t.store.accounts.change(t.userId, { suspended: true });
  expect(await t.doJobs()).toEqual([]);
  t.time.now = at("12:31");
  expect(await t.tick()).toMatchObject({ made: 0, skipped: [] });
  await t.store.accounts.change(t.userId, { suspended: false });
  await t.doJobs();
  await t.tick();
  await t.doJobs();
  expect(await t.ran(fileId)).toEqual(["12:05", "12:10", "12:20"]);
});

describe("a clock that is set", () => {
  test("back by hours runs no slot twice: it is waited for", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    for (const time of ["12:10", "12:20", "11:00", "11:10", "12:10", "12:20", "12:29", "12:30"]) {
      t.time.now = at(time);
      await t.tick();
      await t.doJobs();
    }
    expect(await t.ran(fileId)).toEqual(["12:05", "12:10", "12:20", "12:30"]);
  });

  test("back by more than a day is believed: what comes next is worked out again", async () => {
    await using t = await makeTimed();
    t.time.now += 400 * DAY;
    const fileId = await t.file("every 10 minutes");
    t.time.now += 10 * MINUTE;
    await t.tick();
    await t.doJobs();
    t.time.now = at("12:07");
    expect(await t.tick()).toMatchObject({ made: 0 });
    expect(await t.next(fileId)).toEqual([at("12:10")]);
    t.time.now = at("12:10");
    expect(await t.tick()).toMatchObject({ made: 1 });
  });

  test("forward makes up once for what it passed", async () => {
    await using t = await makeTimed();
    const fileId = await t.file("every 10 minutes");
    t.time.now += 30 * DAY;
    await t.tick();
    expect((await t.doJobs())[0]!.payload).toEqual({ slot: at("12:10"), catchUp: 100 });
    expect(await t.next(fileId)).toEqual([at("12:10") + 30 * DAY]);
  });
});

test("each slot of a day on which clocks change is one run", async () => {
  await using t = await makeTimed();
  for (const [from, once] of [
    ["2026-03-28T23:30:00Z", "01:00"],
    ["2026-10-24T23:30:00Z", "00:30"],
  ] as const) {
    t.time.now = Date.parse(from);
    const daily = await t.file("30 2 * * *", "Europe/Berlin", `daily-${from.slice(5, 7)}.ts`);
    const often = await t.file("*/30 * * * *", "Europe/Berlin", `often-${from.slice(5, 7)}.ts`);
    for (const end = t.time.now + 4 * HOUR; t.time.now <= end; t.time.now += 10 * MINUTE) {
      await t.tick();
      await t.doJobs();
    }
    expect((await t.ran(daily)).slice(1)).toEqual([once]);
    // Real time goes on evenly, whatever clocks show.
    expect((await t.ran(often)).length).toBe(1 + 2 * 4);
    for (const fileId of [daily, often]) await t.set(fileId, { paused: true });
  }
});

test("two that look at once make each job once", async () => {
  await using t = await makeTimed();
  const files: string[] = [];
  for (let i = 0; i < 5; i++) files.push(await t.file("every 10 minutes", "UTC", `${i}.ts`));
  const other = await openStore({ folder: t.folder, now: () => t.time.now });
  t.time.now = at("12:10");
  const ticks = await Promise.all([t.store, other, t.store, other].map((one) => one.schedules.tick(10, 0)));
  await other.close();
  expect(ticks.reduce((sum, { made }) => sum + made, 0)).toBe(5);
  expect(ticks.flatMap(({ skipped }) => skipped)).toEqual([]);
  expect((await t.doJobs()).map(({ fileId }) => fileId).sort()).toEqual(files.sort());
});

test("a schedule that can be read no more keeps nobody else from theirs", async () => {
  await using t = await makeTimed();
  const [broken, whole] = [await t.file("every 10 minutes", "UTC", "a.ts"), await t.file("every 10 minutes")];
  using db = new Database(join(t.folder, "hamlet.db"));
  db.run("update schedules set time_zone = 'Mars/Olympus' where file_id = ?", [broken]);
  t.time.now = at("12:10");
  await t.tick();
  await t.doJobs();
  t.time.now = at("12:20");
  await t.tick();
  expect((await t.doJobs()).map(({ fileId }) => fileId)).toEqual([whole]);
  expect(await t.next(broken, 5)).toEqual([]);
});

test("of 10,000 files that are due at once, no step takes more than its share, and the whole takes no time", async () => {
  await using t = await makeTimed();
  const fileId = await t.file("every 10 minutes");
  seedCopies(t.folder, fileId, 9_999);
  t.time.now = at("12:10");
  const steps: number[] = [];
  for (let more = true; more; ) {
    const step = await t.store.schedules.tick(100, MINUTE);
    steps.push(step.made);
    more = step.more;
  }
  expect(steps.reduce((sum, made) => sum + made, 0)).toBe(10_000);
  expect(Math.max(...steps)).toBe(100);
  expect(await t.store.jobs.counts()).toMatchObject({ queued: 10_000 });
}, 60_000);
