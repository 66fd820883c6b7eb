import { type Kysely, sql } from "kysely";

/** Indexes with which no list or look-up of a state, newest or old, reads more than it answers with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createIndex("files_parent")
    .on("files")
    .columns(["branch_id", "parent", "path"])
    .where(sql.ref("deleted"), "=", 0)
    .execute();
  // With the id in it, it alone tells which files a version may have had.
  await schema
    .createIndex("files_branch")
    .on("files")
    .columns(["branch_id", "deleted", "version", "id"])
    .execute();
  // The path first: it is of no use, and must not seem to be of any, to who asks for a branch alone.
  await schema
    .createIndex("file_revisions_path")
    .on("file_revisions")
    .columns(["path", "branch_id", "version"])
    .execute();
  // The operator's lists.
  await schema.createIndex("users_created").on("users").columns(["created_at", "id"]).execute();
  await schema.createIndex("invites_created").on("invites").columns(["created_at", "id"]).execute();
  await schema.createIndex("domains_file").on("domains").column("file_id").execute();
}
