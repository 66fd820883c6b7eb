import type { Kysely } from "kysely";

/** Runs counted by account and day: kept when the runs themselves are gone, and those that were never stored are in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("run_counts")
    .addColumn("user_id", "text", (c) => c.notNull())
    .addColumn("day", "integer", (c) => c.notNull())
    .addColumn("runs", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("run_counts_key", ["user_id", "day"])
    .execute();
}
