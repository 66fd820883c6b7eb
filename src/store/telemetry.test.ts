import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { makeRandom, makeStore, type TestStore } from "../../test/support/store.ts";
import type { Deployment } from "../val/deployment.ts";
import type { LogRecord, RunRecord } from "./telemetry-rows.ts";

const NOW = 1_800_000_000_000;
const SETTLED = { settleMs: 0, flushMs: 5 };

const deployment = (valId = "val-1"): Deployment => ({
  id: "d",
  valId,
  fileId: `file-of-${valId}`,
  branchId: `branch-of-${valId}`,
  version: 3,
  username: "ann",
  valName: "hello",
  artifact: "/",
  entry: "main.ts",
  start: "pooled",
  secret: false,
  module: "https://esm.town/v/me/hello@1-main/main.ts",
  userId: "owner",
  env: { SECRET: "env must not be stored" },
});

function run(end: number, more: Partial<RunRecord> = {}): RunRecord {
  return {
    trace: crypto.randomUUID().replaceAll("-", ""),
    deployment: deployment(),
    kind: "http",
    method: "GET",
    url: "http://ann-hello.web.localhost:3000/x?y=1",
    status: 200,
    error: undefined,
    start: end - 5,
    firstByte: end - 2,
    end,
    bytesIn: 0,
    bytesOut: 12,
    worker: "w1",
    cold: false,
    aborted: false,
    requestHeaders: "Host: a\r\nCookie: session=1\r\nauthorization: Bearer x\r\nX-Cookie: fine",
    responseHeaders: "content-type: text/plain\r\nSet-Cookie: a=b\r\nset-cookie: c=d",
    ...more,
  };
}

function line(time: number, text: string, more: Partial<LogRecord> = {}): LogRecord {
  const base = {
    deployment: deployment(),
    worker: "w1",
    level: "info",
    trace: "",
    stream: "stdout",
  } as const;
  return { ...base, time, text, ...more };
}

const EVERYTHING = { usernames: ["ann"], direction: "asc", limit: 100 } as const;

async function allTraces({ store }: TestStore) {
  return (await store.telemetry.traces({ ...EVERYTHING, orderBy: "end_time", limit: 100_000 })).rows;
}

async function logTexts({ store }: TestStore): Promise<string[]> {
  return (await store.telemetry.logs({ ...EVERYTHING, limit: 100_000 })).rows.map((row) => row.text);
}

test("a run can be read at once, whole, and without what would let others in", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  const recorded = run(NOW - 10.25, { error: "val_threw", status: 500, cold: true });
  t.store.telemetry.recordRuns([recorded]);
  const [row] = await allTraces(t);
  expect(row).toMatchObject({
    trace: recorded.trace,
    username: "ann",
    val_id: "val-1",
    version: 3,
    status: 500,
    error: "val_threw",
    end_us: (NOW - 10.25) * 1000,
    cold: 1,
    aborted: 0,
    request_headers: "Host: a\r\nCookie: (hidden)\r\nauthorization: (hidden)\r\nX-Cookie: fine",
    response_headers: "content-type: text/plain\r\nSet-Cookie: (hidden)\r\nset-cookie: (hidden)",
  });
  expect(JSON.stringify(row)).not.toMatch(/session|Bearer|a=b|env must/);
});

test("others' vals, other files, other branches and other times are left out", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  t.store.telemetry.recordRuns([run(NOW - 30), run(NOW - 20, { deployment: deployment("val-2") })]);
  const count = async (more: object) =>
    (await t.store.telemetry.traces({ ...EVERYTHING, orderBy: "end_time", ...more })).rows.length;
  expect(await count({})).toBe(2);
  expect(await count({ usernames: ["bob"] })).toBe(0);
  expect(await count({ usernames: [] })).toBe(0);
  expect(await count({ fileId: "file-of-val-2" })).toBe(1);
  expect(await count({ branchIds: ["branch-of-val-1", "none"] })).toBe(1);
  expect(await count({ from: BigInt(NOW - 20) * 1_000_000n })).toBe(1);
  expect(await count({ to: BigInt(NOW - 20) * 1_000_000n })).toBe(1);
});

/** Follows an ascending list as a client does that knows milliseconds only. */
async function follow({ store }: TestStore, limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (let from: bigint | undefined; ; ) {
    const page = await store.telemetry.traces({ ...EVERYTHING, orderBy: "end_time", limit, from });
    seen.push(...page.rows.map((row) => row.trace));
    if (page.next === undefined) return seen;
    const { from: next } = page.next as { from: bigint };
    expect(page.rows.length).toBeGreaterThan(0);
    expect(next % 1_000_000n).toBe(0n);
    expect(from === undefined || next > from).toBe(true);
    from = next;
  }
}

