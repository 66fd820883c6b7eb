import { type Kysely, sql } from "kysely";

/** Addresses of email files, those that were given up, and the mails that came. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("mail_addresses")
    .addColumn("label", "text", (c) => c.primaryKey())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("file_id", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .execute();
  await schema.createIndex("mail_addresses_val").on("mail_addresses").column("val_id").execute();
  await schema.createIndex("mail_addresses_file").on("mail_addresses").column("file_id").execute();
  await schema
    .createTable("released_addresses")
    .addColumn("label", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull())
    .addColumn("released_at", "bigint", (c) => c.notNull())
    .execute();
  await schema.createIndex("released_addresses_user").on("released_addresses").column("user_id").execute();
  await schema
    .createTable("mails_in")
    .addColumn("mail_id", "text", (c) => c.notNull())
    .addColumn("file_id", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("address", "text", (c) => c.notNull())
    .addColumn("sender", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("size", "integer", (c) => c.notNull())
    .addColumn("message_id", "text")
    .addColumn("hops", "integer", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("outcome", "text")
    .addColumn("error", "text")
    .addColumn("trace", "text")
    // The last column, because it is the longest.
    .addColumn("head", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("mails_in_key", ["mail_id", "file_id"])
    .execute();
  await schema.createIndex("mails_in_val").on("mails_in").columns(["val_id", "mail_id"]).execute();
  await schema.createIndex("mails_in_user").on("mails_in").columns(["user_id", "mail_id"]).execute();
  await schema.createIndex("mails_in_created").on("mails_in").column("created_at").execute();
  await claimAddresses(db);
}

/** Email files that are there already get the address of their id, the first of each `main` the val's own. */
async function claimAddresses(db: Kysely<unknown>): Promise<void> {
  await sql`insert into mail_addresses (label, val_id, file_id, kind)
    select lower(users.username || '-' || replace(files.id, '-', '')), vals.id, files.id, 'id'
    from files join vals on vals.id = files.val_id join users on users.id = vals.user_id
    where files.type = 'email' and files.deleted = 0
    on conflict (label) do nothing`.execute(db);
  await sql`insert into mail_addresses (label, val_id, file_id, kind)
    select lower(users.username || '.' || vals.name), vals.id, files.id, 'name'
    from files join vals on vals.id = files.val_id join users on users.id = vals.user_id
      join branches on branches.id = files.branch_id
    where files.type = 'email' and files.deleted = 0 and branches.name = 'main'
      and length(users.username) + length(vals.name) < 64
    order by files.created_at, files.id
    on conflict (label) do nothing`.execute(db);
}
