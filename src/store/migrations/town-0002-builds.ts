import type { Kysely } from "kysely";

/** What a build tells besides its artifact, and which other vals it took modules from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  // Built in another way before: the first start after the update builds them again.
  await db.deleteFrom("deployments" as never).execute();
  await schema
    .alterTable("deployments")
    .addColumn("level", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.alterTable("deployments").addColumn("notes", "text").execute();
  await schema
    .createTable("pins")
    .addColumn("file_id", "text", (c) => c.notNull().references("files.id").onDelete("cascade"))
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("branch", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("floating", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("pins_key", ["file_id", "val_id", "branch", "version"])
    .execute();
  await schema.createIndex("pins_val").on("pins").column("val_id").execute();
}
