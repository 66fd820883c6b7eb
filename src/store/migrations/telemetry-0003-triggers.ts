import type { Kysely } from "kysely";

/** What had started the val that wrote a line. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("logs")
    .addColumn("trigger", "text", (c) => c.notNull().defaultTo("http"))
    .execute();
}
