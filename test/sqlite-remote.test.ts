/** Databases on a real sqld, as the operator may choose with --sqlite-url. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  CLOSE,
  codeOf,
  pipeline,
  run,
  type Sqld,
  type SqliteTown,
  startSqld,
  startSqlite,
} from "./support/sqlite.ts";

let sqld: Sqld;
let town: SqliteTown;

beforeAll(async () => {
  sqld = await startSqld();
  town = startSqlite({ remote: sqld, quotaBytes: 2 ** 20 });
});

afterAll(async () => {
  await town.close();
  await sqld.close();
});

const at = (kind: "user" | "val", id: string) => ({ kind, id });

test("statements and batches give the same result sets as our own databases", async () => {
  const scope = at("val", "rest");
  const [, inserted, read] = await town.service.batch(
    scope,
    [
      "create table t (id integer primary key, name text, b blob)",
      { sql: "insert into t (name, b) values (:name, x'0102')", args: { name: "Ada" } },
      "select *, 1 as one, 9007199254740993 as big from t",
    ],
    "write",
  );
  expect([inserted!.rowsAffected, inserted!.lastInsertRowid]).toEqual([1, "1"]);
  expect(read).toEqual({
    columns: ["id", "name", "b", "one", "big"],
    columnTypes: ["INTEGER", "TEXT", "BLOB", "", ""],
    rows: [[1, "Ada", "AQI=", 1, "9007199254740993"]],
    rowsAffected: 0,
    lastInsertRowid: null,
  });
  expect(await codeOf(town.service.batch(scope, ["delete from t", "select * from nowhere"]))).toBe(
    "SQLITE_UNKNOWN",
  );
  expect((await town.service.execute(scope, "select count(*) from t;")).rows).toEqual([[1]]);
});

test("each scope has a namespace of its own, which is made when it is needed and removed", async () => {
  await town.service.execute(at("val", "one"), "create table mine (a)");
  expect(await codeOf(town.service.execute(at("user", "one"), "select * from mine"))).toBe("SQLITE_UNKNOWN");
  await town.service.removeScope(at("val", "one"));
  expect(await codeOf(town.service.execute(at("val", "one"), "select * from mine"))).toBe("SQLITE_UNKNOWN");
  await town.service.removeScope(at("val", "never"));
});

test("a namespace that somebody else removed is made anew", async () => {
  await town.service.execute(at("val", "lost"), "create table t (a)");
  const url = `${sqld.adminUrl}/v1/namespaces/val-lost`;
  await fetch(url, { method: "DELETE", headers: { "content-type": "application/json" }, body: "{}" });
  expect((await town.service.execute(at("val", "lost"), "select 1")).rows).toEqual([[1]]);
});

test("the quota holds there too", async () => {
  const scope = at("val", "full");
  await town.service.execute(scope, "create table t (a)");
  const fill = { sql: "insert into t values (zeroblob(400000))" };
  const codes = [];
  for (let turn = 0; turn < 5; turn++) codes.push(await codeOf(town.service.execute(scope, fill)));
  expect(codes[0]).toBeUndefined();
  expect(codes.at(-1)).toBeDefined();
});

test("errors of the protocol come through with a sentence", async () => {
  const { status, failure } = await pipeline(town, "rest", [run("select 1")], "no baton");
  expect([status, failure?.code]).toEqual([400, "HRANA_PROTO_ERROR"]);
  expect((await pipeline(town, "rest", [run("select 1"), CLOSE], undefined, "v2/pipeline")).status).toBe(200);
});

test("a server that cannot be reached is said so", async () => {
  const other = startSqlite({ remote: { url: "http://127.0.0.1:1", adminUrl: "http://127.0.0.1:1" } });
  expect(await codeOf(other.service.execute(at("val", "x"), "select 1"))).toBe("UNAVAILABLE");
  expect((await pipeline(other, "x", [run("select 1")])).status).toBe(503);
  await other.close();
});
