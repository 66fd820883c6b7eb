// What std/sqlite promises, told as JSON.

import { sqlite as global } from "https://esm.town/v/std/sqlite/global.ts";
import { sqlite as scoped } from "https://esm.town/v/std/sqlite/main.ts";
import { sqlite as older } from "https://esm.town/v/std/sqlite2";

export default async function (req: Request): Promise<Response> {
  const client = new URL(req.url).pathname === "/global" ? global : scoped;
  const told: Record<string, unknown> = {};
  await client.batch(
    ["drop table if exists t", "create table t (id integer primary key, name text, data blob)"],
    "write",
  );

  const inserted = await client.execute("insert into t (name) values (?)", ["ann"]);
  told.inserted = [inserted.rowsAffected, Number(inserted.lastInsertRowid), typeof inserted.lastInsertRowid];
  told.asJson = [inserted, await client.execute("select name from t")];
  const selected = await client.execute("select id, name, 1 + 1 as two from t");
  told.columns = [selected.columns, selected.columnTypes];
  told.rows = selected.rows;
  told.both = [selected.rows[0]![1], selected.rows[0]!.name, Array.from(selected.rows[0]!)];

  told.rolledBack = await client
    .batch(["insert into t (name) values ('bob')", "insert into nowhere values (1)"], "write")
    .catch((error) => [error.name, error.message]);
  told.afterRollback = (await client.execute("select count(*) from t")).rows[0]![0];

  const transaction = await client.transaction("write");
  await transaction.execute({ sql: "insert into t (name) values (:name)", args: { name: "cid" } });
  told.inTransaction = (await transaction.execute("select name from t where id = 2")).rows;
  await transaction.rollback();
  told.afterTransaction = (await client.execute("select count(*) from t")).rows[0]![0];

  await client.executeMultiple("insert into t (name) values ('dee'); insert into t (name) values ('eve');");
  await client.migrate(["alter table t add column age integer"]);
  const bytes = await client.execute("select ? as data, ? as big", [new Uint8Array([0, 255]), 2n ** 40n]);
  told.bytes = [[...new Uint8Array(bytes.rows[0]![0] as ArrayBuffer)], Number(bytes.rows[0]![1])];
  told.olderIsGlobal = (await older.execute("select count(*) as n from sqlite_master where name = 't'")).rows;
  return Response.json(told);
}
