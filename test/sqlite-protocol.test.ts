/** Hrana over HTTP as it comes on the wire, right and wrong. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  CLOSE,
  type Json,
  pipeline,
  type Reply,
  run,
  type SqliteTown,
  startSqlite,
} from "./support/sqlite.ts";

let town: SqliteTown;

beforeAll(() => {
  town = startSqlite({ times: { idleMs: 1200, lockMs: 200 } });
});

afterAll(() => town.close());

const integer = (value: string): Json => ({ type: "integer", value });
const rowsOf = (reply: Reply, index = 0) => reply.results[index]?.response?.result?.rows;
const post = (body: string, path = "v3/pipeline", headers: Record<string, string> = {}) =>
  town.service.hrana(
    { kind: "val", id: "wire" },
    path,
    new Request("http://sqlite/", { method: "POST", body, headers }),
  );

test("a pipeline answers each request in its order, and a failed one stops none", async () => {
  const { results, baton } = await pipeline(town, "order", [
    run("select 1"),
    run("selec"),
    { type: "store_sql", sql_id: 7, sql: "select ?" },
    { type: "execute", stmt: { sql_id: 7, args: [integer("9223372036854775807")] } },
    { type: "describe", sql_id: 7 },
    { type: "close_sql", sql_id: 7 },
    { type: "execute", stmt: { sql: "select 2", want_rows: false } },
    { type: "get_autocommit" },
    CLOSE,
  ]);
  expect(results.map(({ type, response, error }) => response?.type ?? [type, error?.code])).toEqual([
    "execute",
    ["error", "SQL_PARSE_ERROR"],
    "store_sql",
    "execute",
    "describe",
    "close_sql",
    "execute",
    "get_autocommit",
    "close",
  ]);
  expect(results[3]?.response?.result).toEqual({
    cols: [{ name: "?", decltype: null }],
    rows: [[integer("9223372036854775807")]],
    affected_row_count: 0,
    last_insert_rowid: null,
  });
  expect(results[4]?.response?.result).toEqual({
    params: [{ name: null }],
    cols: [{ name: "?", decltype: null }],
    is_explain: false,
    is_readonly: true,
  });
  expect(results[6]?.response?.result?.rows).toEqual([]);
  expect(results[7]?.response?.is_autocommit).toBe(true);
  expect(baton).toBeNull();
});

test("the answer's type is application/json, without a word more, errors too", async () => {
  for (const body of [JSON.stringify({ requests: [] }), "{"]) {
    expect((await post(body)).headers.get("content-type")).toBe("application/json");
  }
});

const BAD: readonly [what: string, body: string, path?: string][] = [
  ["nothing", ""],
  ["half a JSON", '{"requests":['],
  ["bytes that are no text", "\u0000\uffff"],
  ["a number", "7"],
  ["null", "null"],
  ["an array", "[]"],
  ["no requests", "{}"],
  ["requests that are no array", '{"requests":{}}'],
  ["a request that is none", '{"requests":[null]}'],
  ["an unknown request", '{"requests":[{"type":"drop"}]}'],
  ["a request without a type", '{"requests":[{}]}'],
  ["no statement", '{"requests":[{"type":"execute"}]}'],
  ["a statement without a text", '{"requests":[{"type":"execute","stmt":{}}]}'],
  ["a text and an id", '{"requests":[{"type":"execute","stmt":{"sql":"x","sql_id":1}}]}'],
  ["a text that is none", '{"requests":[{"type":"execute","stmt":{"sql":7}}]}'],
  ["arguments that are no array", '{"requests":[{"type":"execute","stmt":{"sql":"x","args":{}}}]}'],
  ["an id that is not kept", '{"requests":[{"type":"execute","stmt":{"sql_id":1}}]}'],
  ["a fraction for an id", '{"requests":[{"type":"store_sql","sql_id":1.5,"sql":"x"}]}'],
  ["an id kept twice", `{"requests":[${Array(2).fill('{"type":"store_sql","sql_id":1,"sql":"x"}')}]}`],
  [
    "a request behind the end",
    '{"requests":[{"type":"close"},{"type":"execute","stmt":{"sql":"select 1"}}]}',
  ],
  ["a baton that is no text", '{"baton":7,"requests":[]}'],
  [
    "a condition on what is to come",
    '{"requests":[{"type":"batch","batch":{"steps":[{"stmt":{"sql":"x"},"condition":{"type":"ok","step":0}}]}}]}',
  ],
  ["version 3 in version 2", '{"requests":[{"type":"get_autocommit"}]}', "v2/pipeline"],
  [
    "conditions without end",
    `{"requests":[{"type":"batch","batch":{"steps":[{"stmt":{"sql":"x"},"condition":${'{"type":"not","cond":'.repeat(2000)}{"type":"is_autocommit"}${"}".repeat(2000)}}]}}]}`,
  ],
  ["a batch for the cursor that is none", '{"batch":7}', "v3/cursor"],
];

test("what is not the protocol is refused as a whole, with a sentence", async () => {
  for (const [what, body, path] of BAD) {
    const response = await post(body, path);
    const { message, code } = (await response.json()) as { message: string; code: string };
    expect([what, response.status, code]).toEqual([what, 400, "HRANA_PROTO_ERROR"]);
    expect(message).toMatch(/^\S.*\.$|^The request is not valid JSON/);
  }
  expect(rowsOf(await pipeline(town, "wire", [run("select 1")]))).toEqual([[integer("1")]]);
});

test("an argument that is no value fails its own statement only", async () => {
  const bad: Json[] = [
    { type: "integer", value: "9223372036854775808" },
    { type: "integer", value: 5 },
    { type: "integer", value: "1.5" },
    { type: "float", value: "1" },
    { type: "text", value: 1 },
    { type: "blob" },
    { type: "date", value: "x" },
  ];
  const { results } = await pipeline(town, "args", [
    ...bad.map((value) => run("select ?", [value])),
    run("select ?", [{ type: "blob", base64: "AQID" }]),
    run("select hex(?)", [{ type: "blob", base64: "AQ" }]),
  ]);
  expect(results.slice(0, bad.length).map(({ error }) => error?.code)).toEqual(bad.map(() => "ARGS_INVALID"));
  expect(results.at(-2)?.response?.result?.rows).toEqual([[{ type: "blob", base64: "AQID" }]]);
  expect(results.at(-1)?.response?.result?.rows).toEqual([[{ type: "text", value: "01" }]]);
});

test("a baton opens its own stream once, and no stream of another database", async () => {
  const first = await pipeline(town, "baton", [run("begin"), run("create table t (a)")]);
  for (const [id, baton] of [
    ["other", first.baton],
    ["baton", "guess"],
    ["baton", `${first.baton}x`],
    ["baton", ""],
  ] as const) {
    const { status, failure } = await pipeline(town, id, [run("select 1")], baton);
    expect([status, failure?.code]).toEqual([400, "STREAM_EXPIRED"]);
  }
  const second = await pipeline(town, "baton", [run("select * from t")], first.baton);
  expect(second.status).toBe(200);
  expect(second.baton).not.toBe(first.baton);
  expect((await pipeline(town, "baton", [CLOSE], first.baton)).status).toBe(400);
  expect((await pipeline(town, "baton", [run("commit"), CLOSE], second.baton)).baton).toBeNull();
  expect((await pipeline(town, "baton", [run("select 1")], second.baton)).status).toBe(400);
  expect((await pipeline(town, "baton", [run("select count(*) from t")])).results[0]?.type).toBe("ok");
});

test("a stream that is idle for too long is rolled back, one that is used is not", async () => {
  await pipeline(town, "idle", [run("create table t (a)"), CLOSE]);
  let { baton } = await pipeline(town, "idle", [run("begin immediate"), run("insert into t values (1)")]);
  for (let turn = 0; turn < 3; turn++) {
    await Bun.sleep(500);
    ({ baton } = await pipeline(town, "idle", [run("insert into t values (2)")], baton));
    expect(typeof baton).toBe("string");
  }
  await Bun.sleep(1800);
  const late = await pipeline(town, "idle", [run("commit")], baton);
  expect([late.status, late.failure?.code]).toEqual([400, "STREAM_EXPIRED"]);
  const after = await pipeline(town, "idle", [run("select count(*) from t"), CLOSE]);
  expect(rowsOf(after)).toEqual([[integer("0")]]);
});

test("a writer that waits in vain is told SQLITE_BUSY, and the holder goes on", async () => {
  await pipeline(town, "busy", [run("create table t (a)"), CLOSE]);
  const { baton } = await pipeline(town, "busy", [run("begin immediate")]);
  const waiting = [run("insert into t values (1)"), run("select 'next'"), CLOSE];
  const vain = await pipeline(town, "busy", waiting);
  expect(vain.results.map(({ error, type }) => error?.code ?? type)).toEqual(["SQLITE_BUSY", "ok", "ok"]);
  expect(vain.results[0]?.error?.message).toBe("SQLite error: database is locked");
  const late = pipeline(town, "busy", [run("select 'begun'"), ...waiting]);
  await pipeline(town, "busy", [run("insert into t values (2)"), run("commit"), CLOSE], baton);
  expect((await late).results.map(({ type }) => type)).toEqual(["ok", "ok", "ok", "ok"]);
});

test("who comes while another process still has the file waits for it, and is told SQLITE_BUSY if that is in vain", async () => {
  mkdirSync(join(town.folder, "val"), { recursive: true });
  using other = new Database(join(town.folder, "val/taken.db"));
  other.run("create table t (a)");
  other.run("begin exclusive");
  const vain = await pipeline(town, "taken", [run("select 1"), CLOSE]);
  expect(vain.results.map(({ error, type }) => error?.code ?? type)).toEqual(["SQLITE_BUSY", "ok"]);
  const late = pipeline(town, "taken", [run("select count(*) from t"), CLOSE]);
  other.run("rollback");
  expect(rowsOf(await late)).toEqual([[integer("0")]]);
});

test("a transaction that has read what is not true any more cannot write", async () => {
  await pipeline(town, "snapshot", [run("create table t (a)"), CLOSE]);
  const { baton } = await pipeline(town, "snapshot", [run("begin"), run("select * from t")]);
  await pipeline(town, "snapshot", [run("insert into t values (1)"), CLOSE]);
  const { results } = await pipeline(town, "snapshot", [run("insert into t values (2)"), CLOSE], baton);
  expect(results[0]?.error?.code).toBe("SQLITE_BUSY");
});

test("a batch skips what its conditions say, and tells of each step", async () => {
  const step = (sql: string, condition?: Json) => ({ stmt: { sql }, condition: condition ?? null });
  const steps = [
    step("select 'a'"),
    step("selec"),
    step("select 'skipped'", { type: "ok", step: 1 }),
    step("select 'b'", { type: "error", step: 1 }),
    step("select 'skipped'", { type: "error", step: 2 }),
    step("select 'c'", { type: "not", cond: { type: "ok", step: 2 } }),
    step("select 'd'", { type: "and", conds: [{ type: "ok", step: 0 }, { type: "is_autocommit" }] }),
    step("select 'skipped'", { type: "or", conds: [] }),
  ];
  const { results } = await pipeline(town, "batch", [{ type: "batch", batch: { steps } }, CLOSE]);
  const result = results[0]?.response?.result as unknown as {
    step_results: ({ rows: { value: string }[][] } | null)[];
    step_errors: ({ code: string } | null)[];
  };
  expect(result.step_results.map((one) => one?.rows[0]?.[0]?.value ?? null)).toEqual([
    ...["a", null, null, "b", null, "c", "d", null],
  ]);
  expect(result.step_errors.map((one) => one?.code ?? null)).toEqual([
    ...[null, "SQL_PARSE_ERROR", null, null, null, null, null, null],
  ]);
  const cursor = await post(JSON.stringify({ batch: { steps: steps.slice(0, 2) } }), "v3/cursor");
  const lines = (await cursor.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type, step }) => [type, step])).toEqual([
    ...[
      [undefined, undefined],
      ["step_begin", 0],
      ["row", undefined],
      ["step_end", undefined],
    ],
    ["step_error", 1],
  ] as [string, number][]);
});

test("versions are found by asking for them, and there is nothing else", async () => {
  const ask = (path: string, method = "GET") =>
    town.service.hrana({ kind: "val", id: "wire" }, path, new Request("http://sqlite/", { method }));
  expect((await ask("/v2")).status).toBe(200);
  expect((await ask("v3")).status).toBe(200);
  expect((await ask("v3-protobuf")).status).toBe(404);
  expect((await ask("v1/execute", "POST")).status).toBe(404);
  expect((await ask("v2/pipeline")).status).toBe(405);
});
