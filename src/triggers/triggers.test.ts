import { expect, test } from "bun:test";
import { ALL } from "../../test/support/jobs.ts";
import { LONG_LEASE_MS, withLoop } from "../../test/support/triggers.ts";
import { HamletError } from "../errors.ts";

test("a job is started at its time, the loop wakes by itself, and it is on record how it went", () =>
  withLoop(async ({ open, jobs, file, add, clock, time, looked, starts, settled }) => {
    const main = await file("main.ts");
    await add(main, { key: "a", runAt: clock.at + 1234, payload: { slot: 7 } });
    await open();
    expect(await looked()).toBe(1234);
    expect(starts.left).toBe(0);
    time.pass(1234);
    const start = await starts.next();
    expect(start.request).toMatchObject({ fileId: main.fileId, kind: "interval" });
    expect(await start.request.body()).toBe('{"slot":7}');
    expect(await start.begin()).toBe(true);
    start.ok();
    expect(await settled.next()).toEqual({ key: "a", how: "ok" });
    expect((await jobs.runsOf(main.fileId, ALL)).rows.map(({ outcome }) => outcome)).toEqual(["ok"]);
    expect(await jobs.counts()).toEqual({ queued: 0, running: 0, dead: 0 });
  }));

test("what the store makes wakes the loop without a timer", () =>
  withLoop(async ({ open, store, file, looked, starts }) => {
    const main = await file("main.ts");
    await open();
    expect(await looked()).toBe(30_000);
    const mail = { sender: "a@b.example", size: 1, subject: "", messageId: undefined, head: "", hops: 0 };
    await store.inbox.add({ id: Bun.randomUUIDv7(), ...mail, to: [{ ...main, address: "x@y.example" }] });
    expect((await starts.next()).request).toMatchObject({ fileId: main.fileId, kind: "email" });
  }));

test("a slot that failed is not run again; a mail is, after a minute, ten, an hour and six, and then it is dead", () =>
  withLoop(async ({ open, jobs, file, add, time, starts, started, settled, failed }) => {
    const main = await file("main.ts");
    await add(main, { key: "slot" });
    await open();
    const slot = await starts.next();
    await slot.begin();
    slot.fail("boom");
    expect(await settled.next()).toEqual({ key: "slot", how: "failed" });
    expect((await failed.next()).failure).toMatchObject({ error: "Error: boom", trace: "trace" });
    await add(main, { key: "mail", kind: "email", maxAttempts: 5 });
    jobs.made();
    for (const minutes of [1, 10, 60, 360]) {
      const start = await started();
      await start.begin();
      start.fail();
      expect(await settled.next()).toEqual({ key: "mail", how: "again" });
      const [job] = (await jobs.list({ valId: main.valId }, ALL)).rows;
      expect(job!.runAt - time.now()).toBe(minutes * 60_000);
      time.pass(minutes * 60_000);
    }
    expect(failed.left).toBe(0);
    const last = await started();
    await last.begin();
    last.fail("still no");
    expect(await settled.next()).toEqual({ key: "mail", how: "dead" });
    expect((await failed.next()).job.key).toBe("mail");
    expect((await jobs.list({ valId: main.valId }, ALL)).rows).toMatchObject([
      { state: "dead", attempts: 5, error: "Error: still no" },
    ]);
  }));

test("a file without a build has failed, one that is gone is dropped without a trace", () =>
  withLoop(async ({ open, jobs, file, add, starts, settled }) => {
    const main = await file("main.ts");
    for (const key of ["unbuilt", "gone"]) await add(main, { key });
    await open();
    (await starts.next()).end({ kind: "unbuilt", message: "It has never been built.", trace: "trace" });
    (await starts.next()).end({ kind: "gone" });
    const both = [await settled.next(), await settled.next()];
    expect(both.map(({ key, how }) => `${key} ${how}`).sort()).toEqual(["gone gone", "unbuilt failed"]);
    expect((await jobs.runsOf(main.fileId, ALL)).rows).toMatchObject([
      { outcome: "failed", error: "It has never been built.", startedAt: undefined },
    ]);
    expect(await jobs.counts()).toEqual({ queued: 0, running: 0, dead: 0 });
  }));

test("when there is no worker the job waits in the queue, no attempt is lost, and nothing spins meanwhile", () =>
  withLoop(async ({ open, jobs, file, val, add, time, looked, starts, started, settled }) => {
    await add(await file("main.ts"), { key: "a" });
    await add(await file("main.ts", await val("bob")), { key: "b" });
    await open({ maxStarting: 1 });
    for (const pause of [250, 500]) {
      (await started()).end({ kind: "refused", error: new HamletError("overloaded") });
      while ((await looked()) !== pause);
      expect(starts.left).toBe(0);
      time.pass(pause);
    }
    expect(await jobs.counts()).toEqual({ queued: 2, running: 0, dead: 0 });
    time.pass(10_000);
    const start = await started();
    expect(await start.begin()).toBe(true);
    start.ok();
    await settled.next();
    const { rows } = await jobs.runsOf(start.request.fileId, ALL);
    expect(rows).toMatchObject([{ outcome: "ok", attempt: 1 }]);
  }));

