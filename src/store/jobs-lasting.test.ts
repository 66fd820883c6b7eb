import { expect, test } from "bun:test";
import { ALL, keys, withJobs } from "../../test/support/jobs.ts";
import { busyFiles, dropWaiting, recordSkipped } from "./jobs.ts";

test("of each file the last hundred runs are kept, those that last included", () =>
  withJobs(async ({ jobs, db, file, add, claim, clock }) => {
    const [main, other] = [await file("main.ts"), await file("other.ts")];
    await add(other);
    const [lasting] = await claim();
    await jobs.begin(lasting!, { trace: "t", at: clock.at });
    for (let n = 0; n < 103; n++) {
      await add(main);
      const [job] = await claim();
      await jobs.finish(job!, { outcome: "failed", error: String(n), at: clock.at });
    }
    const { rows, more } = await jobs.runsOf(main.fileId, ALL);
    expect([rows.length, more, rows[0]!.error, rows[99]!.error]).toEqual([100, false, "102", "3"]);
    expect((await jobs.runsOf(other.fileId, ALL)).rows.map((run) => run.outcome)).toEqual([undefined]);
    // A job that waits for hours ends nothing, while one slot after the other is passed over.
    const slot = { ...other, kind: "interval" as const, payload: 0, runAt: clock.at, maxAttempts: 1 };
    const slots = Array.from({ length: 150 }, (_, n) => ({ ...slot, key: `slot:${n}` }));
    await db.transaction().execute((trx) => recordSkipped(trx, slots, "It still ran."));
    const { rows: left } = await jobs.runsOf(other.fileId, { limit: 200, offset: 0 });
    expect([left.length, left.at(-1)!.outcome, left[0]!.outcome]).toEqual([101, undefined, "skipped"]);
  }));

test("what has not begun of a file can be dropped for good, and slots be passed over on record", () =>
  withJobs(async ({ jobs, db, file, add, claim, clock }) => {
    const [main, other] = [await file("main.ts"), await file("other.ts")];
    for (const key of ["queued", "claimed"]) await add(main, { key });
    await add(other, { key: "other" });
    const claimed = await claim(1);
    const busy = await db
      .transaction()
      .execute((trx) => busyFiles(trx, "interval", [main.fileId, other.fileId, "none"]));
    expect([...busy].sort()).toEqual([main.fileId, other.fileId].sort());
    await db.transaction().execute((trx) => dropWaiting(trx, "interval", main.fileId));
    expect(await jobs.begin(claimed[0]!, { trace: "t", at: clock.at })).toBe(false);
    expect(keys(await claim(9))).toEqual(["other"]);
    const slot = { ...main, kind: "interval" as const, payload: 0, runAt: 7, key: "slot", maxAttempts: 1 };
    await db.transaction().execute((trx) => recordSkipped(trx, [slot], "It still ran."));
    expect((await jobs.runsOf(main.fileId, ALL)).rows).toMatchObject([
      { outcome: "skipped", error: "It still ran.", dueAt: 7, attempt: 0 },
    ]);
  }));

test("jobs of a val go with it and change owners with it; those of a branch go with the branch", () =>
  withJobs(async ({ store, jobs, db, file, val, add }) => {
    const mine = await file("main.ts");
    const theirs = await file("main.ts", await val("bob"));
    for (const of of [mine, theirs]) await add(of);
    const run = { ...theirs, kind: "interval" as const, payload: 0, runAt: 7, key: "x", maxAttempts: 1 };
    await db.transaction().execute((trx) => recordSkipped(trx, [run], "It still ran."));
    await store.vals.transfer(theirs.valId, mine.userId);
    expect((await jobs.list({ valId: theirs.valId }, ALL)).rows[0]!.userId).toBe(mine.userId);
    await store.vals.remove(theirs.valId);
    await store.settled();
    expect((await jobs.list({ valId: theirs.valId }, ALL)).rows).toEqual([]);
    expect((await jobs.runsOf(theirs.fileId, ALL)).rows).toEqual([]);
    expect((await jobs.list({ valId: mine.valId, state: "queued" }, ALL)).rows).toHaveLength(1);
    expect((await jobs.list({ valId: mine.valId, state: "dead" }, ALL)).rows).toEqual([]);
    const branch = await store.branches.fork({ valId: mine.valId, name: "dev", authorId: mine.userId });
    const copy = await store.files.at({ valId: mine.valId, branchId: branch.id }, "main.ts");
    await add({ ...mine, fileId: copy!.id });
    await store.branches.remove(mine.valId, branch.id);
    expect((await jobs.list({ valId: mine.valId }, ALL)).rows.map(({ fileId }) => fileId)).toEqual([
      mine.fileId,
    ]);
  }));

test("whoever watches hears of jobs that the store itself makes", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    let heard = 0;
    const end = jobs.watch(() => heard++);
    await add(await file("main.ts"), { kind: "email", maxAttempts: 5 });
    const [job] = await claim();
    await jobs.finish(job!, { outcome: "failed", at: clock.at, dead: true });
    expect(heard).toBe(0);
    await jobs.revive(job!.id);
    expect(heard).toBe(1);
    end();
    jobs.made();
    expect(heard).toBe(1);
  }));

test("of a file's failures somebody is told once in a while, across restarts, and of a file that is gone never", () =>
  withJobs(async ({ store, jobs, file, clock }) => {
    const { fileId, valId } = await file("main.ts");
    const tell = () => jobs.mayTell(fileId, clock.at, 3_600_000);
    expect([await tell(), await tell()]).toEqual([true, false]);
    clock.at += 3_600_000;
    expect(await tell()).toBe(true);
    clock.at -= 86_400_000;
    expect([await tell(), await tell()]).toEqual([true, false]);
    await store.files.remove({ valId }, "main.ts", false);
    clock.at += 3_600_000;
    expect([await tell(), await jobs.mayTell("none", clock.at, 1)]).toEqual([false, false]);
  }));
