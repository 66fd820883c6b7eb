/** Schedules of files, with a clock that goes as the test says. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "./store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.parse("2026-05-07T12:00:00Z");
const OWNER = "test";

let folder: string;
let store: Store;
let clock = NOON;
let userId: string;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "schedules-"));
  store = await openStore({ folder, now: () => clock });
  userId = (await store.users.create({ username: "ann" })).id;
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function makeVal(): Promise<string> {
  return (await store.vals.create({ userId, name: `val${++count}`, privacy: "public" })).id;
}

/** A val with one interval file, whose first job is done. */
async function makeFile(schedule?: string, timeZone?: string): Promise<{ valId: string; fileId: string }> {
  const valId = await makeVal();
  const { file } = await store.files.create({ valId }, { path: "cron.ts", type: "interval", content: "" });
  await doJobs();
  if (schedule !== undefined) await store.schedules.set(file.id, { schedule, timeZone }, 0);
  return { valId, fileId: file.id };
}

/** Everything that is queued is run; returns what it was. */
async function doJobs(at = clock) {
  const jobs = await store.jobs.claim({ owner: OWNER, now: at, leaseMs: MINUTE, limit: 1000, perVal: 1000 });
  for (const job of jobs) {
    await store.jobs.begin(job, { trace: `trace-${job.id}`, at });
    await store.jobs.finish(job, { outcome: "ok", at });
  }
  return jobs;
}

/** The slots of a file that were made jobs and done, as times of day. */
async function slotsOf(fileId: string): Promise<string[]> {
  const { rows } = await store.jobs.runsOf(fileId, { limit: 100, offset: 0 });
  return rows
    .filter(({ outcome }) => outcome === "ok")
    .map(({ dueAt }) => new Date(dueAt).toISOString().slice(11, 16))
    .reverse();
}

const at = (text: string) => Date.parse(`2026-05-07T${text}:00Z`);

describe("a new interval file", () => {
  test("runs hourly, and once at once", async () => {
    clock = at("12:10");
    const valId = await makeVal();
    const { file } = await store.files.create({ valId }, { path: "a.ts", type: "interval", content: "" });
    expect(await store.schedules.of(file.id)).toEqual({
      schedule: "every hour",
      timeZone: "UTC",
      paused: false,
      lastRunAt: null,
    });
    expect(await store.schedules.next(file.id, 2, 0)).toEqual([at("13:00"), at("14:00")]);
    const [job, ...others] = await doJobs();
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      kind: "interval",
      fileId: file.id,
      valId,
      userId,
      payload: { slot: clock },
      key: `cron:${file.id}:2026-05-07T12:10:00.000Z`,
      maxAttempts: 1,
    });
    clock = at("13:00");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 1, more: false });
    expect((await doJobs()).map(({ payload }) => payload)).toEqual([{ slot: at("13:00") }]);
  });

  test("is one that was of another type before", async () => {
    const valId = await makeVal();
    const { file } = await store.files.create({ valId }, { path: "a.ts", type: "script", content: "" });
    expect(await store.schedules.of(file.id)).toBeUndefined();
    await store.files.update({ valId }, "a.ts", { type: "interval" });
    expect((await doJobs()).map(({ fileId }) => fileId)).toEqual([file.id]);
    expect(await store.schedules.of(file.id)).toMatchObject({ schedule: "every hour", paused: false });
  });

  test("may begin with a schedule of its own, paused", async () => {
    const valId = await makeVal();
    const schedule = { schedule: "0 9 * * 1", timeZone: "Europe/Berlin", paused: true };
    const file = { path: "a.ts", type: "interval", content: "", schedule } as const;
    const saved = await store.files.create({ valId }, file);
    expect(await doJobs()).toEqual([]);
    expect(await store.schedules.of(saved.file.id)).toEqual({ ...schedule, lastRunAt: null });
    expect(await store.schedules.next(saved.file.id, 5, 0)).toEqual([]);
  });
});

