import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import {
  DatabaseError,
  isUniqueViolation,
  openSqlite,
  refersToNothing,
  type SqliteDatabase,
} from "./sqlite.ts";

interface Schema {
  things: { id: number; name: string };
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "sqlite-"));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function open(file = join(folder(), "a.db")): Promise<SqliteDatabase<Schema>> {
  const database = await openSqlite<Schema>({ file, durability: "full" });
  cleanUps.push(() => database.close());
  await database.db.schema
    .createTable("things")
    .ifNotExists()
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull().unique())
    .execute();
  return database;
}

test("a refused row keeps SQLite's code across the thread, and the next statement works", async () => {
  const { db } = await open();
  await db.insertInto("things").values({ id: 1, name: "a" }).execute();
  const again = await db
    .insertInto("things")
    .values({ id: 2, name: "a" })
    .execute()
    .catch((error: unknown) => error);
  expect(again).toBeInstanceOf(DatabaseError);
  expect((again as DatabaseError).code).toBe("SQLITE_CONSTRAINT_UNIQUE");
  expect(isUniqueViolation(again)).toBe(true);
  expect(await db.selectFrom("things").selectAll().execute()).toEqual([{ id: 1, name: "a" }]);
});

test("a transaction that fails leaves nothing behind, not even for those that wait behind it", async () => {
  const { db } = await open();
  const failed = db.transaction().execute(async (trx) => {
    await trx.insertInto("things").values({ id: 1, name: "a" }).execute();
    throw new Error("no");
  });
  const next = db.insertInto("things").values({ id: 1, name: "b" }).execute();
  expect(await failed.catch((error: Error) => error.message)).toBe("no");
  await next;
  expect(await db.selectFrom("things").select("name").execute()).toEqual([{ name: "b" }]);
});

test("transactions run one after another: no increment is lost", async () => {
  const { db } = await open();
  await db.insertInto("things").values({ id: 0, name: "counter" }).execute();
  const increment = () =>
    db.transaction().execute(async (trx) => {
      const { id } = await trx.selectFrom("things").select("id").executeTakeFirstOrThrow();
      await trx
        .updateTable("things")
        .set({ id: id + 1 })
        .execute();
    });
  await Promise.all(Array.from({ length: 30 }, increment));
  expect(await db.selectFrom("things").select("id").executeTakeFirst()).toEqual({ id: 30 });
});

test("the event loop goes on while the thread works", async () => {
  const { db } = await open();
  const slow = sql<{ n: number }>`
    with recursive c(n) as (select 1 union all select n + 1 from c where n < 3000000) select count(*) as n from c
  `.execute(db);
  let turns = 0;
  let done = false;
  void slow.then(() => {
    done = true;
  });
  while (!done) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await slow).rows).toEqual([{ n: 3_000_000 }]);
  expect(turns).toBeGreaterThan(100);
});

test("texts come back as they were, also with NUL and beyond the BMP", async () => {
  const { db } = await open();
  const name = "a\0b\u{1F600}\u2028'\"";
  await db.insertInto("things").values({ id: 1, name }).execute();
  expect(await db.selectFrom("things").select("name").executeTakeFirst()).toEqual({ name });
});

test("many rows go in at once, or none of them", async () => {
  const { db, insertMany } = await open();
  await insertMany(
    "things",
    ["id", "name"],
    Array.from({ length: 500 }, (_, i) => [i, `n${i}`]),
  );
  const clash = insertMany(
    "things",
    ["id", "name"],
    [
      [1000, "new"],
      [1001, "n3"],
    ],
  );
  expect(await clash.catch((error: Error) => error.message)).toContain("UNIQUE");
  const { n } = await db
    .selectFrom("things")
    .select((f) => f.fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
  expect(n).toBe(500);
});

test("freed pages are given back in portions, and the file shrinks", async () => {
  const file = join(folder(), "a.db");
  const database = await open(file);
  const rows = Array.from({ length: 5000 }, (_, i) => [i, `${i}${"x".repeat(400)}`]);
  await database.insertMany("things", ["id", "name"], rows);
  const used = await database.usedBytes();
  await database.db.deleteFrom("things").where("id", ">=", 100).execute();
  expect(await database.usedBytes()).toBeLessThan(used / 5);
  const left = await database.shrink(100);
  expect(left).toBeGreaterThan(0);
  expect(await database.shrink(100)).toBe(left - 100);
  while ((await database.shrink(1000)) > 0);
  await database.close();
  expect(statSync(file).size).toBeLessThan(used / 5);
});

test("a closed database refuses, and closing again does no harm", async () => {
  const { db, close } = await open();
  await close();
  await close();
  expect(
    await db
      .selectFrom("things")
      .selectAll()
      .execute()
      .catch(() => "refused"),
  ).toBe("refused");
});

test("a file that is no database is an error with a code, not a crash", async () => {
  const file = join(folder(), "a.db");
  writeFileSync(file, "this is certainly not a database file, however long one looks at it".repeat(100));
  const error = await openSqlite({ file, durability: "full" }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DatabaseError);
  expect((error as DatabaseError).code).toBe("SQLITE_NOTADB");
});

test("two openings of one file see each other's rows", async () => {
  const file = join(folder(), "a.db");
  const one = await open(file);
  const two = await open(file);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? one : two).db.transaction().execute(async (trx) => {
        await trx
          .insertInto("things")
          .values({ id: i, name: `n${i}` })
          .execute();
      }),
    ),
  );
  expect(await one.db.selectFrom("things").selectAll().execute()).toHaveLength(20);
});

test("a row that refers to one which was removed meanwhile is known as such", async () => {
  const { db } = await open();
  await db.schema
    .createTable("parts")
    .addColumn("thing", "integer", (c) => c.references("things.id"))
    .execute();
  const orphan = await db
    .withTables<{ parts: { thing: number } }>()
    .insertInto("parts")
    .values({ thing: 7 })
    .execute()
    .catch((error: unknown) => error);
  expect([refersToNothing(orphan), isUniqueViolation(orphan)]).toEqual([true, false]);
});

test("what is read outside a transaction does not wait for one, and sees every write that was acknowledged", async () => {
  const { db } = await open();
  const names = () => db.selectFrom("things").select("name").execute();
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("things").values({ id: 1, name: "a" }).execute();
    expect(await trx.selectFrom("things").selectAll().execute()).toHaveLength(1);
    // From outside, while the transaction is open: the state before it.
    expect(await names()).toEqual([]);
  });
  expect(await names()).toEqual([{ name: "a" }]);
  for (let id = 2; id < 50; id++) {
    await db
      .insertInto("things")
      .values({ id, name: `n${id}` })
      .execute();
    expect(await names()).toHaveLength(id);
  }
});
