import type { Kysely } from "kysely";

/** Calls and log lines of one val in the order of their time, for its page: its owner may have vals that say far more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("runs_val").on("runs").columns(["val_id", "start_us"]).execute();
  await db.schema.createIndex("logs_val_time").on("logs").columns(["val_id", "time_us", "tie"]).execute();
}
