import type { Kysely } from "kysely";

/** Requests with an idempotency key, and how they were answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("requests")
    .addColumn("owner", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("fingerprint", "text", (c) => c.notNull())
    .addColumn("status", "integer")
    .addColumn("headers", "text")
    .addColumn("body", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("requests_key", ["owner", "key"])
    .execute();
  await schema.createIndex("requests_user").on("requests").columns(["user_id", "created_at"]).execute();
  await schema.createIndex("requests_created").on("requests").column("created_at").execute();
}
