/** The SQL routes over real databases: what they take and give, and who may use which. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createClient } from "@libsql/client/web";
import { play, type Scenario } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;
let server: Bun.Server<undefined>;
const names: Record<string, string> = {};

beforeAll(async () => {
  town = await makeTown();
  names.val = await town.val("hello");
  names.other = await town.val("other");
  names.hidden = await town.val("hidden", { privacy: "private" });
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => town.api.fetch(request) });
  const create = "create table t (id integer primary key, name text, data blob)";
  for (const path of ["/v1/sqlite/execute", `/v3/vals/${names.val}/sqlite/execute`])
    await town.expect(200, "POST", path, { json: { statement: create } });
});
afterAll(async () => {
  await server.stop(true);
  await town[Symbol.asyncDispose]();
});

const run = (statement: unknown, path = "/v1/sqlite/execute") =>
  town.expect(200, "POST", path, { json: { statement } });
const workerOf = (valId: string) =>
  town.auth.mint({ userId: town.ann.id, username: "ann", valId, valName: "x" }).token;
const client = (path: string, authToken: string) =>
  createClient({ url: `http://127.0.0.1:${server.port}${path}`, authToken });

test("a statement is answered in Val Town's form", async () => {
  const { json } = await run("SELECT 1 as one, 'a' as text, null as empty, x'00ff' as bytes;");
  expect(json).toEqual({
    columns: ["one", "text", "empty", "bytes"],
    columnTypes: ["", "", "", ""],
    rows: [[1, "a", null, "AP8="]],
    rowsAffected: 0,
    lastInsertRowid: null,
  });
  const inserted = await run({ sql: "insert into t (name) values (?), (?)", args: ["ann", true] });
  expect(inserted.json).toMatchObject({ rowsAffected: 2, lastInsertRowid: "2" });
  const read = await run({ sql: "select * from t where name = :name", args: { name: "ann" } });
  expect(read.json.columnTypes).toEqual(["INTEGER", "TEXT", "BLOB"]);
  expect(read.json.rows).toEqual([[1, "ann", null]]);
  const large = await run({ sql: "select 9007199254740993, ?", args: ["x".repeat(2_000_000)] });
  expect(large.json.rows[0][0]).toBe("9007199254740993");
  expect(large.json.rows[0][1]).toHaveLength(2_000_000);
});

test("a batch is one transaction", async () => {
  const insert = (name: string) => ({ sql: "insert into t (name) values (?)", args: [name] });
  const count = async () => (await run("select count(*) from t where name like 'batch%'")).json.rows[0][0];
  const statements = [insert("batch1"), "select count(*) from t where name = 'batch1'"];
  const { json } = await town.expect(200, "POST", "/v1/sqlite/batch", {
    json: { statements, mode: "write" },
  });
  expect(json.map((one: { rows: unknown }) => one.rows)).toEqual([[], [[1]]]);
  const failing = { statements: [insert("batch2"), "insert into nowhere values (1)"] };
  const refused = await town.expect(400, "POST", "/v1/sqlite/batch", { json: failing });
  expect(refused.json).toMatchObject({ statusCode: 400, error: "Bad Request" });
  expect(refused.json.message).toContain("no such table: nowhere");
  expect(await count()).toBe(1);
  const reading = { statements: [insert("batch3")], mode: "read" };
  expect((await town.expect(400, "POST", "/v1/sqlite/batch", { json: reading })).json.message).toMatch(
    /readonly/,
  );
  expect((await town.expect(200, "POST", "/v1/sqlite/batch", { json: { statements: [] } })).json).toEqual([]);
});

describe("what is refused", () => {
  const execute = (title: string, statement: unknown, ...has: (string | RegExp)[]): Scenario => ({
    title,
    request: "POST /v1/sqlite/execute",
    options: { json: { statement } },
    status: 400,
    has,
  });
  const SCENARIOS: readonly Scenario[] = [
    execute("no statement", undefined, "body/statement"),
    execute("an SQL text that is too long", `select '${"x".repeat(100_000)}'`, "body/statement"),
    execute("too many arguments", { sql: "select 1", args: Array(501).fill(1) }, "body/statement"),
    execute("an argument that is no value", { sql: "select ?", args: [{}] }, "body/statement"),
    {
      title: "too many statements",
      request: "POST /v1/sqlite/batch",
      options: { json: { statements: Array(501).fill("select 1") } },
      status: 400,
      has: ["body/statements"],
    },
    {
      title: "an unknown mode",
      request: "POST /v1/sqlite/batch",
      options: { json: { statements: [], mode: "exclusive" } },
      status: 400,
      has: ["body/mode"],
    },
    { title: "no token", request: "POST /v1/sqlite/execute", options: { token: "", json: {} }, status: 401 },
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, scenario, names);
  });

  test("what SQL refuses is told in its own words", async () => {
    for (const [statement, says] of [
      ["select * from nowhere", "no such table: nowhere"],
      ["selec 1", 'near "selec": syntax error'],
      ["select 1; select 2", "more than one statement"],
      ["attach 'x' as y", "not available here"],
    ]) {
      const { json } = await town.expect(400, "POST", "/v1/sqlite/execute", { json: { statement } });
      expect(json.message).toContain(says);
    }
  });
});

describe("who may use which database", () => {
  const where = "/v3/vals/{val}/sqlite/execute";
  const json = { statement: "select 'seen'" };
  const call = (title: string, token: () => string | Promise<string>, path: string, status: number) => ({
    title,
    request: `POST ${path}`,
    options: async () => ({ json, token: await token() }),
    status,
    ...(status === 200 ? { has: ["seen"] } : { not: ["seen"] }),
  });
  const own = () => workerOf(names.val!);
  const bob = () => town.bob.token;
  const SCENARIOS: readonly Scenario[] = [
    call("the owner of a val", () => town.ann.token, where, 200),
    call("the val itself", own, where, 200),
    call("the val itself, by the name self", own, where.replace("{val}", "self"), 200),
    call("a val, its owner's account", own, "/v1/sqlite/execute", 200),
    call("another val of the owner", () => workerOf(names.other!), where, 403),
    call("self without being a val", () => town.ann.token, where.replace("{val}", "self"), 400),
    call("someone else", bob, where, 403),
    call("someone else, of a private val", bob, where.replace("{val}", "{hidden}"), 404),
    call("a val that is not there", () => town.ann.token, where.replace("{val}", UNKNOWN), 404),
    call("a token for something else", () => town.token("blob:write"), where, 403),
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, scenario, names);
  });

  test("each account and each val has its own", async () => {
    for (const [token, path] of [
      [town.ann.token, "/v1/sqlite/execute"],
      [town.bob.token, "/v1/sqlite/execute"],
      [town.ann.token, `/v3/vals/${names.val}/sqlite/execute`],
      [own(), "/v3/vals/self/sqlite/execute"],
    ] as const) {
      const sql = "create table if not exists mine (x); ";
      await town.expect(200, "POST", path, { token, json: { statement: sql } });
      await town.expect(200, "POST", path, { token, json: { statement: "insert into mine values (1)" } });
    }
    const count = async (token: string, path: string) => {
      const statement = "select count(*) from mine";
      return (await town.expect(200, "POST", path, { token, json: { statement } })).json.rows[0][0];
    };
    expect(await count(town.ann.token, "/v1/sqlite/execute")).toBe(1);
    expect(await count(town.bob.token, "/v1/sqlite/execute")).toBe(1);
    expect(await count(town.ann.token, `/v3/vals/${names.val}/sqlite/execute`)).toBe(2);
  });

  test("a token that only reads can read, and in no way write", async () => {
    const token = await town.token("sqlite:read");
    for (const statement of [
      "select 1",
      "with x as (select 1) select * from x",
      "values (1)",
      "explain select 1",
    ])
      await town.expect(200, "POST", "/v1/sqlite/execute", { token, json: { statement } });
    for (const statement of [
      "insert into t (name) values ('x')",
      "with x as (select 1) insert into t (id) select * from x",
      "/* select */ delete from t",
      "pragma query_only = 0",
      "commit",
      "create table u (x)",
    ])
      for (const [path, body] of [
        ["execute", { statement }],
        ["batch", { statements: ["select 1", statement, "select 1"], mode: "write" }],
      ] as const) {
        const refused = await town.expect(403, "POST", `/v1/sqlite/${path}`, { token, json: body });
        expect(refused.json.message).toBe("Token does not have the required permissions");
      }
    await town.expect(200, "POST", "/v1/sqlite/batch", { token, json: { statements: ["select 1"] } });
    await town.expect(403, "POST", "/v3/sqlite/v2/pipeline", { token, json: { requests: [] } });
  });

  test("a val's database goes with the val, and its workers cannot make it anew", async () => {
    const id = await town.val("leaving");
    const token = workerOf(id);
    const where = "/v3/vals/self/sqlite/execute";
    await town.expect(200, "POST", where, { token, json: { statement: "create table t (x)" } });
    expect(await town.sqlite.usage({ kind: "val", id })).toBeGreaterThan(0);
    await town.expect(204, "DELETE", `/v2/vals/${id}`);
    await town.expect(401, "POST", where, { token, json: { statement: "create table t (x)" } });
    expect(await town.sqlite.usage({ kind: "val", id })).toBe(0);
  });
});