test.each([1, 2, 7, 50])(
  "whoever follows by milliseconds, %i at a time, sees each run once",
  async (limit) => {
    await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
    const random = makeRandom(limit);
    // Many within one millisecond, so that pages would end in the middle of it.
    const runs = Array.from({ length: 120 }, () => run(NOW - 100 + random(40) + random(1000) / 1000));
    t.store.telemetry.recordRuns(runs);
    const seen = await follow(t, limit);
    expect(seen).toHaveLength(120);
    expect(new Set(seen)).toEqual(new Set(runs.map((one) => one.trace)));
  },
);

test("an ascending list holds back what an earlier run could still get in front of; a descending one does not", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: { settleMs: 100, flushMs: 5 } });
  t.store.telemetry.recordRuns([run(NOW - 150), run(NOW - 50)]);
  expect(await allTraces(t)).toHaveLength(1);
  const newest = { ...EVERYTHING, orderBy: "end_time", direction: "desc" } as const;
  expect((await t.store.telemetry.traces(newest)).rows).toHaveLength(2);
});

test.each(["asc", "desc"] as const)(
  "log lines of one instant are paged %s one by one without loss",
  async (direction) => {
    await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
    const texts = Array.from({ length: 25 }, (_, i) => `line ${i}`);
    for (const text of texts) t.store.telemetry.recordLogs([line(NOW - 5, text)]);
    await t.store.telemetry.flush();
    t.store.telemetry.recordLogs([line(NOW - 5, "line 25"), line(NOW - 6, "earlier")]);
    const seen: string[] = [];
    for (let bound = {}; ; ) {
      const page = await t.store.telemetry.logs({ ...EVERYTHING, direction, limit: 1, ...bound });
      seen.push(...page.rows.map((row) => row.text));
      if (page.next === undefined) break;
      bound = page.next;
    }
    const expected = ["earlier", ...texts, "line 25"];
    expect(seen).toEqual(direction === "asc" ? expected : expected.reverse());
  },
);

test("a worker cannot date its lines into another time", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: { settleMs: -10, flushMs: 5 } });
  for (const time of [0, Number.NaN, Infinity, NOW + 3_600_000, NOW - 3_600_000])
    t.store.telemetry.recordLogs([line(time, "x")]);
  const { rows } = await t.store.telemetry.logs(EVERYTHING);
  expect(rows.map((row) => row.time_us)).toEqual(Array(5).fill(NOW * 1000));
});

test("the lines of a val are followed in the order of their arrival, whatever their time", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  const { telemetry } = t.store;
  telemetry.recordLogs([
    line(NOW - 1, "a"),
    line(NOW - 9, "b"),
    line(NOW, "not mine", { deployment: deployment("v") }),
  ]);
  const last = await telemetry.lastLogs("val-1", 10);
  expect(last.map((row) => row.text)).toEqual(["a", "b"]);
  expect((await telemetry.lastLogs("val-1", 1)).map((row) => row.text)).toEqual(["b"]);
  const after = last.at(-1)!.id;
  expect(await telemetry.logsAfter("val-1", { after, limit: 10 })).toEqual([]);
  telemetry.recordLogs([line(NOW - 50, "c")]);
  expect((await telemetry.logsAfter("val-1", { after, limit: 10 })).map((row) => row.text)).toEqual(["c"]);
});

test("beyond the bound runs are counted, not stored, and the val's log tells how many, once a second", async () => {
  let now = NOW;
  const bounds = { settleMs: -10, flushMs: 60_000, runsPerSecond: 100 };
  await using t = await makeStore({ now: () => now, telemetry: bounds });
  const busy = Array.from({ length: 500 }, () => run(NOW - 10));
  t.store.telemetry.recordRuns(busy);
  now += 200;
  expect(await allTraces(t)).toHaveLength(120);
  t.store.telemetry.recordRuns([...busy, run(NOW - 10, { deployment: deployment("quiet") })]);
  const stored = await allTraces(t);
  const quiet = stored.filter((row) => row.val_id === "quiet").length;
  expect([stored.length - quiet, quiet]).toEqual([120, 1]);
  expect(await logTexts(t)).toEqual([]);
  now += 1000;
  // The clock is ours, the timer is not: this is its turn.
  await t.store.telemetry.flush();
  t.store.telemetry.recordRuns([run(now - 10)]);
  expect(await allTraces(t)).toHaveLength(122);
  expect(await logTexts(t)).toEqual(["880 requests were not recorded: too many in a second."]);
});

