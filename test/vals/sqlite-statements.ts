/** What users of SQLite do with single statements, with the real client library, in Deno. */

import { match, ok, deepStrictEqual as same } from "node:assert";
import type { InStatement } from "npm:@libsql/client@0.18.0/web";
import { connect, db, fails, isOurs, runChecks, value } from "./sqlite-checks.ts";

const big = connect({ intMode: "bigint" });

await runChecks({
  async "a table is made, filled and read"() {
    const made = await db.execute("create table people (id integer primary key, name text not null unique)");
    same([made.columns, made.rows.length, made.rowsAffected, made.lastInsertRowid], [[], 0, 0, undefined]);
    const one = await db.execute({ sql: "insert into people (name) values (?)", args: ["Ada"] });
    same([one.rowsAffected, one.lastInsertRowid], [1, 1n]);
    const two = await db.execute({
      sql: "insert into people (name) values (:name)",
      args: { name: "Grace" },
    });
    same([two.rowsAffected, two.lastInsertRowid], [1, 2n]);
    const all = await db.execute("select id, name, 1 + 1 as sum from people order by id;");
    same(all.columns, ["id", "name", "sum"]);
    same(all.columnTypes, ["INTEGER", "TEXT", ""]);
    same(
      all.rows.map((row) => ({ ...row })),
      [
        { id: 1, name: "Ada", sum: 2 },
        { id: 2, name: "Grace", sum: 2 },
      ],
    );
    same([all.rowsAffected, all.lastInsertRowid], [0, undefined]);
    same(all.toJSON().rows, [
      [1, "Ada", 2],
      [2, "Grace", 2],
    ]);
  },
  async "returning gives rows and counts"() {
    await db.execute("create table back (id integer primary key, n)");
    const { rows, rowsAffected, lastInsertRowid } = await db.execute(
      "insert into back (n) values (1), (2), (3) returning id, n * 10 as ten",
    );
    same(
      rows.map((row) => [row.id, row.ten]),
      [
        [1, 10],
        [2, 20],
        [3, 30],
      ],
    );
    same([rowsAffected, lastInsertRowid], [3, 3n]);
    const { rowsAffected: changed, lastInsertRowid: none } = await db.execute(
      "update back set n = 0 where n > 1",
    );
    same([changed, none], [2, undefined]);
    same((await db.execute("delete from back")).rowsAffected, 3);
    same(
      (await db.execute("with c(x) as (values(7), (8)) insert into back (n) select x from c")).rowsAffected,
      2,
    );
  },
  async "named arguments take every sign, and one may be used twice"() {
    const { rows } = await db.execute({
      sql: "select :a as a, $b as b, @c as c, :a as d",
      args: { a: 1, $b: "two", "@c": null },
    });
    same({ ...rows[0] }, { a: 1, b: "two", c: null, d: 1 });
    same(
      { ...(await db.execute({ sql: "select ?2 as x, ?1 as y", args: ["one", "two"] })).rows[0] },
      {
        x: "two",
        y: "one",
      },
    );
    same((await fails(db.execute({ sql: "select :x", args: ["a"] }))).code, "ARGS_INVALID");
  },
  async "a missing or needless argument is an error"() {
    same((await fails(db.execute({ sql: "select ?, ?", args: [1] }))).code, "ARGS_INVALID");
    same((await fails(db.execute({ sql: "select :a", args: { b: 1 } }))).code, "ARGS_INVALID");
    const many = await fails(db.execute({ sql: "select ?", args: [1, 2] }));
    same(many.code, "ARGS_INVALID");
    match(many.message, /too many parameters, expected 1 found 2/);
  },
  async "values keep their kinds"() {
    const kinds = async (arg: unknown) => value({ sql: "select typeof(?)", args: [arg as string] });
    same(await kinds(5), "real");
    same(await kinds(5n), "integer");
    same(await kinds(true), "integer");
    same(await kinds("x"), "text");
    same(await kinds(null), "null");
    same(await kinds(new Uint8Array(1)), "blob");
    same(await kinds(new Date(0)), "real");
    same(await value({ sql: "select ? / 2", args: [5] }), 2.5);
    same(await value({ sql: "select ?", args: [new Date(1700000000123)] }), 1700000000123);
    same(await value({ sql: "select ?", args: ['\u0000 é 漢 😀 " \\ \n'] }), '\u0000 é 漢 😀 " \\ \n');
    same(await value("select 0.1 + 0.2"), 0.1 + 0.2);
    same(await value("select -1.5e-300"), -1.5e-300);
    await db.execute("create table kinds (i integer, t text, n)");
    await db.execute({ sql: "insert into kinds values (?, ?, ?)", args: [5, 5, 5] });
    same(
      [...Object.values((await db.execute("select typeof(i), t, typeof(n) from kinds")).rows[0]!)].slice(
        0,
        3,
      ),
      ["integer", "5.0", "real"],
    );
  },
  async "blobs of every length come back as they were"() {
    await db.execute("create table blobs (b blob)");
    for (const length of [0, 1, 2, 3, 4, 1000, 1_000_000]) {
      const bytes = new Uint8Array(length).map((_, index) => index % 256);
      await db.execute({ sql: "insert into blobs values (?)", args: [bytes] });
      const back = await value("select b from blobs order by rowid desc limit 1");
      same(new Uint8Array(back as ArrayBuffer), bytes);
    }
  },
  async "integers beyond 2^53 are exact"() {
    for (const integer of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 0n]) {
      same(await value({ sql: "select ?", args: [integer] }, big), integer);
    }
    const error = await fails(db.execute({ sql: "select ?", args: [2n ** 60n] }));
    ok(error instanceof RangeError);
  },
  async "full-text search, JSON, dates, mathematics and windows are there"() {
    await db.execute("create virtual table docs using fts5(title, body)");
    await db.execute("insert into docs values ('one', 'the quick brown fox'), ('two', 'lazy dogs')");
    same(await value("select title from docs where docs match 'quick' order by rank"), "one");
    same(await value(`select json_extract('{"a":[1,2,{"b":"c"}]}', '$.a[2].b')`), "c");
    same(await value(`select '{"a":5}' ->> 'a'`), 5);
    same(await value("select group_concat(value) from json_each('[1,2,3]')"), "1,2,3");
    same(await value("select date('2024-02-28', '+2 days')"), "2024-03-01");
    same(await value("select unixepoch('1970-01-02')"), 86_400);
    same(await value("select round(sqrt(3), 3)"), 1.732);
    same(await value("select sum(x) over () from (select 1 as x union all select 2)"), 3);
    same(await value("select count(*) from pragma_table_info('docs')"), 2);
    await db.execute("create virtual table spots using rtree(id, x1, x2)");
  },
  async "an upsert, generated columns and a partial index do their work"() {
    await db.executeMultiple(`
      create table kv (key text primary key, value any, twice int generated always as (value * 2) stored) strict;
      create unique index only_big on kv (value) where value > 10;
    `);
    const set =
      "insert into kv (key, value) values (:k, :v) on conflict (key) do update set value = excluded.value";
    await db.execute({ sql: set, args: { k: "a", v: 1 } });
    await db.execute({ sql: set, args: { k: "a", v: 2 } });
    same(await value("select twice from kv where key = 'a'"), 4);
  },
  async "errors have the names and words of sqld"() {
    const cases: [statement: InStatement, code: string, text: RegExp][] = [
      ["select * from nowhere", "SQLITE_UNKNOWN", /^SQLITE_UNKNOWN: SQLite error: no such table: nowhere$/],
      ["select nonesuch", "SQL_INPUT_ERROR", /SQL input error: no such column: nonesuch \(at offset 7\)$/],
      ["select 1 +", "SQL_PARSE_ERROR", /SQL string could not be parsed: /],
      ["selec 1", "SQL_PARSE_ERROR", /SQL string could not be parsed: .*selec/],
      ["select 1; select 2", "SQL_MANY_STATEMENTS", /more than one statement/],
      ["-- nothing", "SQL_NO_STATEMENT", /does not contain any statement/],
      [
        "insert into people (name) values (null)",
        "SQLITE_CONSTRAINT",
        /NOT NULL constraint failed: people.name/,
      ],
      [
        "insert into people (name) values ('Ada')",
        "SQLITE_CONSTRAINT",
        /UNIQUE constraint failed: people.name/,
      ],
      ['select "double"', "SQL_INPUT_ERROR", /no such column: "?double/],
    ];
    for (const [statement, code, words] of cases) {
      const error = await fails(db.execute(statement));
      same([statement, error.code], [statement, code]);
      match(error.message, words);
    }
  },
  async "a result that is too large is an error, and what follows goes on"() {
    const error = await fails(
      db.execute("select hex(randomblob(500000)) from json_each('[1,2,3,4,5,6,7,8,9,10,11,12]')"),
    );
    same(error.code, "RESPONSE_TOO_LARGE");
    same(await value("select 1"), 1);
  },
  async "a bad token is refused, with the message"() {
    // The test's sqld asks for none.
    if (!isOurs) return;
    const other = connect({ authToken: "wrong" });
    const error = await fails(other.execute("select 1"));
    match(error.message, /UNAUTHORIZED: This token is not known\./);
  },
});
