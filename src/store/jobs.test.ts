import { expect, test } from "bun:test";
import { ALL, keys, LEASE_MS, withJobs } from "../../test/support/jobs.ts";
import { enqueue } from "./jobs.ts";

test("a job is claimed once it is due, by one process, and is gone when it is done", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    const main = await file("main.ts");
    await add(main, { key: "a", runAt: clock.at + 1000, payload: { slot: 5 } });
    expect([await claim(), await jobs.nextAt(clock.at)]).toEqual([[], clock.at + 1000]);
    clock.at += 1000;
    const [job] = await claim();
    expect(job).toMatchObject({
      key: "a",
      payload: { slot: 5 },
      state: "running",
      begun: false,
      owner: "p1",
    });
    expect(await claim(1, { owner: "p2" })).toEqual([]);
    expect(await jobs.begin(job!, { trace: "t1", at: clock.at + 1 })).toBe(true);
    expect(await jobs.counts()).toEqual({ queued: 0, running: 1, dead: 0 });
    await jobs.finish(job!, { outcome: "ok", at: clock.at + 5 });
    expect(await jobs.find(job!.id)).toBeUndefined();
    const { rows } = await jobs.runsOf(main.fileId, ALL);
    expect(rows).toMatchObject([
      {
        outcome: "ok",
        trace: "t1",
        attempt: 1,
        dueAt: clock.at,
        startedAt: clock.at + 1,
        endedAt: clock.at + 5,
      },
    ]);
  }));

test("while a key is in the queue or in the history no second job is made with it", () =>
  withJobs(async ({ jobs, file, add, claim, clock, db }) => {
    const main = await file("main.ts");
    await add(main, { key: "cron:1" });
    await add(main, { key: "cron:1" });
    const [job, ...more] = await claim(10);
    expect(more).toEqual([]);
    await jobs.begin(job!, { trace: "t", at: clock.at });
    await jobs.finish(job!, { outcome: "failed", error: "no", at: clock.at });
    await add(main, { key: "cron:1" });
    expect(await claim(10)).toEqual([]);
    const row = { ...main, kind: "interval" as const, payload: 0, runAt: clock.at, maxAttempts: 1 };
    const many = Array.from({ length: 450 }, (_, n) => ({ ...row, key: `many:${n % 440}` }));
    await db.transaction().execute((trx) => enqueue(trx, many));
    expect(await jobs.counts()).toEqual({ queued: 440, running: 0, dead: 0 });
  }));

test("jobs of an account that is suspended wait, and hold up nobody else's", () =>
  withJobs(async ({ store, file, val, add, claim }) => {
    const mine = await file("main.ts");
    const theirs = await file("main.ts", await val("bob"));
    await add(mine, { key: "mine" });
    await add(theirs, { key: "theirs", kind: "email", maxAttempts: 5 });
    await add(theirs, { key: "theirs too" });
    await store.accounts.change(theirs.userId, { suspended: true });
    expect(keys(await claim(10))).toEqual(["mine"]);
    expect(await claim(10)).toEqual([]);
    await store.accounts.change(theirs.userId, { suspended: false });
    expect(keys(await claim(10))).toEqual(["theirs", "theirs too"]);
  }));

test("ten thousand jobs of one account hold up neither another account's nor another val's", () =>
  withJobs(async ({ db, file, val, add, claim, clock }) => {
    const flood = await file("main.ts");
    const row = { ...flood, kind: "email" as const, payload: 0, runAt: clock.at - 9999, maxAttempts: 5 };
    const many = Array.from({ length: 10_000 }, (_, n) => ({ ...row, key: `flood:${n}` }));
    await db.transaction().execute((trx) => enqueue(trx, many));
    await add(await file("main.ts", await val("ann", "second")), { key: "second" });
    await add(await file("main.ts", await val("bob")), { key: "bob" });
    const first = keys(await claim(4));
    expect(first).toContain("bob");
    expect(first).toContain("second");
    // And the other way round: whoever came late does not come before those who wait.
    await add(await file("other.ts", await val("bob", "third")), { key: "bob again" });
    expect(keys(await claim(2)).filter((key) => key.startsWith("flood"))).toHaveLength(1);
  }));

test("a val runs no more at once than it may, and what is excepted is left alone", () =>
  withJobs(async ({ file, val, add, claim }) => {
    const main = await file("main.ts");
    const other = await file("main.ts", await val("bob"));
    for (const key of ["a", "b", "c"]) await add(main, { key });
    await add(other, { key: "d" });
    expect(await claim(9, { exceptVals: [main.valId], exceptUsers: [other.userId] })).toEqual([]);
    expect(keys(await claim(9, { perVal: 2 })).sort()).toEqual(["a", "b", "d"]);
    expect(await claim(9, { perVal: 2 })).toEqual([]);
    expect(keys(await claim(9, { perVal: 3 }))).toEqual(["c"]);
  }));

