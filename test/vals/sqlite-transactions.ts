/** What users of SQLite do with several statements that belong together, and with drizzle, in Deno. */

import { match, ok, deepStrictEqual as same } from "node:assert";
import { eq, sql } from "npm:drizzle-orm@0.45.2";
import { drizzle } from "npm:drizzle-orm@0.45.2/libsql/web";
import { blob, integer, sqliteTable, text } from "npm:drizzle-orm@0.45.2/sqlite-core";
import { count, db, fails, isOurs, runChecks, value } from "./sqlite-checks.ts";

await runChecks({
  async "a batch is a transaction"() {
    const results = await db.batch(
      [
        "create table batched (id integer primary key, v text unique)",
        { sql: "insert into batched (v) values (?)", args: ["a"] },
        { sql: "insert into batched (v) values (:v)", args: { v: "b" } },
        "select * from batched",
      ],
      "write",
    );
    same(
      results.map(({ rows }) => rows.length),
      [0, 0, 0, 2],
    );
    same(
      results.map(({ rowsAffected }) => rowsAffected),
      [0, 1, 1, 0],
    );
    const error = await fails(
      db.batch(["insert into batched (v) values ('c')", "insert into batched (v) values ('a')"], "write"),
    );
    same(error.code, "SQLITE_CONSTRAINT");
    match(error.message, /SQLite error: UNIQUE constraint failed: batched\.v/);
    same(await count("batched"), 2);
    const nowhere = await fails(
      db.batch(["insert into batched (v) values ('d')", "select * from nowhere"], "write"),
    );
    match(nowhere.message, /no such table: nowhere/);
    same(nowhere.code, "SQLITE_UNKNOWN");
    same(await count("batched"), 2);
  },
  async "a batch of 300 different statements runs"() {
    const rows = await db.batch(
      Array.from({ length: 300 }, (_, index) => `select ${index}`),
      "deferred",
    );
    same(rows[299]!.rows[0]![0], 299);
  },
  async "a batch that reads cannot write"() {
    await db.execute("create table if not exists readonly (v)");
    // sqld takes READONLY for the transaction's name.
    if (!isOurs) return;
    const error = await fails(db.batch(["insert into readonly values (1)"], "read"));
    same(error.code, "SQLITE_READONLY");
    same((await db.batch(["select count(*) from readonly"], "read"))[0]!.rows[0]![0], 0);
    await db.execute("insert into readonly values (1)");
  },
  async "executeMultiple runs a script, triggers too, and stops at the first error"() {
    await db.executeMultiple(`
      create table script (id integer primary key, v); -- a comment; with a semicolon
      create table log (v text);
      create trigger on_script after insert on script begin
        insert into log values ('new; ' || new.v);
        select case when new.v > 1 then 1 else 0 end;
      end;
      insert into script (v) values (1), ('a;b');
    `);
    same(
      (await db.execute("select v from log")).rows.map((row) => row.v),
      ["new; 1", "new; a;b"],
    );
    const more = db.executeMultiple("insert into log values ('x'); selec; insert into log values ('y');");
    // sqld passes over what it cannot read, and says nothing.
    if (isOurs) await fails(more);
    else await more;
    same(await count("log"), isOurs ? 3 : 4);
  },
  async "a transaction commits"() {
    await db.execute("create table tx (v)");
    const transaction = await db.transaction("write");
    await transaction.execute({ sql: "insert into tx values (?)", args: [1] });
    same((await transaction.execute("select count(*) from tx")).rows[0]![0], 1);
    same(await count("tx"), 0);
    await transaction.batch(["insert into tx values (2)", "insert into tx values (3)"]);
    await transaction.executeMultiple("insert into tx values (4); insert into tx values (5);");
    await transaction.commit();
    same(await count("tx"), 5);
    ok(transaction.closed);
  },
  async "a transaction rolls back, also when it is only closed"() {
    const transaction = await db.transaction("write");
    await transaction.execute("delete from tx");
    await transaction.rollback();
    same(await count("tx"), 5);
    const other = await db.transaction("write");
    await other.execute("delete from tx");
    other.close();
    await db.execute("insert into tx values (6)");
    same(await count("tx"), 6);
  },
  async "an error within a transaction leaves it open"() {
    const transaction = await db.transaction("write");
    await transaction.execute("insert into tx values (7)");
    await fails(transaction.execute("select * from nowhere"));
    await transaction.execute("insert into tx values (8)");
    await transaction.commit();
    same(await count("tx"), 8);
  },
  async "a transaction that reads sees one state, and cannot write"() {
    const transaction = await db.transaction("read");
    const before = (await transaction.execute("select count(*) from tx")).rows[0]![0];
    await db.execute("insert into tx values (9)");
    same((await transaction.execute("select count(*) from tx")).rows[0]![0], before);
    if (isOurs)
      same((await fails(transaction.execute("insert into tx values (10)"))).code, "SQLITE_READONLY");
    await transaction.rollback();
    same(await count("tx"), Number(before) + 1);
  },
  async "a second writer waits for the first"() {
    const transaction = await db.transaction("write");
    await transaction.execute("insert into tx values ('first')");
    const second = db.execute("insert into tx values ('second')");
    const third = db.batch(["insert into tx values ('third')"], "write");
    await transaction.execute("insert into tx values ('first again')");
    await transaction.commit();
    same((await second).rowsAffected, 1);
    same((await third)[0]!.rowsAffected, 1);
    const { rows } = await db.execute("select v from tx where typeof(v) = 'text' order by rowid");
    same(
      rows.slice(0, 2).map((row) => row.v),
      ["first", "first again"],
    );
    same(rows.length, 4);
  },
  async "migrate switches foreign keys off meanwhile"() {
    await db.executeMultiple(
      "create table parent (id integer primary key); create table child (p references parent(id)); insert into parent values (1); insert into child values (1);",
    );
    same((await fails(db.execute("delete from parent"))).code, "SQLITE_CONSTRAINT");
    await db.migrate([
      "create table parent2 (id integer primary key, name text)",
      "insert into parent2 (id) select id from parent",
      "drop table parent",
      "alter table parent2 rename to parent",
    ]);
    same(await count("parent"), 1);
    same(await value("pragma foreign_keys"), 1);
    same((await fails(db.execute("insert into child values (99)"))).code, "SQLITE_CONSTRAINT");
  },
  async "200 statements at once, reading and writing, all succeed"() {
    await db.execute("create table many (v)");
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        index % 2
          ? db.execute({ sql: "insert into many values (?)", args: [index] })
          : db.execute("select 1"),
      ),
    );
    same(await count("many"), 100);
  },
  async "transactions at once take turns"() {
    await db.execute("create table counter (n integer)");
    await db.execute("insert into counter values (0)");
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const transaction = await db.transaction("write");
        const n = Number((await transaction.execute("select n from counter")).rows[0]!.n);
        await transaction.execute({ sql: "update counter set n = ?", args: [n + 1] });
        await transaction.commit();
      }),
    );
    same(await value("select n from counter"), 10);
  },
  async "drizzle makes, fills, joins and counts"() {
    const orm = drizzle({ client: db });
    const users = sqliteTable("users", {
      id: integer("id").primaryKey({ autoIncrement: true }),
      name: text("name").notNull(),
      born: integer("born", { mode: "timestamp_ms" }),
      data: text("data", { mode: "json" }).$type<{ a: number[] }>(),
      raw: blob("raw", { mode: "buffer" }),
      huge: blob("huge", { mode: "bigint" }),
      yes: integer("yes", { mode: "boolean" }).default(true),
    });
    await orm.run(
      sql`create table users (id integer primary key autoincrement, name text not null, born integer, data text, raw blob, huge blob, yes integer default 1)`,
    );
    const born = new Date(1_000_000);
    const [made] = await orm
      .insert(users)
      .values([
        { name: "Ada", born, data: { a: [1, 2] }, huge: 2n ** 70n },
        { name: "Grace", yes: false },
      ])
      .returning();
    same(
      [made?.id, made?.born?.getTime(), made?.data, made?.huge, made?.yes],
      [1, 1_000_000, { a: [1, 2] }, 2n ** 70n, true],
    );
    await orm.update(users).set({ name: "Grace H." }).where(eq(users.id, 2));
    same((await orm.select().from(users).where(eq(users.name, "Grace H.")))[0]?.yes, false);
    same(await orm.$count(users), 2);
    await orm.transaction(async (tx) => {
      await tx.insert(users).values({ name: "third" });
      await tx.insert(users).values({ name: "fourth" });
    });
    await fails(
      orm.transaction(async (tx) => {
        await tx.delete(users);
        tx.rollback();
      }),
    );
    same(await orm.$count(users), 4);
    const [a, b] = await orm.batch([orm.select().from(users), orm.insert(users).values({ name: "fifth" })]);
    same([a.length, b.rowsAffected], [4, 1]);
  },
});
