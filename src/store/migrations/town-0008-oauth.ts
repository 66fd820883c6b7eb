import { type Kysely, sql } from "kysely";

/** What the OAuth server remembers: clients, grants, codes, tokens and the steps of a sign-in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("oauth_records")
    .addColumn("model", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .addColumn("payload", "text", (c) => c.notNull())
    .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
    .addColumn("client_id", "text")
    .addColumn("grant_id", "text")
    .addColumn("alias", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("consumed_at", "bigint")
    .addColumn("expires_at", "bigint")
    .addPrimaryKeyConstraint("oauth_records_key", ["model", "hash"])
    .execute();
  const index = (name: string, columns: string[], where: string) =>
    db.schema
      .createIndex(name)
      .on("oauth_records")
      .columns(columns)
      .where(sql.ref(where), "is not", null)
      .execute();
  await index("oauth_records_alias", ["model", "alias"], "alias");
  await index("oauth_records_grant", ["grant_id"], "grant_id");
  await index("oauth_records_user", ["user_id"], "user_id");
  await index("oauth_records_client", ["client_id"], "client_id");
  await index("oauth_records_expiry", ["expires_at"], "expires_at");
}
