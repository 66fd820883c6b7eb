/** Traces and logs as clients read them, above all one that follows them. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import type { LogRecord, RunRecord } from "../src/store/store.ts";
import { makeTown, type Town } from "./support/town.ts";

const NOW = Date.parse("2026-05-06T07:08:09.123Z");
const FILE = "11111111-1111-4111-8111-111111111111";
const BRANCH = "22222222-2222-4222-8222-222222222222";
const OTHER = "33333333-3333-4333-8333-333333333333";

let town: Town;
beforeEach(async () => {
  town = await makeTown({ now: () => NOW, telemetry: { settleMs: 0, flushMs: 5 } });
});
afterEach(() => town[Symbol.asyncDispose]());

const deployment = {
  id: "d",
  valId: "44444444-4444-4444-8444-444444444444",
  fileId: FILE,
  branchId: BRANCH,
  version: 4,
  username: "ann",
} as const;
const HELLO = {
  ...deployment,
  valName: "hello",
  artifact: "/",
  entry: "main.ts",
  start: "pooled" as const,
  secret: false,
  module: "https://esm.town/v/ann/hello@4-main/main.ts",
  userId: "owner",
  env: {},
};
const trace = (n: number) => n.toString(16).padStart(32, "0");

function record(n: number, end: number, more: Partial<RunRecord> = {}): void {
  const run: RunRecord = {
    trace: trace(n),
    deployment: HELLO,
    kind: "http",
    method: "POST",
    url: "https://ann-hello.web.localhost/a/b?c=d",
    status: 201,
    error: undefined,
    start: end - 1.5,
    firstByte: end - 1,
    end,
    bytesIn: 3,
    bytesOut: 12,
    worker: "w1",
    cold: true,
    aborted: false,
    requestHeaders: "Host: x\r\nX-A: 1\r\nx-a: 2\r\nCookie: secret",
    responseHeaders: "Content-Type: text/plain",
    ...more,
  };
  town.store.telemetry.recordRuns([run]);
}

function log(n: number, time: number, text: string, more: Partial<LogRecord> = {}): void {
  const line = { deployment: HELLO, worker: "w1", level: "info", trace: trace(n), stream: "stdout" } as const;
  town.store.telemetry.recordLogs([{ ...line, time, text, ...more }]);
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
const toObject = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test("a trace tells what its readers look for", async () => {
  record(1, NOW - 5);
  const { json } = await town.expect(200, "GET", "/v1/telemetry/traces");
  const [found] = json.data;
  expect(found).toMatchObject({
    traceId: trace(1),
    name: "POST /a/b",
    startTimeUnixNano: `${(NOW - 6.5) * 1000}000`,
    endTimeUnixNano: `${(NOW - 5) * 1000}000`,
    status: { code: 1, message: "" },
  });
  expect(toObject(found.attributes)).toMatchObject({
    "val.type": "http",
    "val.file_id": FILE,
    "val.branch_id": BRANCH,
    "val.version": "4",
    "http.request.method": "POST",
    "http.response.status_code": "201",
    "url.full": "https://ann-hello.web.localhost/a/b?c=d",
    "http.request.header.host": "x",
    "http.request.header.x-a": "1, 2",
    "http.request.header.cookie": "(hidden)",
    "http.response.header.content-type": "text/plain",
    "hamlet.cold": true,
  });
  for (const { value } of found.attributes as Attribute[]) expect(Object.keys(value)).toHaveLength(1);
});

test("a failed call says so", async () => {
  record(1, NOW - 5, { status: 502, error: "val_died" });
  record(2, NOW - 6, { status: 503 });
  const { json } = await town.expect(200, "GET", "/v1/telemetry/traces");
  expect(json.data.map((one: { status: object }) => one.status)).toEqual([
    { code: 2, message: "val_died" },
    { code: 2, message: "" },
  ]);
});

test("a log line tells its stream, text, trace and file", async () => {
  log(1, NOW - 2, "hello\nworld");
  log(1, NOW - 1, "oh", { stream: "stderr", level: "error" });
  const { json } = await town.expect(200, "GET", "/v1/telemetry/logs?direction=asc");
  expect(json.data).toMatchObject([
    { traceId: trace(1), severityText: "stdout", body: { stringValue: "hello\nworld" } },
    { traceId: trace(1), severityText: "stderr", body: { stringValue: "oh" } },
  ]);
  expect(json.data[0].timeUnixNano).toBe(`${(NOW - 2) * 1000}000`);
  expect(toObject(json.data[1].attributes)).toMatchObject({ "val.file_id": FILE, "log.level": "error" });
});

test("nobody reads the telemetry of another, and filters only narrow", async () => {
  record(1, NOW - 3);
  record(2, NOW - 2, { deployment: { ...HELLO, fileId: OTHER, branchId: OTHER } });
  log(1, NOW - 2, "mine");
  const count = async (path: string, token?: string) =>
    (await town.expect(200, "GET", `/v1/telemetry/${path}`, { token })).json.data.length;
  expect(await count("traces")).toBe(2);
  expect(await count("traces", town.bob.token)).toBe(0);
  expect(await count("logs", town.bob.token)).toBe(0);
  expect(await count(`traces?file_id=${FILE}`, town.bob.token)).toBe(0);
  expect(await count(`traces?file_id=${OTHER}`)).toBe(1);
  expect(await count(`traces?val_id=${HELLO.valId}`)).toBe(2);
  expect(await count(`traces?val_id=${OTHER}`)).toBe(0);
  expect(await count(`logs?val_id=${HELLO.valId}`)).toBe(1);
  expect(await count(`logs?val_id=${HELLO.valId}&trace_ids=${trace(9)}`)).toBe(0);
  expect(await count(`logs?val_id=${HELLO.valId}`, town.bob.token)).toBe(0);
  expect(await count(`traces?branch_ids=${OTHER}&branch_ids=${BRANCH}`)).toBe(2);
  expect(await count(`traces?branch_ids=${OTHER}`)).toBe(1);
  expect(await count(`logs?trace_ids=${trace(1)}&trace_ids=${trace(9)}`)).toBe(1);
  expect(await count(`logs?trace_ids=${trace(9)}`)).toBe(0);
  // Filters that clients' own suites send: a window without width, unknown ids, a trace id that is not hex.
  const moment = "start=2019-12-27T18:11:19.117Z&end=2019-12-27T18:11:19.117Z&direction=asc&limit=1";
  expect(await count(`traces?${moment}&branch_ids=${OTHER}&file_id=${OTHER}&order_by=start_time`)).toBe(0);
  expect(await count(`logs?${moment}&trace_ids=${"x".repeat(32)}`)).toBe(0);
});

test("filters that are none are refused", async () => {
  const twentyOne = Array(21).fill(`branch_ids=${OTHER}`).join("&");
  for (const query of ["start=now", "direction=up", "order_by=size", "branch_ids=1", twentyOne, "limit=101"])
    await town.expect(400, "GET", `/v1/telemetry/traces?${query}`);
  await town.expect(400, "GET", "/v1/telemetry/logs?trace_ids=short");
});

/** Follows traces as the `tail` of the command line client does: it reads only `start` of `next`, in milliseconds. */
async function poll(cursor: { at: Date }): Promise<string[]> {
  const seen: string[] = [];
  for (let turns = 0; ; turns++) {
    expect(turns).toBeLessThan(100);
    const query = new URLSearchParams({
      limit: "50",
      start: cursor.at.toISOString(),
      order_by: "end_time",
      direction: "asc",
      branch_ids: BRANCH,
    });
    const { json } = await town.expect(200, "GET", `/v1/telemetry/traces?${query}`);
    seen.push(...json.data.map((one: { traceId: string }) => one.traceId));
    if (json.links.next === undefined) return seen;
    cursor.at = new Date(new URL(json.links.next).searchParams.get("start")!);
  }
}

