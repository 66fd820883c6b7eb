import type { Kysely } from "kysely";
import { StoreError } from "./failure.ts";
import { insertMember } from "./org-members.ts";
import type { TownSchema } from "./schema.ts";
import type { OrgRole } from "./schema-orgs.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { type Page, toPage } from "./val-lists.ts";

/** An offer to become a member. */
export interface Invitation {
  readonly id: string;
  readonly orgId: string;
  readonly orgName: string;
  readonly role: OrgRole;
  /** Whom it is for: a user, or whoever has this address, in lower case. */
  readonly username: string | null;
  readonly email: string | null;
  /** Null once that account is gone. */
  readonly invitedBy: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface NewInvitation {
  readonly orgId: string;
  readonly role: OrgRole;
  readonly invitedBy: string;
  readonly to: { readonly userId: string } | { readonly email: string };
}

/** Whom invitations reach: by their account, and by the address that is theirs, if it is known to be. */
export interface Invitee {
  readonly userId: string;
  readonly email: string | undefined;
}

const MAX_OPEN = 500;

/** Invitations to organizations that are neither accepted nor declined. */
export interface Invitations {
  /** Rejects with StoreError `member_already`, `invited_already` or `too_many_invitations`. */
  create(invitation: NewInvitation): Promise<Invitation>;
  /** Those of an organization, the newest first. */
  listByOrg(orgId: string, page: { limit: number; offset: number }): Promise<Page<Invitation>>;
  /** Those that reach someone, the newest first. */
  listFor(invitee: Invitee, page: { limit: number; offset: number }): Promise<Page<Invitation>>;
  /** It is used up, and all others of this organization to the same person with it. Rejects with `no_invitation`. */
  accept(id: string, invitee: Invitee): Promise<Invitation>;
  /** Returns whether there was one. */
  decline(id: string, invitee: Invitee): Promise<boolean>;
  /** The organization takes it back; returns whether there was one. */
  remove(orgId: string, id: string): Promise<boolean>;
}

export function createInvitations(db: Kysely<TownSchema>, now: () => number): Invitations {
  return {
    create: (invitation) => createInvitation(db, invitation, now()),
    async listByOrg(orgId, { limit, offset }) {
      const all = select(db).where("org_invitations.org_id", "=", orgId);
      const rows = await all
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toInvitation), limit);
    },
    async listFor(invitee, { limit, offset }) {
      const rows = await reaching(db, invitee)
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toInvitation), limit);
    },
    accept: (id, invitee) =>
      db.transaction().execute(async (trx) => {
        const row = await reaching(trx, invitee).where("org_invitations.id", "=", id).executeTakeFirst();
        if (row === undefined) throw new StoreError("no_invitation", "Invitation not found");
        const all = await reaching(trx, invitee).where("org_invitations.org_id", "=", row.org_id).execute();
        const ids = all.map((one) => one.id);
        await trx.deleteFrom("org_invitations").where("id", "in", ids).execute();
        await insertMember(trx, { orgId: row.org_id, userId: invitee.userId, role: row.role }, now());
        return toInvitation(row);
      }),
    decline: (id, invitee) =>
      db.transaction().execute(async (trx) => {
        const row = await reaching(trx, invitee).where("org_invitations.id", "=", id).executeTakeFirst();
        if (row === undefined) return false;
        await trx.deleteFrom("org_invitations").where("id", "=", id).execute();
        return true;
      }),
    async remove(orgId, id) {
      const query = db.deleteFrom("org_invitations").where("org_id", "=", orgId).where("id", "=", id);
      return (await query.executeTakeFirst()).numDeletedRows > 0n;
    },
  };
}

function createInvitation(
  db: Kysely<TownSchema>,
  { orgId, role, invitedBy, to }: NewInvitation,
  at: number,
): Promise<Invitation> {
  const id = Bun.randomUUIDv7();
  const [userId, email] = "userId" in to ? [to.userId, null] : [null, to.email.toLowerCase()];
  return db.transaction().execute(async (trx) => {
    const members = trx.selectFrom("memberships").select("id").where("org_id", "=", orgId);
    if (userId !== null && (await members.where("user_id", "=", userId).executeTakeFirst())) {
      throw new StoreError(
        "member_already",
        "This person is a member of the organization already. To change their role, change the membership.",
      );
    }
    const open = await trx
      .selectFrom("org_invitations")
      .select((f) => f.fn.countAll<number>().as("count"))
      .where("org_id", "=", orgId)
      .executeTakeFirstOrThrow();
    if (open.count >= MAX_OPEN) {
      const message = `An organization has at most ${MAX_OPEN} open invitations. Take some back first.`;
      throw new StoreError("too_many_invitations", message);
    }
    const row = { id, org_id: orgId, user_id: userId, email, role, invited_by: invitedBy, created_at: at };
    try {
      await trx.insertInto("org_invitations").values(row).execute();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new StoreError(
        "invited_already",
        "This person has been invited already. Take that invitation back to make another one.",
      );
    }
    return toInvitation(await select(trx).where("org_invitations.id", "=", id).executeTakeFirstOrThrow());
  });
}

function reaching(db: Kysely<TownSchema>, { userId, email }: Invitee) {
  return select(db).where((where) =>
    where.or([
      where("org_invitations.user_id", "=", userId),
      ...(email === undefined ? [] : [where("org_invitations.email", "=", email.toLowerCase())]),
    ]),
  );
}

function select(db: Kysely<TownSchema>) {
  return db
    .selectFrom("org_invitations")
    .innerJoin("users as org", "org.id", "org_invitations.org_id")
    .leftJoin("users as invited", "invited.id", "org_invitations.user_id")
    .leftJoin("users as host", "host.id", "org_invitations.invited_by")
    .select(["org_invitations.id", "org_invitations.org_id", "org_invitations.role"])
    .select(["org_invitations.email", "org_invitations.created_at"])
    .select(["org.username as org_name", "invited.username", "host.username as host_name"])
    .orderBy("org_invitations.created_at", "desc")
    .orderBy("org_invitations.id", "desc");
}

type InvitationRow = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    orgId: row.org_id,
    orgName: row.org_name,
    role: row.role,
    username: row.username,
    email: row.email,
    invitedBy: row.host_name,
    createdAt: row.created_at,
  };
}
