import { type Kysely, sql } from "kysely";

/** Runs and log lines. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("runs")
    .addColumn("id", "bigint", (c) => c.primaryKey())
    .addColumn("trace", "text", (c) => c.notNull())
    .addColumn("username", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("file_id", "text", (c) => c.notNull())
    .addColumn("branch_id", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("method", "text", (c) => c.notNull())
    .addColumn("url", "text", (c) => c.notNull())
    .addColumn("status", "integer", (c) => c.notNull())
    .addColumn("error", "text")
    .addColumn("start_us", "bigint", (c) => c.notNull())
    .addColumn("first_us", "bigint", (c) => c.notNull())
    .addColumn("end_us", "bigint", (c) => c.notNull())
    .addColumn("bytes_in", "bigint", (c) => c.notNull())
    .addColumn("bytes_out", "bigint", (c) => c.notNull())
    .addColumn("worker", "text", (c) => c.notNull())
    .addColumn("cold", "integer", (c) => c.notNull())
    .addColumn("aborted", "integer", (c) => c.notNull())
    .addColumn("request_headers", "text", (c) => c.notNull())
    .addColumn("response_headers", "text", (c) => c.notNull())
    .execute();
  await schema.createIndex("runs_end").on("runs").columns(["username", "end_us"]).execute();
  await schema.createIndex("runs_start").on("runs").columns(["username", "start_us"]).execute();
  await schema.createIndex("runs_lasting").on("runs").column("id").where(sql.ref("end_us"), "=", 0).execute();
  await schema
    .createTable("logs")
    .addColumn("id", "bigint", (c) => c.primaryKey())
    .addColumn("trace", "text", (c) => c.notNull())
    .addColumn("username", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("file_id", "text", (c) => c.notNull())
    .addColumn("branch_id", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("level", "text", (c) => c.notNull())
    .addColumn("stream", "text", (c) => c.notNull())
    .addColumn("time_us", "bigint", (c) => c.notNull())
    .addColumn("tie", "integer", (c) => c.notNull())
    .addColumn("text", "text", (c) => c.notNull())
    .execute();
  await schema.createIndex("logs_time").on("logs").columns(["username", "time_us", "tie"]).execute();
  await schema.createIndex("logs_trace").on("logs").column("trace").execute();
  await schema.createIndex("logs_val").on("logs").columns(["val_id", "id"]).execute();
}
