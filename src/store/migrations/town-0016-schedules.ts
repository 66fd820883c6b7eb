import { type Kysely, sql } from "kysely";

/** Schedules of interval files. Files from before there were any do not start by themselves: their owners may have forgotten them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("schedules")
    .addColumn("file_id", "text", (c) => c.primaryKey().references("files.id").onDelete("cascade"))
    .addColumn("schedule", "text", (c) => c.notNull())
    .addColumn("time_zone", "text", (c) => c.notNull())
    .addColumn("paused", "integer", (c) => c.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("reckoned_at", "bigint", (c) => c.notNull())
    .addColumn("last_run_at", "bigint")
    .execute();
  await schema.createIndex("schedules_next").on("schedules").column("next_at").execute();
  await schema.createIndex("schedules_reckoned").on("schedules").column("reckoned_at").execute();
  await sql`
    insert into schedules (file_id, schedule, time_zone, paused, reckoned_at)
    select id, 'every hour', 'UTC', 1, 0 from files where type = 'interval'`.execute(db);
  await schema.alterTable("users").addColumn("min_period_ms", "bigint").execute();
}
