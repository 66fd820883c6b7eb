import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
import { eq } from "npm:drizzle-orm@0.38.3";
import { drizzle } from "npm:drizzle-orm@0.38.3/libsql";
import { integer, sqliteTable, text } from "npm:drizzle-orm@0.38.3/sqlite-core";

const db = drizzle(sqlite as any);
const todos = sqliteTable("todos", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  title: text("title").notNull(),
  done: integer("done", { mode: "boolean" }).notNull().default(false),
});

await sqlite.execute(`create table if not exists todos (
  id integer primary key autoincrement, title text not null, done integer not null default 0
)`);

export default async function(req: Request): Promise<Response> {
  if (req.method === "POST") {
    const { title } = await req.json();
    return Response.json(await db.insert(todos).values({ title }).returning());
  }
  if (req.method === "PATCH") {
    const id = Number(new URL(req.url).pathname.slice(1));
    return Response.json(await db.update(todos).set({ done: true }).where(eq(todos.id, id)).returning());
  }
  const [open, all] = await db.batch([
    db.select({ title: todos.title }).from(todos).where(eq(todos.done, false)),
    db.select().from(todos),
  ]);
  return Response.json({ open, count: all.length });
}
