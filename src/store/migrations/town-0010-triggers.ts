import { type Kysely, sql } from "kysely";

/** Subdomains that were given up, domains, and what came of each build. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("released_labels")
    .addColumn("label", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull())
    .addColumn("released_at", "bigint", (c) => c.notNull())
    .execute();
  await schema.createIndex("released_labels_user").on("released_labels").column("user_id").execute();
  await schema
    .createTable("domains")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("host", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("file_id", "text", (c) => c.notNull())
    .addColumn("token", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("verified_at", "bigint")
    .addColumn("checked_at", "bigint")
    .execute();
  await schema.createIndex("domains_host").on("domains").column("host").execute();
  await schema.createIndex("domains_val").on("domains").column("val_id").execute();
  // Two may ask for a host; one has it.
  await schema
    .createIndex("domains_verified")
    .unique()
    .on("domains")
    .column("host")
    .where(sql.ref("verified_at"), "is not", null)
    .execute();
  await schema
    .createTable("builds")
    .addColumn("file_id", "text", (c) => c.notNull().references("files.id").onDelete("cascade"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("ok", "integer", (c) => c.notNull())
    .addColumn("level", "integer", (c) => c.notNull())
    .addColumn("notes", "text")
    .addColumn("diagnostics", "text")
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("builds_key", ["file_id", "version"])
    .execute();
}