describe("a file that is gone", () => {
  test("does not run, and goes on with its schedule when it is back", async () => {
    clock = at("12:05");
    const { valId, fileId } = await makeFile("every 10 minutes");
    await store.files.remove({ valId }, "cron.ts", false);
    clock = at("12:30");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([]);
    await store.versions.revert({ valId }, { version: 1 });
    expect(await store.schedules.of(fileId)).toMatchObject({ schedule: "every 10 minutes", paused: false });
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([at("12:40")]);
    expect(await doJobs()).toEqual([]);
  });

  test("nor does one of another type, or of a val or a branch that is gone", async () => {
    clock = at("12:05");
    const [typed, owned, forked] = [await makeFile(), await makeFile(), await makeFile()];
    await store.files.update({ valId: typed.valId }, "cron.ts", { type: "script" });
    await store.vals.remove(owned.valId);
    const branch = await store.branches.fork({ valId: forked.valId, name: "other", authorId: userId });
    const copy = (await store.files.at({ valId: forked.valId, branchId: branch.id }, "cron.ts"))!;
    await store.schedules.set(copy.id, { paused: false }, 0);
    await store.schedules.set(forked.fileId, { paused: true }, 0);
    await store.branches.remove(forked.valId, branch.id);
    clock = at("13:00");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
  });
});

describe("a copy", () => {
  test("in another branch or in a remix has its original's schedule, paused", async () => {
    const { valId } = await makeFile("30 9 * * 1-5", "Asia/Kolkata");
    const like = { schedule: "30 9 * * 1-5", timeZone: "Asia/Kolkata" };
    const branch = await store.branches.fork({ valId, name: "other", authorId: userId });
    const forked = (await store.files.at({ valId, branchId: branch.id }, "cron.ts"))!;
    expect(await store.schedules.of(forked.id)).toEqual({ ...like, paused: true, lastRunAt: null });
    const remix = await store.remixes.create({ sourceValId: valId, userId, authorId: userId });
    const main = (await store.vals.branch(remix.id))!;
    const copied = (await store.files.at({ valId: remix.id, branchId: main.id }, "cron.ts"))!;
    expect(await store.schedules.of(copied.id)).toEqual({ ...like, paused: true, lastRunAt: null });
    expect(await doJobs()).toEqual([]);
  });

  test("that a merge brings is active with its original's schedule, and waits for its time", async () => {
    clock = at("12:05");
    const valId = await makeVal();
    await store.files.create({ valId }, { path: "a.ts", type: "script", content: "" });
    const branch = await store.branches.fork({ valId, name: "other", authorId: userId });
    const target = { valId, branchId: branch.id };
    const { file } = await store.files.create(target, { path: "cron.ts", type: "interval", content: "" });
    await doJobs();
    await store.schedules.set(file.id, { schedule: "every 20 minutes", paused: true }, 0);
    const main = (await store.vals.branch(valId))!;
    const request = {
      sourceId: branch.id,
      targetId: main.id,
      authorId: userId,
      conflicts: "refuse",
    } as const;
    expect(await store.merges.merge(request)).toMatchObject({ merged: true });
    const merged = (await store.files.at({ valId, branchId: main.id }, "cron.ts"))!;
    expect(await store.schedules.of(merged.id)).toMatchObject({
      schedule: "every 20 minutes",
      paused: false,
    });
    expect(await doJobs()).toEqual([]);
    expect(await store.schedules.next(merged.id, 1, 0)).toEqual([at("12:20")]);
    await store.schedules.set(merged.id, { paused: true }, 0);
  });
});

