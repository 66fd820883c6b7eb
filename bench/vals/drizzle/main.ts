// Builds a query; the database is whoever gets the text.
import { eq } from "npm:drizzle-orm@0.38.3";
import { integer, sqliteTable, text } from "npm:drizzle-orm@0.38.3/sqlite-core";
import { drizzle } from "npm:drizzle-orm@0.38.3/sqlite-proxy";

const users = sqliteTable("users", { id: integer().primaryKey(), name: text().notNull() });
const db = drizzle(async () => ({ rows: [] }));

export default function query(_req: Request): Response {
  return Response.json(db.select().from(users).where(eq(users.id, 1)).toSQL());
}
