import type { Kysely } from "kysely";

/** How the bodies of a call passed over time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("runs").addColumn("timeline", "text").execute();
}