test("so many run at once as may, of each val and in all, and so many fewer get ready at once", () =>
  withLoop(async ({ open, file, val, add, starts, looked }) => {
    const main = await file("main.ts");
    for (let n = 0; n < 5; n++) await add(main);
    const others = [
      await file("main.ts", await val("bob", "one")),
      await file("main.ts", await val("bob", "two")),
    ];
    for (const other of others) for (let n = 0; n < 5; n++) await add(other);
    await open({ maxRuns: 4, maxStarting: 2, maxRunsPerVal: 2 });
    await looked();
    expect(starts.left).toBe(2);
    const running = [await starts.next(), await starts.next()];
    for (const start of running) await start.begin();
    await looked();
    running.push(await starts.next());
    expect(starts.left).toBe(0);
    await running[2]!.begin();
    await looked();
    // The fourth is for somebody of whom nothing runs, and there is nobody.
    expect(starts.left).toBe(0);
    const count = (fileId: string) => running.filter(({ request }) => request.fileId === fileId).length;
    expect(Math.max(...[main, ...others].map(({ fileId }) => count(fileId)))).toBeLessThanOrEqual(2);
    const third = await file("main.ts", await val("eve"));
    await add(third);
    running[0]!.ok();
    const next = await starts.next();
    await next.begin();
    const last = await starts.next();
    expect([next, last].map(({ request }) => request.fileId)).toContain(third.fileId);
  }));

test("one account with ten thousand jobs does not keep another's one waiting for more than a run", () =>
  withLoop(async ({ open, db, file, val, add, clock, starts }) => {
    const { enqueue } = await import("../store/jobs.ts");
    const main = await file("main.ts");
    const row = { ...main, kind: "interval" as const, payload: 0, runAt: clock.at - 9, maxAttempts: 1 };
    const many = Array.from({ length: 10_000 }, (_, n) => ({ ...row, key: `many:${n}` }));
    await db.transaction().execute((trx) => enqueue(trx, many));
    await open({ maxRuns: 1, maxStarting: 1 });
    const first = await starts.next();
    await first.begin();
    const theirs = await file("main.ts", await val("bob"));
    await add(theirs);
    first.ok();
    expect((await starts.next()).request.fileId).toBe(theirs.fileId);
  }));

