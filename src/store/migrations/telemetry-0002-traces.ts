import type { Kysely } from "kysely";

/** A run by its trace. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("runs_trace").on("runs").column("trace").execute();
}
