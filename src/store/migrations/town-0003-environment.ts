import type { Kysely } from "kysely";

/** The variables of vals, their values encrypted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("env_vars")
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("size", "integer", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint")
    .addPrimaryKeyConstraint("env_vars_key", ["val_id", "key"])
    .execute();
}