describe("slots that were missed", () => {
  test("get one run that stands for all of them", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock = at("15:33");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 1, skipped: [] });
    const [job] = await doJobs();
    expect(job!.payload).toEqual({ slot: at("12:10"), catchUp: 21 });
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([at("15:40")]);
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("are not told to be several when it was one, however late", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock = at("12:19");
    await store.schedules.tick(10, 0);
    expect((await doJobs())[0]!.payload).toEqual({ slot: at("12:10") });
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("while the run before goes on, or waits, are passed over and on record", async () => {
    clock = at("12:05");
    const { valId, fileId } = await makeFile("every 10 minutes");
    clock = at("12:10");
    await store.schedules.tick(10, 0);
    clock = at("12:20");
    const waits = await store.schedules.tick(10, 0);
    expect(waits).toMatchObject({ made: 0, skipped: [{ fileId, valId, userId, slot: at("12:20") }] });
    expect(waits.skipped[0]!.trace).toBeUndefined();
    const [job] = await store.jobs.claim({ owner: OWNER, now: clock, leaseMs: HOUR, limit: 1, perVal: 1 });
    await store.jobs.begin(job!, { trace: "under-way", at: clock });
    clock = at("12:30");
    const runs = await store.schedules.tick(10, 0);
    expect(runs.skipped).toMatchObject([{ slot: at("12:30"), trace: "under-way" }]);
    await store.jobs.finish(job!, { outcome: "ok", at: clock });
    const { rows } = await store.jobs.runsOf(fileId, { limit: 3, offset: 0 });
    expect(rows.map(({ dueAt, outcome }) => [dueAt, outcome])).toEqual([
      [at("12:30"), "skipped"],
      [at("12:10"), "ok"],
      [at("12:20"), "skipped"],
    ]);
    clock = at("12:40");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 1, skipped: [] });
    await doJobs();
    await store.schedules.set(fileId, { paused: true }, 0);
  });
});

describe("a paused schedule", () => {
  test("runs nothing, what waits to begin is dropped, and goes on with the next slot without making up", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock = at("12:10");
    await store.schedules.tick(10, 0);
    await store.schedules.set(fileId, { paused: true }, 0);
    expect(await doJobs()).toEqual([]);
    clock = at("13:00");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
    // At a slot, to the millisecond: that one is not to come.
    await store.schedules.set(fileId, { paused: false }, 0);
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([at("13:10")]);
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("that is paused at its slot, before anybody looked, does not run", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock = at("12:10");
    await store.schedules.set(fileId, { paused: true }, 0);
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
  });
});

describe("a change", () => {
  test("counts from then on: what was due by the old schedule is no more", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock = at("12:10");
    await store.schedules.set(fileId, { schedule: "15 * * * *" }, 0);
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 0 });
    expect(await store.schedules.next(fileId, 2, 0)).toEqual([at("12:15"), at("13:15")]);
    // The same again changes nothing, not even when it is due.
    clock = at("12:15");
    await store.schedules.set(fileId, { schedule: " 15  * * * * " }, 0);
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 1 });
    await doJobs();
    await store.schedules.set(fileId, { timeZone: "Asia/Kathmandu" }, 0);
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([at("12:30")]);
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("that cannot be is refused, and leaves all as it was", async () => {
    const { fileId } = await makeFile("every 10 minutes");
    const set = (change: object, periodMs = 0) =>
      store.schedules.set(fileId, change, periodMs).then(
        () => "done",
        (error) => `${error.failure}: ${error.message}`,
      );
    expect(await set({ schedule: "soon" })).toStartWith('bad_schedule: "soon" is no schedule. Write');
    expect(await set({ timeZone: "Mars/Olympus" })).toStartWith("bad_time_zone: There is no time zone");
    expect(await set({ schedule: "every 5 minutes" }, 15 * MINUTE)).toBe(
      'too_often: "every 5 minutes" runs after 5 minutes already; this account\'s schedules may run every 15 minutes at most.',
    );
    expect(await set({ schedule: "0,59 * * * *" }, 15 * MINUTE)).toStartWith("too_often");
    expect(await set({ schedule: "every 15 minutes" }, 15 * MINUTE)).toBe("done");
    expect(
      await store.schedules.set("00000000-0000-4000-8000-000000000000", {}, 0).catch((e) => e.failure),
    ).toBe("no_file");
    await set({ paused: true });
  });
});

describe("an account's own period", () => {
  test("is asked for at a change, and slows down what is faster already", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 5 minutes");
    await store.accounts.change(userId, { minPeriodMs: 12 * MINUTE });
    expect(await store.schedules.next(fileId, 3, 0)).toEqual([at("12:10"), at("12:25"), at("12:40")]);
    for (const minute of [10, 15, 20, 25]) {
      clock = at(`12:${minute}`);
      await store.schedules.tick(10, MINUTE);
      await doJobs();
    }
    expect(await slotsOf(fileId)).toEqual(["12:05", "12:10", "12:25"]);
    // What it has already may be paused and resumed, but not changed to what it may not have.
    await store.schedules.set(fileId, { paused: true }, 0);
    await store.schedules.set(fileId, { paused: false }, 0);
    const refused = store.schedules.set(fileId, { schedule: "every 10 minutes" }, 0);
    expect(await refused.catch((error) => error.failure)).toBe("too_often");
    await store.accounts.change(userId, { minPeriodMs: null });
    await store.schedules.set(fileId, { paused: true }, 0);
  });
});

