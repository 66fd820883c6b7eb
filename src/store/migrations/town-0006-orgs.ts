import { type Kysely, sql } from "kysely";

/** Organizations, the operator, likes, and the names that vals had before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema.alterTable("users").addColumn("role", "text").execute();
  // Who was there first is the operator; std is the standard library's own.
  await sql`
    update users set role = 'admin' where id = (
      select id from users where type = 'user' and username_key <> 'std' order by created_at, id limit 1
    )`.execute(db);
  await schema
    .createTable("memberships")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await schema
    .createIndex("memberships_org")
    .unique()
    .on("memberships")
    .columns(["org_id", "user_id"])
    .execute();
  await schema.createIndex("memberships_user").on("memberships").column("user_id").execute();
  await createInvitations(db);
  await schema
    .createTable("likes")
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("likes_key", ["val_id", "user_id"])
    .execute();
  await schema.createIndex("likes_user").on("likes").columns(["user_id", "created_at"]).execute();
  await schema
    .createTable("old_val_names")
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("val_id", "text", (c) => c.notNull().references("vals.id").onDelete("cascade"))
    .addPrimaryKeyConstraint("old_val_names_key", ["user_id", "name"])
    .execute();
  await schema.createIndex("old_val_names_val").on("old_val_names").column("val_id").execute();
}

async function createInvitations(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("org_invitations")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
    .addColumn("email", "text")
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("invited_by", "text", (c) => c.references("users.id").onDelete("set null"))
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await schema
    .createIndex("org_invitations_user")
    .unique()
    .on("org_invitations")
    .columns(["org_id", "user_id"])
    .execute();
  await schema
    .createIndex("org_invitations_email")
    .unique()
    .on("org_invitations")
    .columns(["org_id", "email"])
    .execute();
  await schema.createIndex("org_invitations_to_user").on("org_invitations").column("user_id").execute();
  await schema.createIndex("org_invitations_to_email").on("org_invitations").column("email").execute();
}
