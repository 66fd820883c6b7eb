import { type Kysely, sql } from "kysely";

/** Who made each version and how, what branches and remixes come from, and pull requests. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createVersions(db);
  await createLineage(db);
  await createMerging(db);
  await createPulls(db);
}

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("versions")
    .addColumn("branch_id", "text", (c) => c.notNull().references("branches.id").onDelete("cascade"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("author_id", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("source_branch_id", "text")
    .addColumn("source_version", "integer")
    .addColumn("changes", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("versions_key", ["branch_id", "version"])
    .execute();
  // Until now only a val's owner could change it, and the first version was always the empty one.
  await sql`
    insert into versions (branch_id, version, author_id, created_at, kind, changes)
    select b.id, r.version, v.user_id, max(r.updated_at), 'edit', count(*)
    from branches b join vals v on v.id = b.val_id join file_revisions r on r.branch_id = b.id
    where r.version > 0 group by b.id, r.version, v.user_id
    union all
    select b.id, 0, v.user_id, b.created_at, 'create', 0 from branches b join vals v on v.id = b.val_id
  `.execute(db);
}

async function createLineage(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("files")
    .addColumn("lineage", "text", (c) => c.notNull().defaultTo(""))
    .execute();
  await sql`update files set lineage = id`.execute(db);
  await db.schema
    .createIndex("files_lineage")
    .unique()
    .on("files")
    .columns(["branch_id", "lineage"])
    .execute();
  await db.schema.alterTable("branches").addColumn("fork_version", "integer").execute();
  await db.schema.createIndex("branches_forked").on("branches").column("forked_branch_id").execute();
}

async function createMerging(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("merge_bases")
    .addColumn("branch_id", "text", (c) => c.notNull().references("branches.id").onDelete("cascade"))
    .addColumn("other_id", "text", (c) => c.notNull().references("branches.id").onDelete("cascade"))
    .addColumn("base_branch_id", "text", (c) => c.notNull())
    .addColumn("base_version", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("merge_bases_key", ["branch_id", "other_id"])
    .execute();
  await db.schema.createIndex("merge_bases_other").on("merge_bases").column("other_id").execute();
  await db.schema
    .createTable("conflicts")
    .addColumn("file_id", "text", (c) => c.primaryKey().references("files.id").onDelete("cascade"))
    .addColumn("opening", "text", (c) => c.notNull())
    .addColumn("closing", "text", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("origins")
    .addColumn("val_id", "text", (c) => c.primaryKey().references("vals.id").onDelete("cascade"))
    .addColumn("origin_val_id", "text", (c) => c.notNull())
    .addColumn("origin_branch_id", "text", (c) => c.notNull())
    .addColumn("origin_version", "integer", (c) => c.notNull())
    .execute();
}

async function createPulls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("pulls")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("title", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("author_id", "text", (c) => c.notNull())
    .addColumn("source_branch_id", "text", (c) => c.references("branches.id").onDelete("set null"))
    .addColumn("target_branch_id", "text", (c) => c.references("branches.id").onDelete("set null"))
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .addColumn("ended_by", "text")
    .addColumn("ended_at", "bigint")
    .addColumn("merged_from", "integer")
    .addColumn("merged_version", "integer")
    .execute();
  await db.schema.createIndex("pulls_number").unique().on("pulls").columns(["val_id", "number"]).execute();
  await db.schema.createIndex("pulls_target").on("pulls").column("target_branch_id").execute();
  await db.schema.createIndex("pulls_source").on("pulls").column("source_branch_id").execute();
  await db.schema
    .createIndex("pulls_open")
    .unique()
    .on("pulls")
    .columns(["source_branch_id", "target_branch_id"])
    .where(sql.ref("state"), "=", "open")
    .execute();
}