test("what did not begin may be given back, which is no attempt; what began may not", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    await add(await file("main.ts"), { key: "a" });
    const [job] = await claim();
    await jobs.postpone(job!.id, "another", clock.at);
    expect((await jobs.find(job!.id))!.state).toBe("running");
    await jobs.postpone(job!.id, "p1", clock.at + 50);
    expect(await jobs.find(job!.id)).toMatchObject({ state: "queued", runAt: clock.at + 50, attempts: 0 });
    clock.at += 50;
    const [again] = await claim();
    await jobs.begin(again!, { trace: "t", at: clock.at });
    await jobs.postpone(job!.id, "p1", clock.at);
    expect((await jobs.find(job!.id))!.state).toBe("running");
    expect(await jobs.begin(again!, { trace: "u", at: clock.at })).toBe(false);
  }));

test("an attempt that failed is due again at its time; a dead job stays, and its owner may revive it", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    const main = await file("main.ts");
    await add(main, { kind: "email", maxAttempts: 2 });
    const [job] = await claim();
    await jobs.begin(job!, { trace: "t", at: clock.at });
    await jobs.finish(job!, { outcome: "failed", error: "threw", at: clock.at, retryAt: clock.at + 60_000 });
    expect(await jobs.find(job!.id)).toMatchObject({ state: "queued", attempts: 1, error: "threw" });
    clock.at += 60_000;
    const [second] = await claim();
    await jobs.finish(second!, { outcome: "failed", error: "not built", at: clock.at, dead: true });
    expect(await jobs.find(job!.id)).toMatchObject({ state: "dead", attempts: 2, error: "not built" });
    expect([await claim(), await jobs.counts()]).toEqual([[], { queued: 0, running: 0, dead: 1 }]);
    expect(await jobs.revive(job!.id)).toBe(true);
    const [third] = await claim();
    expect(third).toMatchObject({ attempts: 0, dueAt: clock.at - 60_000 });
    expect([await jobs.revive(job!.id), await jobs.remove(job!.id)]).toEqual([false, false]);
    await jobs.postpone(job!.id, "p1", clock.at);
    expect([await jobs.remove(job!.id), await jobs.remove(job!.id)]).toEqual([true, false]);
    const { rows } = await jobs.runsOf(main.fileId, ALL);
    expect(rows.map((run) => [run.outcome, run.attempt, run.startedAt])).toEqual([
      ["failed", 2, undefined],
      ["failed", 1, clock.at - 60_000],
    ]);
  }));

test("what a process left behind is queued if it had not begun; else a slot is interrupted and a mail done again", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    const main = await file("main.ts");
    await add(main, { key: "waiting" });
    await add(main, { key: "slot" });
    await add(main, { key: "mail", kind: "email", maxAttempts: 5 });
    await add(main, { key: "last", kind: "email", maxAttempts: 2 });
    const claimed = await claim(9);
    for (const job of claimed) if (job.key !== "waiting") await jobs.begin(job, { trace: "t", at: clock.at });
    // The last mail's second attempt.
    const last = claimed.find(({ key }) => key === "last")!;
    await jobs.finish(last, { outcome: "failed", at: clock.at, retryAt: clock.at });
    await jobs.begin((await claim())[0]!, { trace: "t", at: clock.at });
    expect(await jobs.recover("p2", clock.at)).toEqual({ queued: [], interrupted: [], dead: [] });
    expect(await jobs.recover("p1", clock.at + LEASE_MS, true)).toEqual({
      queued: [],
      interrupted: [],
      dead: [],
    });
    clock.at += LEASE_MS;
    const found = await jobs.recover("p2", clock.at);
    expect([keys(found.queued), keys(found.interrupted), keys(found.dead)]).toEqual([
      ["waiting", "mail"],
      ["slot"],
      ["last"],
    ]);
    expect(keys(await claim(9, { owner: "p2" })).sort()).toEqual(["mail", "waiting"]);
    const { rows } = await jobs.runsOf(main.fileId, ALL);
    expect(rows.map((run) => run.outcome)).toEqual(["interrupted", "failed", "interrupted", "interrupted"]);
    // The first process comes to itself again, and may neither begin nor end anything of it.
    const slept = claimed.find(({ key }) => key === "waiting")!;
    expect(await jobs.begin(slept, { trace: "t", at: clock.at })).toBe(false);
    await jobs.finish(slept, { outcome: "ok", at: clock.at });
    expect((await jobs.find(slept.id))!.owner).toBe("p2");
  }));

test("a lease that is renewed is not taken away, but the only process takes all at its start", () =>
  withJobs(async ({ jobs, file, add, claim, clock }) => {
    await add(await file("main.ts"), { key: "a" });
    const [job] = await claim();
    clock.at += LEASE_MS - 1;
    await jobs.extend([job!.id], "p1", clock.at + LEASE_MS);
    clock.at += 1000;
    expect((await jobs.recover("p2", clock.at)).queued).toEqual([]);
    expect(keys((await jobs.recover("p2", clock.at, true)).queued)).toEqual(["a"]);
  }));