describe("a clock that is set", () => {
  test("back by hours runs no slot twice: it is waited for", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    for (const time of ["12:10", "12:20", "11:00", "11:10", "12:10", "12:20", "12:29", "12:30"]) {
      clock = at(time);
      await store.schedules.tick(10, 0);
      await doJobs();
    }
    expect(await slotsOf(fileId)).toEqual(["12:05", "12:10", "12:20", "12:30"]);
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("back by more than a day is believed: what comes next is worked out again", async () => {
    clock = at("12:05") + 400 * DAY;
    const { fileId } = await makeFile("every 10 minutes");
    clock += 10 * MINUTE;
    await store.schedules.tick(10, 0);
    await doJobs();
    clock = at("12:07");
    await store.schedules.tick(10, 0);
    expect(await store.schedules.next(fileId, 1, 0)).toEqual([at("12:10")]);
    clock = at("12:10");
    expect(await store.schedules.tick(10, 0)).toMatchObject({ made: 1 });
    await doJobs();
    await store.schedules.set(fileId, { paused: true }, 0);
  });

  test("forward makes up once for what it passed", async () => {
    clock = at("12:05");
    const { fileId } = await makeFile("every 10 minutes");
    clock += 30 * DAY;
    await store.schedules.tick(10, 0);
    expect((await doJobs())[0]!.payload).toEqual({ slot: at("12:10"), catchUp: 1000 });
    await store.schedules.set(fileId, { paused: true }, 0);
  });
});

test("each slot of a day on which clocks change is one run", async () => {
  for (const [from, hours] of [
    ["2026-03-28T23:30:00Z", 4],
    ["2026-10-24T23:30:00Z", 4],
  ] as const) {
    clock = Date.parse(from);
    const files = [
      await makeFile("30 2 * * *", "Europe/Berlin"),
      await makeFile("*/30 * * * *", "Europe/Berlin"),
    ];
    for (const end = clock + hours * HOUR; clock <= end; clock += MINUTE) {
      await store.schedules.tick(10, 0);
      await doJobs();
    }
    expect((await slotsOf(files[0]!.fileId)).slice(1)).toEqual([from < "2026-06" ? "01:00" : "00:30"]);
    // Real time goes on evenly, whatever clocks show.
    expect((await slotsOf(files[1]!.fileId)).length).toBe(1 + 2 * hours);
    for (const { fileId } of files) await store.schedules.set(fileId, { paused: true }, 0);
  }
});

test("two that look at once make each job once", async () => {
  clock = at("12:05");
  const files = await Promise.all(Array.from({ length: 5 }, () => makeFile("every 10 minutes")));
  const other = await openStore({ folder, now: () => clock });
  clock = at("12:10");
  const ticks = await Promise.all([store, other, store, other].map((one) => one.schedules.tick(10, 0)));
  expect(ticks.reduce((sum, { made }) => sum + made, 0)).toBe(5);
  expect(ticks.flatMap(({ skipped }) => skipped)).toEqual([]);
  expect((await doJobs()).map(({ fileId }) => fileId).sort()).toEqual(files.map((f) => f.fileId).sort());
  await other.close();
  for (const { fileId } of files) await store.schedules.set(fileId, { paused: true }, 0);
});

test("the start of the run before is known from the second run on", async () => {
  const { fileId } = await makeFile();
  expect(await store.schedules.began(fileId, 1000)).toBeNull();
  expect(await store.schedules.began(fileId, 2000)).toBe(1000);
  expect(await store.schedules.of(fileId)).toMatchObject({ lastRunAt: 2000 });
  await store.schedules.set(fileId, { paused: true }, 0);
});
