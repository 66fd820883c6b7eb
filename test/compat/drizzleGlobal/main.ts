import { sqlite } from "https://esm.town/v/std/sqlite";
import { drizzle } from "npm:drizzle-orm@0.38.3/libsql";
import { sqliteTable, text } from "npm:drizzle-orm@0.38.3/sqlite-core";

const db = drizzle(sqlite as any);
const kv = sqliteTable("drizzle_kv", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

export default async () => {
  await sqlite.execute("create table if not exists drizzle_kv (key text primary key, value text not null)");
  await db.transaction(async (tx) => {
    await tx.insert(kv).values({ key: "a", value: "1" }).onConflictDoNothing();
  });
  return Response.json(await db.select().from(kv).all());
};
