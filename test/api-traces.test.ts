/** One call by its trace, where its lines are many, forged, or all there is. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import type { LogRecord, RunRecord } from "../src/store/store.ts";
import { makeTown, type Town } from "./support/town.ts";

const NOW = Date.parse("2026-05-06T07:08:09.123Z");
const TRACE = "0123456789abcdef".repeat(2);

let town: Town;
let valId: string;
let fileId: string;
beforeEach(async () => {
  town = await makeTown({ now: () => NOW, telemetry: { flushMs: 5 } });
  valId = await town.val("hello");
  fileId = (await town.file(valId, "main.ts", "", "http")).id;
});
afterEach(() => town[Symbol.asyncDispose]());

const deployment = () => ({
  id: "d",
  valId,
  fileId,
  branchId: "22222222-2222-4222-8222-222222222222",
  version: 4,
  username: "ann",
  valName: "hello",
  artifact: "/",
  entry: "main.ts",
  start: "pooled" as const,
  secret: false,
  module: "https://esm.town/v/ann/hello@4-main/main.ts",
  userId: "owner",
  env: {},
});

function record(more: Partial<RunRecord> = {}): void {
  const run: RunRecord = {
    trace: TRACE,
    deployment: deployment(),
    kind: "http",
    method: "POST",
    url: "https://ann-hello.web.localhost/a?b=c",
    status: 500,
    error: "val_threw",
    start: NOW - 20.5,
    firstByte: 0,
    end: NOW - 1,
    bytesIn: 3,
    bytesOut: 0,
    worker: "w1",
    cold: true,
    aborted: false,
    requestHeaders: "",
    responseHeaders: "",
    ...more,
  };
  town.store.telemetry.recordRuns([run]);
}

function log(text: string, more: Partial<LogRecord> = {}): void {
  const line = { worker: "w1", level: "error", trace: TRACE, stream: "stderr", time: NOW - 10 } as const;
  town.store.telemetry.recordLogs([{ ...line, deployment: deployment(), text, ...more }]);
}

const view = async (headers: Record<string, string> = {}) =>
  await town.expect(200, "GET", `/v3/traces/${TRACE.toUpperCase()}`, { headers });

test("a call is told with its val, its file, its times, and its lines in the order of their time", async () => {
  record();
  log("second", { time: NOW - 5 });
  log("first", { time: NOW - 10, level: "info", stream: "stdout" });
  const { json } = await view();
  expect(json).toEqual({
    traceId: TRACE,
    val: { id: valId, name: "hello" },
    file: { id: fileId, path: "main.ts" },
    branchId: deployment().branchId,
    version: 4,
    call: {
      kind: "http",
      method: "POST",
      url: "https://ann-hello.web.localhost/a?b=c",
      status: 500,
      requestHeaders: {},
      responseHeaders: {},
      error: "val_threw",
      startedAt: "2026-05-06T07:08:09.1025Z",
      firstByteAt: null,
      endedAt: "2026-05-06T07:08:09.122Z",
      durationMs: 19.5,
      cold: true,
      aborted: false,
      worker: "w1",
      bytesIn: 3,
      bytesOut: 0,
    },
    timeline: null,
    logs: [
      { at: "2026-05-06T07:08:09.113Z", level: "info", stream: "stdout", text: "first" },
      { at: "2026-05-06T07:08:09.118Z", level: "error", stream: "stderr", text: "second" },
    ],
    moreLogs: false,
    links: {
      self: `http://api.localhost:3000/v3/traces/${TRACE.toUpperCase()}`,
      logs: `http://api.localhost:3000/v1/telemetry/logs?trace_ids=${TRACE}&direction=asc`,
    },
  });
});

const BODY = { bytes: 0, pieces: 0, grainMs: 0, firstMs: null, lastMs: null, bars: [] };

test.each<[string, Partial<RunRecord>, object]>([
  [
    "all at once",
    { timeline: "", status: 200, error: undefined, firstByte: NOW - 10, bytesOut: 7 },
    {
      headMs: 10.5,
      request: BODY,
      response: { bytes: 7, pieces: 1, grainMs: 0, firstMs: 10.5, lastMs: 10.5, bars: [[10.5, 7]] },
      end: "complete",
    },
  ],
  [
    "without an answer",
    { timeline: "[[1,0,2.5,2.5,3],[]]" },
    {
      headMs: null,
      request: { bytes: 3, pieces: 1, grainMs: 0, firstMs: 2.5, lastMs: 2.5, bars: [[2.5, 3]] },
      response: BODY,
      end: "no_answer",
    },
  ],
  [
    "in grains of time, broken off",
    { timeline: "[[],[300,4,16.75,10.5,100,16.25,200]]", firstByte: NOW - 12 },
    {
      headMs: 8.5,
      request: BODY,
      response: {
        bytes: 300,
        pieces: 300,
        grainMs: 4,
        firstMs: 10.5,
        lastMs: 16.75,
        bars: [
          [10.5, 100],
          [16.25, 200],
        ],
      },
      end: "broke_off",
    },
  ],
  [
    "to a visitor who left",
    { timeline: "", aborted: true, error: undefined },
    { headMs: null, request: BODY, response: BODY, end: "visitor_left" },
  ],
  [
    "so far",
    { timeline: "", end: 0, error: undefined },
    { headMs: null, request: BODY, response: BODY, end: null },
  ],
])("its timeline, of bodies that passed %s", async (_, more, timeline) => {
  record(more);
  expect((await view()).json.timeline).toEqual(timeline);
});

test("of very many lines the last are shown, and where all of them are", async () => {
  record();
  for (let n = 0; n < 205; n++) log(`line ${n}`);
  const { json } = await view();
  expect([json.moreLogs, json.logs.length, json.logs[0].text, json.logs.at(-1).text]).toEqual([
    true,
    200,
    "line 5",
    "line 204",
  ]);
  const { pathname, search } = new URL(json.links.logs);
  expect((await town.expect(200, "GET", pathname + search)).json.data[0].body.stringValue).toBe("line 0");
});

test("a call that lasts has no end yet; one that is not on record has its lines all the same", async () => {
  log("alone");
  const { json } = await view();
  expect([json.call, json.val.name, json.logs[0].text]).toEqual([null, "hello", "alone"]);
  expect((await view({ accept: "text/html" })).text).toContain("not on record");
  record({ end: 0, status: 0, error: undefined });
  expect((await view()).json.call).toMatchObject({ endedAt: null, durationMs: null, status: null });
  expect((await view({ accept: "text/html" })).text).toContain("not yet");
});

test("what another val says that it logged for this call is not shown, whoever owns it", async () => {
  record();
  log("own");
  log("of another val of hers", { deployment: { ...deployment(), valId: "other" } });
  log("of another user", { deployment: { ...deployment(), username: "Bob" } });
  expect((await view()).json.logs.map(({ text }: { text: string }) => text)).toEqual(["own"]);
});

test("a val that is gone leaves its calls", async () => {
  record();
  await town.expect(204, "DELETE", `/v2/vals/${valId}`);
  const { json } = await view();
  expect([json.val, json.file]).toEqual([
    { id: valId, name: null },
    { id: fileId, path: null },
  ]);
  expect((await view({ accept: "text/html" })).text).toContain(`${valId} · ${fileId} · version 4`);
});

test("lines that are made to take long do not", async () => {
  record();
  const hard = `    at ${"https://a:1:".repeat(5000)} (`;
  for (let n = 0; n < 50; n++) log(hard);
  log("    at f (https://esm.town/v/ann/hello@4-main/main.ts:3:9)\n    at native (ext:core/a.js:1:2)");
  const { text } = await view({ accept: "text/html" });
  expect(text).toContain("at f (<b>https://esm.town/v/ann/hello@4-main/main.ts:3:9</b>)");
  expect(text).toContain('<span class="dim">    at native (ext:core/a.js:1:2)</span>');
});
