import type { Kysely } from "kysely";

/** Blobs by scope and key, and the objects that none of them refers to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("blobs")
    .addColumn("scope_kind", "text", (c) => c.notNull())
    .addColumn("scope_id", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("owner_id", "text", (c) => c.notNull())
    .addColumn("object", "text", (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("sha256", "text", (c) => c.notNull())
    .addColumn("content_type", "text")
    .addColumn("modified_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("blobs_key", ["scope_kind", "scope_id", "key"])
    .execute();
  await schema.createIndex("blobs_object").on("blobs").column("object").execute();
  // With the size in it, an account's sum is read from the index alone.
  await schema.createIndex("blobs_owner").on("blobs").columns(["owner_id", "size"]).execute();
  await schema
    .createTable("blob_leftovers")
    .addColumn("object", "text", (c) => c.primaryKey())
    .execute();
}
