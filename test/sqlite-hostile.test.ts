/** What a val must be unable to do with SQL: reach a file, another database or our settings, or hold others up. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StatementInput } from "../src/services/sqlite-results.ts";
import { CLOSE, codeOf, pipeline, run, type SqliteTown, startSqlite } from "./support/sqlite.ts";

const ENDLESS = "with recursive c(x) as (values(1) union all select x + 1 from c) select count(*) from c";
const MB = 2 ** 20;
let town: SqliteTown;

beforeAll(() => {
  town = startSqlite({ timeLimitMs: 1500, quotaBytes: 4 * MB, memoryBytes: 200 * MB });
});

afterAll(() => town.close());

const at = (id: string) => ({ kind: "val", id }) as const;
const execute = (id: string, statement: StatementInput) => town.service.execute(at(id), statement);
const filesOf = () => readdirSync(town.folder, { recursive: true, encoding: "utf8" }).sort();

const FORBIDDEN: readonly [sql: string, ...codes: string[]][] = [
  ["attach ':memory:' as m", "SQLITE_AUTH"],
  ["attach '' as m", "SQLITE_AUTH"],
  ["attach 'FOLDER/val/victim.db' as v", "SQLITE_AUTH"],
  ["attach 'file:FOLDER/val/victim.db?mode=rw' as v", "SQLITE_AUTH"],
  ["detach main", "SQLITE_AUTH"],
  ["vacuum", "SQLITE_AUTH"],
  ["vacuum into 'FOLDER/stolen.db'", "SQLITE_AUTH"],
  ["explain vacuum into 'FOLDER/stolen.db'", "SQLITE_AUTH", ""],
  ["select load_extension('FOLDER/x.so')", "SQLITE_UNKNOWN"],
  ["select readfile('/etc/passwd')", "SQLITE_UNKNOWN", "SQL_INPUT_ERROR"],
  ["select writefile('FOLDER/x', 'y')", "SQLITE_UNKNOWN", "SQL_INPUT_ERROR"],
  ["select edit('x')", "SQLITE_UNKNOWN", "SQL_INPUT_ERROR"],
  ["select fts3_tokenizer('simple', x'00')", "SQLITE_UNKNOWN", "SQL_INPUT_ERROR"],
  ["create virtual table c using csv(filename='/etc/passwd')", "SQLITE_AUTH", "SQLITE_UNKNOWN"],
  ["create virtual table c using zipfile('/etc/passwd')", "SQLITE_AUTH", "SQLITE_UNKNOWN"],
  ["create virtual table c using dbstat", "SQLITE_AUTH"],
  ["select * from sqlite_dbpage", "SQLITE_UNKNOWN"],
  ["select * from fsdir('/')", "SQLITE_UNKNOWN"],
  ["select * from pragma_database_list", "SQLITE_UNKNOWN", "SQLITE_AUTH"],
  ["pragma writable_schema = on", "SQLITE_AUTH"],
  ["pragma writable_schema = reset", "SQLITE_AUTH"],
  ["pragma trusted_schema = off", "SQLITE_AUTH"],
  ["pragma temp_store_directory = 'FOLDER'", "SQLITE_AUTH"],
  ["pragma data_store_directory = 'FOLDER'", "SQLITE_AUTH"],
  ["pragma database_list", "SQLITE_AUTH"],
  ["pragma max_page_count = 1000000", "SQLITE_AUTH"],
  ["pragma query_only = off", "SQLITE_AUTH"],
  ["pragma hard_heap_limit = 1", "SQLITE_AUTH"],
  ["pragma soft_heap_limit = 1", "SQLITE_AUTH"],
  ["pragma schema_version = 7", "SQLITE_AUTH"],
  ["pragma auto_vacuum = none", "SQLITE_AUTH"],
  ["pragma hexkey = 'x'", "SQLITE_AUTH"],
  ["pragma nonsense", "SQLITE_AUTH"],
  ["create temp table t (a)", "SQLITE_AUTH"],
  ["create temporary view v as select 1", "SQLITE_AUTH"],
  ["create table temp.t (a)", "SQLITE_AUTH"],
  ["update sqlite_schema set sql = ''", "SQLITE_UNKNOWN"],
  ["insert into sqlite_master values ('table','x','x',2,'create table x(a)')", "SQLITE_UNKNOWN"],
  ["delete from docs_content", "SQLITE_UNKNOWN"],
  ["drop table docs_data", "SQLITE_UNKNOWN"],
  ["insert into docs(docs, rank) values ('nonsense', 1)", "SQLITE_UNKNOWN"],
];

test("no statement reaches a file, another database or our settings", async () => {
  await execute("victim", "create table secret (a)");
  await town.service.batch(at("thief"), ["create virtual table docs using fts5(a)", "create table t (a)"]);
  const files = filesOf();
  for (const [template, ...codes] of FORBIDDEN) {
    const sql = template.replaceAll("FOLDER", town.folder);
    for (const text of [
      sql,
      `/* a */ ${sql};`,
      sql.toUpperCase().replaceAll(town.folder.toUpperCase(), town.folder),
    ]) {
      const code = await codeOf(execute("thief", text));
      expect([text, codes.includes(code ?? "")]).toEqual([text, true]);
    }
  }
  expect(filesOf()).toEqual(files);
  expect((await execute("thief", "pragma integrity_check")).rows).toEqual([["ok"]]);
});

test("neither does one that a trigger, a view, a default or an index runs", async () => {
  await execute("sly", "create table t (a, b default (load_extension('x')))").catch(() => {});
  await execute("sly", "create table if not exists t (a, b)");
  const attempts: StatementInput[] = [
    "create view v as select load_extension('x')",
    "create trigger tr after insert on t begin select load_extension('x'); end",
    "create index i on t (load_extension('x'))",
    "create view w as select * from pragma_database_list",
  ];
  for (const sql of attempts) await execute("sly", sql).catch(() => {});
  for (const sql of ["select * from v", "insert into t (a) values (1)", "select * from w"]) {
    expect([sql, await codeOf(execute("sly", sql))]).not.toEqual([sql, undefined]);
  }
});

test("settings of a file of one's own are passed over", async () => {
  for (const sql of [
    ...["pragma journal_mode = delete", "pragma journal_mode = off", "pragma locking_mode = exclusive"],
    ...["pragma busy_timeout = 100000", "pragma synchronous = off", "pragma cache_size = -1000000"],
    ...["pragma mmap_size = 1000000000", "pragma temp_store = file", "pragma wal_autocheckpoint = 0"],
  ]) {
    expect((await execute("own", sql)).rows).toEqual([]);
  }
  expect((await execute("own", "pragma journal_mode")).rows).toEqual([["wal"]]);
  expect((await execute("own", "pragma busy_timeout")).rows).toEqual([[0]]);
  expect((await execute("own", "pragma locking_mode")).rows).toEqual([["normal"]]);
});

test("what a connection was set to does not meet the next one who gets it", async () => {
  await pipeline(town, "state", [
    run("pragma foreign_keys = off"),
    run("pragma case_sensitive_like = on"),
    CLOSE,
  ]);
  await pipeline(town, "state", [run("begin transaction readonly"), CLOSE]);
  expect((await execute("state", "pragma foreign_keys")).rows).toEqual([[1]]);
  expect((await execute("state", "select 'a' like 'A'")).rows).toEqual([[1]]);
  await execute("state", "create table t (a)");
});

const GREEDY: readonly [sql: string, code: string][] = [
  ["select zeroblob(1000000000)", "SQLITE_TOOBIG"],
  ["select length(hex(randomblob(30000000)))", "SQLITE_TOOBIG"],
  ["select printf('%.*c', 1000000000, 'x')", "SQLITE_TOOBIG"],
  [
    "select group_concat(hex(randomblob(1000000))) from json_each('[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8]')",
    "SQLITE_TOOBIG",
  ],
  ["select replace(hex(zeroblob(10000)), '0', hex(zeroblob(10000)))", "SQLITE_TOOBIG"],
  [`select ${"(".repeat(100_000)}1${")".repeat(100_000)}`, "SQLITE_UNKNOWN"],
  [`select ${"not ".repeat(5000)}1`, "SQLITE_UNKNOWN"],
  [`select ${Array(5000).fill("1").join("+")}`, "SQLITE_UNKNOWN"],
  [`${Array(600).fill("select 1").join(" union all ")}`, "SQLITE_UNKNOWN"],
  [`select ${Array(3000).fill("1").join(",")}`, "SQLITE_UNKNOWN"],
  [`select '${"x".repeat(1_100_000)}'`, "SQLITE_TOOBIG"],
  ["select ?40000", "SQLITE_UNKNOWN"],
  ["select randomblob(5000000), randomblob(5000000)", "RESPONSE_TOO_LARGE"],
  ["with recursive c(x) as (values(1) union all select x + 1 from c) select x from c", "RESPONSE_TOO_LARGE"],
];

test("what is too large or too deep is an error, and costs nobody else anything", async () => {
  await execute("greedy", "select 1");
  const [pid] = town.pids();
  for (const [sql, code] of GREEDY) {
    const text = sql.slice(0, 60);
    expect([text, await codeOf(execute("greedy", sql))]).toEqual([text, code]);
  }
  expect(town.pids()).toContain(pid!);
});

test("a request that is too large is refused before it is run", async () => {
  const blob = { type: "blob", base64: "A".repeat(17 * MB) };
  expect((await pipeline(town, "large", [run("select ?", [blob])])).status).toBe(413);
  const declared = new Request("http://sqlite/", {
    method: "POST",
    body: "x",
    headers: { "content-length": `${100 * MB}` },
  });
  expect((await town.service.hrana(at("large"), "v3/pipeline", declared)).status).toBe(413);
  const many = await pipeline(town, "large", Array(10_000).fill(run("select 1")));
  expect([many.status, many.failure?.code]).toEqual([400, "TOO_MANY_REQUESTS"]);
  const steps = Array(10_000).fill({ stmt: { sql: "select 1" } });
  const batch = await pipeline(town, "large", [{ type: "batch", batch: { steps } }]);
  expect([batch.status, batch.failure?.code]).toEqual([400, "TOO_MANY_REQUESTS"]);
});

test("open streams are bounded, and those that are closed make room", async () => {
  const opened = await Promise.all(
    Array.from({ length: 900 }, () => pipeline(town, "streams", [run("begin")])),
  );
  const good = opened.filter(({ status }) => status === 200);
  expect(good.length).toBe(100);
  expect(opened.find(({ status }) => status !== 200)?.failure?.code).toBe("TOO_MANY_STREAMS");
  expect((await execute("neighbour", "select 1")).rows).toEqual([[1]]);
  await Promise.all(good.map(({ baton }) => pipeline(town, "streams", [CLOSE], baton)));
  expect((await execute("streams", "select 1")).rows).toEqual([[1]]);
});

test("a database grows up to its quota, and not with the help of its log", async () => {
  await execute("full", "create table t (a)");
  const fill = { sql: "insert into t values (zeroblob(500000))" };
  const codes = [];
  for (let turn = 0; turn < 12; turn++) codes.push(await codeOf(execute("full", fill)));
  expect(codes.slice(0, 5)).toEqual(Array(5).fill(undefined));
  expect(codes.at(-1)).toBe("SQLITE_FULL");
  const error = await execute("full", fill).catch((error: Error) => error.message);
  expect(error).toMatch(/quota/);
  expect(await town.service.usage(at("full"))).toBeLessThan(12 * MB);
  await execute("full", "delete from t");
  await execute("full", fill);
  town.service.setQuota(at("full"), 16 * MB);
  for (let turn = 0; turn < 20; turn++) await execute("full", fill);
  expect(await codeOf(execute("full", { sql: "insert into t values (zeroblob(9000000))" }))).toBe(
    "SQLITE_FULL",
  );
});

test("a reader that stays does not let the log grow for ever", async () => {
  await execute("log", "create table t (a)");
  await execute("log", "insert into t values (zeroblob(1000000))");
  const { baton } = await pipeline(town, "log", [run("begin"), run("select count(*) from t")]);
  for (let turn = 0; turn < 100; turn++) await execute("log", "update t set a = randomblob(1000000)");
  expect(await town.service.usage(at("log"))).toBeLessThan(80 * MB);
  expect((await pipeline(town, "log", [CLOSE], baton)).failure?.code).toBe("STREAM_EXPIRED");
});

test("a statement without end is ended at its time, and neighbours do not notice", async () => {
  await execute("good", "create table t (a)");
  const bad = Array.from({ length: 3 }, (_, index) => codeOf(execute(`bad${index}`, ENDLESS)));
  let isOver = false;
  const all = Promise.all(bad).finally(() => {
    isOver = true;
  });
  let done = 0;
  while (!isOver) {
    await execute("good", { sql: "insert into t values (?)", args: [done] });
    done++;
  }
  expect(await all).toEqual(Array(3).fill("SQLITE_INTERRUPT"));
  expect((await execute("good", "select count(*) from t")).rows).toEqual([[done]]);
  expect(done).toBeGreaterThan(5);
  expect((await execute("bad0", "select 1")).rows).toEqual([[1]]);
}, 20_000);

test("who was ended for it waits with others of the kind, and is served all the same", async () => {
  const bad = codeOf(execute("bad0", ENDLESS));
  const meanwhile = execute("bad1", "select 'patient'");
  expect((await execute("good", "select 1")).rows).toEqual([[1]]);
  expect(await bad).toBe("SQLITE_INTERRUPT");
  expect((await meanwhile).rows).toEqual([["patient"]]);
}, 20_000);

test("a statement that eats the memory is ended, and what was queued behind it is served", async () => {
  const hungry = codeOf(
    execute(
      "hungry",
      "with recursive c(x) as (values(1) union all select x + 1 from c) select count(*) from (select x, hex(randomblob(1000)) as h from c order by h)",
    ),
  );
  const queued = Array.from({ length: 5 }, (_, index) => execute(`queued${index}`, "select 1"));
  expect(["SQLITE_NOMEM", "SQLITE_INTERRUPT"]).toContain((await hungry) ?? "");
  for (const { rows } of await Promise.all(queued)) expect(rows).toEqual([[1]]);
}, 20_000);

test("a file that is no database is told so", async () => {
  writeFileSync(
    join(town.folder, "val/broken.db"),
    "This is no database, but long enough to look at. ".repeat(50),
  );
  expect(await codeOf(execute("broken", "select * from sqlite_schema"))).toBe("SQLITE_NOTADB");
  expect(await codeOf(execute("../../escape", "select 1"))).toBe("BAD_SCOPE");
});

test("the operator hears of nothing of the kind", () => expect(town.told).toEqual([]));
