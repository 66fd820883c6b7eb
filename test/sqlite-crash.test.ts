/** Database processes that die, databases that are removed, and the end of it all. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteError } from "../src/services/sqlite-error.ts";
import type { StatementInput } from "../src/services/sqlite-results.ts";
import { CLOSE, codeOf, pipeline, run, type SqliteTown, startSqlite } from "./support/sqlite.ts";

let town: SqliteTown;

beforeAll(() => {
  town = startSqlite();
});

afterAll(() => town.close());

const at = (id: string) => ({ kind: "val", id }) as const;
const execute = (id: string, statement: StatementInput) => town.service.execute(at(id), statement);
const countOf = async (id: string) => Number((await execute(id, "select count(*) from t")).rows[0]?.[0]);
const killAll = () => {
  for (const pid of town.pids()) process.kill(pid, "SIGKILL");
};

test("what was acknowledged is there after kill -9, again and again, and the file is whole", async () => {
  await execute("durable", "create table t (n integer primary key, filler)");
  const acknowledged = new Set<number>();
  let next = 1;
  for (let round = 0; round < 8; round++) {
    const writers = Array.from({ length: 4 }, async () => {
      for (;;) {
        const n = next++;
        const insert = { sql: "insert into t values (?, randomblob(2000))", args: [n] };
        const code = await codeOf(
          n % 5 ? execute("durable", insert) : town.service.batch(at("durable"), [insert]),
        );
        if (code !== undefined) return code;
        acknowledged.add(n);
        if (acknowledged.size % 40 === 0) killAll();
      }
    });
    expect(new Set(await Promise.all(writers))).toContain("DATABASE_RESTARTED");
  }
  const there = new Set((await execute("durable", "select n from t")).rows.map(([n]) => Number(n)));
  expect([...acknowledged].filter((n) => !there.has(n))).toEqual([]);
  expect((await execute("durable", "pragma integrity_check")).rows).toEqual([["ok"]]);
  expect(town.told.length).toBeGreaterThan(0);
});

test("an open transaction of a killed process is undone, and its baton says so", async () => {
  await execute("open", "create table t (a)");
  const { baton } = await pipeline(town, "open", [run("begin immediate"), run("insert into t values (1)")]);
  const gone = town.pids();
  killAll();
  while (town.pids().some((pid) => gone.includes(pid))) await Bun.sleep(5);
  const { status, failure } = await pipeline(town, "open", [run("commit")], baton);
  expect([status, failure?.code]).toEqual([400, "STREAM_EXPIRED"]);
  expect(await countOf("open")).toBe(0);
});

test("a writer that waited in a killed process is run in the next one, if it had not begun", async () => {
  await execute("waiter", "create table t (a)");
  const { baton } = await pipeline(town, "waiter", [run("begin immediate")]);
  const fresh = pipeline(town, "waiter", [run("insert into t values (1)"), CLOSE]);
  const begun = pipeline(town, "waiter", [run("select 1"), run("insert into t values (2)"), CLOSE]);
  // Both have been tried by the time that this is answered.
  const touched = await pipeline(town, "waiter", [run("select 1")], baton);
  expect(touched.status).toBe(200);
  killAll();
  expect((await fresh).results[0]?.type).toBe("ok");
  expect((await begun).failure?.code).toBe("STREAM_EXPIRED");
  expect(await countOf("waiter")).toBe(1);
});

test("a removed database is gone with its files, and its name begins anew", async () => {
  await execute("gone", "create table t (a)");
  await execute("gone", "insert into t values (1)");
  const file = join(town.folder, "val/gone.db");
  expect([existsSync(file), (await town.service.usage(at("gone"))) > 0]).toEqual([true, true]);
  const { baton } = await pipeline(town, "gone", [run("begin immediate"), run("insert into t values (2)")]);
  const removed = town.service.removeScope(at("gone"));
  const meanwhile = execute("gone", "select count(*) from sqlite_schema");
  await removed;
  expect((await meanwhile).rows).toEqual([[0]]);
  expect((await pipeline(town, "gone", [run("commit")], baton)).failure?.code).toBe("STREAM_EXPIRED");
  await execute("gone", "create table t (b)");
  await town.service.removeScope(at("gone"));
  expect([existsSync(file), await town.service.usage(at("gone"))]).toEqual([false, 0]);
  await town.service.removeScope(at("never"));
});

test("databases of what is gone are swept, also those half removed; the others and what is none stay", async () => {
  const other = startSqlite();
  try {
    const scopes = ["kept", "gone"].flatMap((id) => [at(id), { kind: "user", id } as const]);
    for (const scope of scopes) await other.service.execute(scope, "create table t (a)");
    const strange = join(other.folder, "val/notes.txt");
    for (const path of [strange, join(other.folder, "val/half.db-wal")]) writeFileSync(path, "left");
    const asked: string[] = [];
    await other.service.sweep(async ({ kind, id }) => {
      asked.push(`${kind} ${id}`);
      return id === "kept";
    });
    expect(asked.toSorted()).toEqual(["user gone", "user kept", "val gone", "val half", "val kept"]);
    const left = ["user", "val"].flatMap((kind) => readdirSync(join(other.folder, kind)));
    expect(left.filter((name) => !name.startsWith("kept.db"))).toEqual(["notes.txt"]);
    for (const scope of [at("kept"), { kind: "user", id: "kept" } as const])
      expect((await other.service.execute(scope, "select count(*) from t")).rows).toEqual([[0]]);
    expect((await other.service.execute(at("gone"), "select count(*) from sqlite_schema")).rows).toEqual([
      [0],
    ]);
  } finally {
    await other.close();
  }
});

test("closing in the middle of a sweep leaves what it has not come to", async () => {
  const other = startSqlite();
  for (const id of ["a", "b"]) await other.service.execute(at(id), "create table t (a)");
  const { promise: asked, resolve: tell } = Promise.withResolvers<void>();
  const { promise: closed, resolve: go } = Promise.withResolvers<void>();
  const swept = other.service.sweep(async () => {
    tell();
    await closed;
    return false;
  });
  await asked;
  await other.service.close();
  go();
  await swept;
  expect(["a", "b"].map((id) => existsSync(join(other.folder, `val/${id}.db`)))).toEqual([true, true]);
  await other.close();
});

test("statements of the REST API give result sets, batches all or none of them", async () => {
  const made = await town.service.batch(
    { kind: "user", id: "rest" },
    [
      "create table t (id integer primary key, name text, b blob, r real)",
      { sql: "insert into t (name, b, r) values (?, x'0102', ?)", args: ["Ada", 5] },
      { sql: "insert into t (name, r) values (:name, @r)", args: { name: "Grace", "@r": null } },
      "select *, 1 + 1, 9007199254740993 as big, 9007199254740991 as small from t;",
    ],
    "write",
  );
  expect(made[1]).toEqual({ columns: [], columnTypes: [], rows: [], rowsAffected: 1, lastInsertRowid: "1" });
  expect(made[3]).toEqual({
    columns: ["id", "name", "b", "r", "1 + 1", "big", "small"],
    columnTypes: ["INTEGER", "TEXT", "BLOB", "REAL", "", "", ""],
    rows: [
      [1, "Ada", "AQI=", 5, 2, "9007199254740993", 9_007_199_254_740_991],
      [2, "Grace", null, null, 2, "9007199254740993", 9_007_199_254_740_991],
    ],
    rowsAffected: 0,
    lastInsertRowid: null,
  });
  const half = town.service.batch({ kind: "user", id: "rest" }, ["delete from t", "select * from nowhere"]);
  await expect(half).rejects.toEqual(
    new SqliteError(400, "SQLITE_UNKNOWN", "SQLite error: no such table: nowhere"),
  );
  const rolledBack = town.service.batch({ kind: "user", id: "rest" }, [
    "delete from t",
    "commit",
    "select 1",
  ]);
  expect(await codeOf(rolledBack)).toBe("SQLITE_UNKNOWN");
  expect(await codeOf(town.service.batch({ kind: "user", id: "rest" }, ["create table u (a)"], "read"))).toBe(
    "SQLITE_READONLY",
  );
  // One and the same id of an account and of a val are two databases.
  expect(await codeOf(execute("rest", "select * from t"))).toBe("SQLITE_UNKNOWN");
});

test("closing ends every process, answers what waits, and leaves files that can be opened again", async () => {
  const other = startSqlite();
  const scope = at("last");
  await other.service.execute(scope, "create table t (a)");
  const { baton } = await pipeline(other, "last", [run("begin immediate"), run("insert into t values (1)")]);
  const waiting = codeOf(other.service.execute(scope, "insert into t values (2)"));
  expect(baton).toBeString();
  const pids = other.pids();
  await other.close();
  expect(await waiting).toBe("SHUTTING_DOWN");
  expect(await codeOf(other.service.execute(scope, "select 1"))).toBe("SHUTTING_DOWN");
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
});