test("beyond the bound log lines are counted, and told of though nothing more comes", async () => {
  await using t = await makeStore({ telemetry: { settleMs: -60_000, flushMs: 5, logsPerSecond: 10 } });
  t.store.telemetry.recordLogs(Array.from({ length: 500 }, (_, i) => line(Date.now(), `${i}`)));
  const told = "470 log lines were not kept: too many in a second.";
  while (!(await logTexts(t)).includes(told)) await Bun.sleep(20);
  expect(await logTexts(t)).toHaveLength(31);
});

test("what was too much is told of before the store closes", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: { ...SETTLED, logsPerSecond: 10 } });
  t.store.telemetry.recordLogs(Array.from({ length: 500 }, () => line(NOW - 1, "x")));
  await t.store.close();
  using raw = new Database(join(t.folder, "telemetry.db"), { readonly: true });
  expect(raw.query("select count(*) from logs where text like '470 %'").values()).toEqual([[1]]);
});

test("recording costs the caller next to nothing, also far beyond the bound", async () => {
  await using t = await makeStore({ telemetry: { flushMs: 60_000 } });
  const runs = Array.from({ length: 20_000 }, () => run(Date.now()));
  const start = performance.now();
  for (const one of runs) t.store.telemetry.recordRuns([one]);
  const micros = ((performance.now() - start) * 1000) / runs.length;
  expect(micros).toBeLessThan(20);
  const newest = { ...EVERYTHING, orderBy: "end_time", direction: "desc", limit: 100_000 } as const;
  expect((await t.store.telemetry.traces(newest)).rows).toHaveLength(2020);
});

test("what is too old goes, what is new stays", async () => {
  let now = NOW;
  await using t = await makeStore({
    now: () => now,
    telemetry: { ...SETTLED, runsPerSecond: 1e6, maxAgeMs: 3_600_000 },
  });
  const { telemetry } = t.store;
  telemetry.recordRuns(Array.from({ length: 1200 }, () => run(now - 10)));
  telemetry.recordLogs([line(now - 10, "old")]);
  await telemetry.flush();
  now += 3_000_000;
  telemetry.recordRuns([run(now - 10)]);
  telemetry.recordLogs([line(now - 10, "new")]);
  await telemetry.flush();
  now += 1_000_000;
  await telemetry.prune();
  expect(await allTraces(t)).toHaveLength(1);
  expect(await logTexts(t)).toEqual(["new"]);
});

test("what is too much goes, the oldest first, and the file shrinks", async () => {
  await using t = await makeStore({ telemetry: { ...SETTLED, logsPerSecond: 1e6, maxBytes: 2_000_000 } });
  const { telemetry } = t.store;
  const now = Date.now();
  for (let i = 0; i < 8; i++) {
    telemetry.recordLogs(
      Array.from({ length: 1000 }, (_, n) => line(now, `${i * 1000 + n} ${"x".repeat(1000)}`)),
    );
    await telemetry.flush();
  }
  await telemetry.prune();
  const { rows } = await telemetry.logs({ ...EVERYTHING, direction: "desc", limit: 10_000 });
  expect(rows.length).toBeGreaterThan(500);
  expect(rows.length).toBeLessThan(2500);
  expect(rows[0]?.text).toStartWith("7999 ");
  expect(rows.at(-1)?.text).toStartWith(`${8000 - rows.length} `);
  const file = join(t.folder, "telemetry.db");
  await t.store.close();
  expect(statSync(file).size).toBeLessThan(3_000_000);
});

test("ids go on after a restart, so that a follower of a val's lines misses none", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  t.store.telemetry.recordLogs([line(NOW - 5, "before")]);
  const [before] = await t.store.telemetry.lastLogs("val-1", 1);
  const { openStore } = await import("./store.ts");
  await t.store.close();
  const again = await openStore({ folder: t.folder, now: () => NOW, telemetry: SETTLED });
  again.telemetry.recordLogs([line(NOW - 5, "after")]);
  const fresh = await again.telemetry.logsAfter("val-1", { after: before!.id, limit: 10 });
  expect(fresh.map((row) => row.text)).toEqual(["after"]);
  await again.close();
});