test("whoever tails traces sees each once, in order, and rests when there are no more", async () => {
  const cursor = { at: new Date(NOW - 1000) };
  expect(await poll(cursor)).toEqual([]);
  for (let n = 0; n < 130; n++) record(n, NOW - 900 + Math.floor(n / 4) + (n % 4) / 8);
  expect(await poll(cursor)).toEqual(Array.from({ length: 130 }, (_, n) => trace(n)));
  expect(await poll(cursor)).toEqual([]);
  expect(await poll(cursor)).toEqual([]);
  record(500, NOW - 400);
  expect(await poll(cursor)).toEqual([trace(500)]);
  expect(await poll(cursor)).toEqual([]);
});

test("whoever reads the logs of a trace one by one gets each line once and comes to an end", async () => {
  for (let n = 0; n < 12; n++) log(7, NOW - 5, `line ${n}`);
  log(8, NOW - 5, "of another trace");
  const seen: string[] = [];
  for (let next: string | undefined, turns = 0; turns === 0 || next; turns++) {
    expect(turns).toBeLessThan(50);
    const query = new URLSearchParams({ limit: "1", trace_ids: trace(7), direction: "asc" });
    if (next) query.set("start", new URL(next).searchParams.get("start")!);
    const { json } = await town.expect(200, "GET", `/v1/telemetry/logs?${query}`);
    seen.push(...json.data.map((one: { body: { stringValue: string } }) => one.body.stringValue));
    next = json.links.next;
  }
  expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => `line ${n}`));
});

test.each([1, 3, 10])(
  "whoever follows backwards, %i at a time, sees each trace once and keeps the filters",
  async (limit) => {
    for (let n = 0; n < 9; n++) record(n, NOW - 20 + n / 4);
    const seen: string[] = [];
    const first = `/v1/telemetry/traces?limit=${limit}&branch_ids=${BRANCH}&order_by=end_time&start=undefined`;
    for (let next: string | undefined = first; next; ) {
      const { json } = await town.expect(200, "GET", next);
      seen.push(...json.data.map((one: { traceId: string }) => one.traceId));
      next = json.links.next;
      if (next === undefined) break;
      const query = Object.fromEntries(new URL(next).searchParams);
      expect(query).toMatchObject({ limit: String(limit), branch_ids: BRANCH, order_by: "end_time" });
      expect(query.start).toBeUndefined();
    }
    expect(seen).toEqual(Array.from({ length: 9 }, (_, n) => trace(8 - n)));
  },
);
