import { type Kysely, sql } from "kysely";

/** Users, tokens, vals with branches and files, their host labels and builds. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("users")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("username", "text", (c) => c.notNull())
    .addColumn("username_key", "text", (c) => c.notNull().unique())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("email", "text")
    .addColumn("bio", "text")
    .addColumn("image_url", "text")
    .addColumn("tier", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await schema
    .createTable("tokens")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("hash", "text", (c) => c.notNull().unique())
    .addColumn("label", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("used_at", "bigint")
    .addColumn("expires_at", "bigint")
    .execute();
  await schema.createIndex("tokens_user").on("tokens").column("user_id").execute();
  await schema
    .createTable("vals")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("privacy", "text", (c) => c.notNull())
    .addColumn("image_url", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await schema.createIndex("vals_name").unique().on("vals").columns(["user_id", "name"]).execute();
  await schema.createIndex("vals_created").on("vals").column("created_at").execute();
  await schema
    .createTable("branches")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("forked_branch_id", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .execute();
  await schema.createIndex("branches_name").unique().on("branches").columns(["val_id", "name"]).execute();
  await createFiles(db);
  await createServing(db);
}

async function createFiles(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("texts")
    .addColumn("hash", "text", (c) => c.primaryKey())
    .addColumn("content", "text", (c) => c.notNull())
    .execute();
  await schema
    .createTable("files")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("branch_id", "text", (c) => c.notNull().references("branches.id").onDelete("cascade"))
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("parent", "text", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("text_hash", "text")
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("deleted", "integer", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .execute();
  await schema
    .createIndex("files_path")
    .unique()
    .on("files")
    .columns(["branch_id", "path"])
    .where(sql.ref("deleted"), "=", 0)
    .execute();
  await schema.createIndex("files_val").on("files").column("val_id").execute();
  await schema
    .createTable("file_revisions")
    .addColumn("file_id", "text", (c) => c.notNull().references("files.id").onDelete("cascade"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("branch_id", "text", (c) => c.notNull())
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("parent", "text", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("text_hash", "text")
    .addColumn("deleted", "integer", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("file_revisions_key", ["file_id", "version"])
    .execute();
  await schema
    .createIndex("file_revisions_branch")
    .on("file_revisions")
    .columns(["branch_id", "version"])
    .execute();
  await schema.createIndex("file_revisions_text").on("file_revisions").column("text_hash").execute();
}

async function createServing(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("endpoints")
    .addColumn("label", "text", (c) => c.primaryKey())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("file_id", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .execute();
  await schema.createIndex("endpoints_val").on("endpoints").column("val_id").execute();
  await schema.createIndex("endpoints_file").on("endpoints").column("file_id").execute();
  await schema
    .createTable("deployments")
    .addColumn("file_id", "text", (c) => c.primaryKey().references("files.id").onDelete("cascade"))
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("version", "integer")
    .addColumn("artifact", "text")
    .addColumn("entry", "text")
    .addColumn("built_at", "bigint")
    .addColumn("failed_version", "integer")
    .addColumn("diagnostics", "text")
    .addColumn("failed_at", "bigint")
    .execute();
  await schema.createIndex("deployments_val").on("deployments").column("val_id").execute();
}
