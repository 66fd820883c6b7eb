import type { Kysely } from "kysely";

/** Mails of vals: those that wait to be sent, and what became of the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("mails")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("val_id", "text")
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("envelope", "text", (c) => c.notNull())
    .addColumn("bytes", "integer", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("error", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .addColumn("next_at", "bigint")
    // The last column, because it may be large: reading those before it does not touch its pages.
    .addColumn("content", "text")
    .execute();
  await db.schema.createIndex("mails_user").on("mails").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("mails_next").on("mails").columns(["state", "next_at"]).execute();
}
