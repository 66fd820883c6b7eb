import type { Kysely } from "kysely";

/** What starts vals by itself: the queue, its history, and who was told that something failed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("jobs")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull().unique())
    .addColumn("file_id", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("payload", "text", (c) => c.notNull())
    .addColumn("due_at", "bigint", (c) => c.notNull())
    .addColumn("run_at", "bigint", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("max_attempts", "integer", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("begun", "integer", (c) => c.notNull())
    .addColumn("lease_owner", "text")
    .addColumn("lease_until", "bigint")
    .addColumn("run_id", "text")
    .addColumn("error", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .execute();
  // Whose turn it is, and which of his is the longest due.
  await schema
    .createIndex("jobs_due")
    .on("jobs")
    .columns(["state", "user_id", "val_id", "run_at", "id"])
    .execute();
  await schema.createIndex("jobs_next").on("jobs").columns(["state", "run_at"]).execute();
  await schema.createIndex("jobs_val").on("jobs").columns(["val_id", "id"]).execute();
  await schema.createIndex("jobs_file").on("jobs").columns(["file_id", "kind", "state"]).execute();
  await schema.createIndex("jobs_user").on("jobs").column("user_id").execute();
  await schema
    .createTable("job_runs")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("job_id", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("file_id", "text", (c) => c.notNull().references("files.id").onDelete("cascade"))
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("due_at", "bigint", (c) => c.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("outcome", "text")
    .addColumn("trace", "text")
    .addColumn("error", "text")
    .addColumn("attempt", "integer", (c) => c.notNull())
    .execute();
  await schema.createIndex("job_runs_file").on("job_runs").columns(["file_id", "id"]).execute();
  await schema.createIndex("job_runs_key").on("job_runs").column("key").execute();
  await schema
    .createTable("job_notices")
    .addColumn("file_id", "text", (c) => c.primaryKey().references("files.id").onDelete("cascade"))
    .addColumn("told_at", "bigint", (c) => c.notNull())
    .execute();
  // Since when it wants no mails about what failed.
  await schema.alterTable("users").addColumn("failure_mails_off_at", "bigint").execute();
}