describe("the client library of libSQL", () => {
  test("works on one's account and on a val, with transactions", async () => {
    for (const db of [
      client("/v3/sqlite/", town.ann.token),
      client("/api/v3/sqlite/", town.ann.token),
      client(`/v3/vals/${names.val}/sqlite/`, town.ann.token),
      client("/v3/vals/self/sqlite/", workerOf(names.val!)),
    ]) {
      expect((await db.execute("select 1 as one")).rows[0]?.one).toBe(1);
      const tx = await db.transaction("write");
      await tx.execute("insert into t (name) values ('tx')");
      await tx.rollback();
      const { rows } = await db.execute("select count(*) as n from t where name = 'tx'");
      expect(rows[0]?.n).toBe(0);
      db.close();
    }
  });

  test("is told in its own form what is refused", async () => {
    const fail = async (path: string, token: string) =>
      String(
        await client(path, token)
          .execute("select 1")
          .catch((error: Error) => error.message),
      );
    expect(await fail("/v3/sqlite/", "wrong")).toContain("UNAUTHORIZED: Unauthorized: the token is unknown");
    expect(await fail("/v3/sqlite/", await town.token("sqlite:read"))).toContain("FORBIDDEN: Token does not");
    expect(await fail(`/v3/vals/${names.val}/sqlite/`, town.bob.token)).toContain("Not authorized");
    expect(await fail("/v3/vals/self/sqlite/", town.ann.token)).toContain(
      "may be self with the token of a val",
    );
    const large = await town.call("POST", "/v3/sqlite/v2/pipeline", { body: "x".repeat(17 * 1024 * 1024) });
    expect([large.status, large.headers.get("content-type")]).toEqual([413, "application/json"]);
  });

  test("sends 16 MB at once", async () => {
    const db = client("/v3/sqlite/", town.ann.token);
    const { rows } = await db.execute({ sql: "select length(?) as n", args: ["x".repeat(15 * 1024 * 1024)] });
    expect(rows[0]?.n).toBe(15 * 1024 * 1024);
    db.close();
  });
});