test("a clean stop gives back what has not begun, lets run what has, and interrupts it after the grace", () =>
  withLoop(async ({ open, jobs, file, val, add, time, starts, settled }) => {
    const main = await file("main.ts");
    await add(main, { key: "slot" });
    await add(main, { key: "mail", kind: "email", maxAttempts: 5 });
    await add(await file("main.ts", await val("bob")), { key: "ready" });
    await add(await file("main.ts", await val("eve")), { key: "done" });
    const loop = await open();
    const all = new Map<string, Awaited<ReturnType<typeof starts.next>>>();
    for (let n = 0; n < 4; n++) {
      const start = await starts.next();
      const key = { interval: "slot", email: "mail" }[start.request.kind];
      const bob = start.request.fileId !== main.fileId;
      all.set(bob ? `other${all.size}` : key, start);
    }
    const [ready, done] = [...all].filter(([key]) => key.startsWith("other")).map(([, start]) => start);
    for (const start of [all.get("slot")!, all.get("mail")!, done!]) await start.begin();
    const closed = loop.close(10_000);
    await Promise.resolve();
    while (!ready!.request.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    expect(await ready!.begin()).toBe(false);
    ready!.end({ kind: "refused" });
    expect([all.get("slot")!, done!].map(({ request }) => request.signal.aborted)).toEqual([false, false]);
    done!.ok();
    expect((await settled.next()).how).toBe("ok");
    time.pass(10_000);
    for (const key of ["slot", "mail"]) {
      const start = all.get(key)!;
      while (!start.request.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
      const outcome = { ok: false, error: { name: "HamletError", message: "left", stack: "" } } as const;
      start.end({ kind: "ran", finished: { trace: "t", outcome, error: undefined } });
    }
    await closed;
    expect(await jobs.counts()).toEqual({ queued: 2, running: 0, dead: 0 });
    const { rows } = await jobs.runsOf(main.fileId, ALL);
    const why = "The server was stopped while it ran.";
    expect(rows.map(({ kind, outcome, error }) => [kind, outcome, error]).sort()).toEqual([
      ["email", "interrupted", why],
      ["interval", "interrupted", why],
    ]);
  }));

test("a process that dies loses its leases: another one takes over, and runs no slot again", () =>
  withLoop(async ({ open, jobs, file, val, add, clock, time, starts, settled, looked }) => {
    const main = await file("main.ts");
    await add(main, { key: "begun" });
    await add(await file("main.ts", await val("bob")), { key: "claimed" });
    for (const job of await jobs.claim({ ...NOBODY, now: clock.at, limit: 2 }))
      if (job.key === "begun") await jobs.begin(job, { trace: "t", at: clock.at });
    await open({ alone: false });
    await looked();
    expect(starts.left).toBe(0);
    for (let n = 0; n < 3; n++) {
      time.pass(30_000);
      if (n < 2) await looked();
    }
    expect(await settled.next()).toEqual({ key: "begun", how: "interrupted" });
    const start = await starts.next();
    await start.begin();
    start.ok();
    expect(await settled.next()).toEqual({ key: "claimed", how: "ok" });
    expect((await jobs.runsOf(main.fileId, ALL)).rows.map(({ outcome }) => outcome)).toEqual(["interrupted"]);
  }));

test("a run that lasts keeps its lease", () =>
  withLoop(async ({ open, jobs, file, add, clock, time, starts, settled }) => {
    await add(await file("main.ts"), { key: "long" });
    await open();
    const start = await starts.next();
    await start.begin();
    for (let n = 0; n < 4; n++) {
      time.pass(LONG_LEASE_MS / 3);
      // The statement before is done once this one is.
      await jobs.counts();
      await jobs.postpone("none", "none", 0);
    }
    expect((await jobs.recover("another", clock.at)).interrupted).toEqual([]);
    start.ok();
    expect(await settled.next()).toEqual({ key: "long", how: "ok" });
  }));

test("a job that is removed while its worker gets ready never begins, and what it left is tidied up", () =>
  withLoop(async ({ open, jobs, file, add, clock, db, starts, settled }) => {
    const main = await file("main.ts");
    await add(main, { key: "dropped" });
    const loop = await open();
    const start = await starts.next();
    const { dropWaiting } = await import("../store/jobs.ts");
    await db.transaction().execute((trx) => dropWaiting(trx, "interval", main.fileId));
    expect(await start.begin()).toBe(false);
    start.end({ kind: "refused" });
    await add(main, { key: "later", runAt: clock.at + 1000 });
    const [job] = (await jobs.list({ valId: main.valId }, ALL)).rows;
    expect([await loop.remove(job!.id), await loop.remove(job!.id)]).toEqual([true, false]);
    expect(await settled.next()).toEqual({ key: "later", how: "gone" });
  }));

test("those that wait for a build take nobody's turn, however long that takes", () =>
  withLoop(async ({ open, file, val, add, starts }) => {
    for (const name of ["bob", "eve"]) await add(await file("main.ts", await val(name)), { key: name });
    await open({ maxRuns: 8, maxStarting: 2 });
    const building = [await starts.next(), await starts.next()];
    await add(await file("main.ts"), { key: "ready" });
    for (const start of building) start.request.building?.(true);
    expect((await starts.next()).request.key).toBe("ready");
  }));

test("what is paused while its worker gets ready holds up nobody else", () =>
  withLoop(async ({ open, db, file, val, add, starts }) => {
    const { dropWaiting } = await import("../store/jobs.ts");
    const eve = await file("main.ts", await val("eve"));
    await add(eve);
    await open({ maxRuns: 4, maxStarting: 1 });
    const start = await starts.next();
    await add(await file("main.ts", await val("bob")), { key: "theirs" });
    await db.transaction().execute((trx) => dropWaiting(trx, "interval", eve.fileId));
    expect(await start.begin()).toBe(false);
    start.end({ kind: "refused" });
    // Nobody lets time pass here.
    expect((await starts.next()).request.key).toBe("theirs");
  }));

test("a start is not kept from it by what an earlier process had left and cannot be tidied up", () =>
  withLoop(async ({ open, jobs, file, add, clock, starts }) => {
    const main = await file("main.ts");
    await add(main, { key: "begun" });
    const [job] = await jobs.claim({ ...NOBODY, now: clock.at });
    await jobs.begin(job!, { trace: "t", at: clock.at });
    await add(main, { key: "next" });
    const settled = () => Promise.reject(new Error("the disk is full"));
    const kind = { contentType: "application/json", body: () => "{}", backoffMs: [], settled };
    await open({ kinds: { interval: kind, email: kind } });
    expect((await starts.next()).request.key).toBe("next");
  }));

test("clocks that jump lose no job: it is looked every half minute anyway", () =>
  withLoop(async ({ open, file, add, clock, time, looked, starts }) => {
    await add(await file("main.ts"), { key: "a", runAt: clock.at + 3_600_000 });
    await open();
    expect(await looked()).toBe(30_000);
    // An hour in which no timer ran, as when the machine slept.
    clock.at += 3_600_000;
    time.pass(0);
    expect((await starts.next()).request.kind).toBe("interval");
  }));

const NOBODY = { owner: "another", now: 4e12, leaseMs: 60_000, limit: 1, perVal: 9 };
