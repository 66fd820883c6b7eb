import type { Kysely, Transaction } from "kysely";
import { StoreError } from "./failure.ts";
import { createInvitations, type Invitations } from "./org-invitations.ts";
import { insertMember } from "./org-members.ts";
import type { TownSchema } from "./schema.ts";
import type { OrgRole } from "./schema-orgs.ts";
import { insertUser, type User } from "./users.ts";
import { type Page, toPage } from "./val-lists.ts";

/** An organization that someone is a member of. */
export interface Org {
  readonly id: string;
  readonly username: string;
  /** That person's. */
  readonly role: OrgRole;
}

/** Someone's membership in an organization. */
export interface Member {
  readonly id: string;
  readonly orgId: string;
  readonly userId: string;
  readonly username: string;
  readonly role: OrgRole;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Organizations and who belongs to them. An organization always has an owner. */
export interface Orgs {
  /** Makes the account and its first owner. Rejects as `Users.create` does, and with `too_many_orgs`. */
  create(org: { username: string; ownerId: string; id?: string }): Promise<User>;
  /** Those that a user is a member of, by name. */
  list(userId: string, page: { limit: number; offset: number }): Promise<Page<Org>>;
  /** The oldest first. */
  members(orgId: string): Promise<Member[]>;
  member(orgId: string, userId: string): Promise<Member | undefined>;
  /** Who stands for it where a person is needed: the owner who has been one of it for the longest. */
  firstOwner(orgId: string): Promise<string | undefined>;
  /** Rejects with StoreError `no_member`, and with `last_owner` rather than leave it without one. */
  setRole(orgId: string, userId: string, role: OrgRole): Promise<Member>;
  /** Rejects as `setRole` does. */
  removeMember(orgId: string, userId: string): Promise<void>;
  /** The organizations that would be without an owner if this user went, and how many members each has besides. */
  soleOwnerOf(userId: string): Promise<{ id: string; username: string; others: number }[]>;
  /** Whose vals are the user's to read and change: the user's own id, and those of the organizations. */
  accountsOf(userId: string): Promise<string[]>;
  readonly invitations: Invitations;
}

export function createOrgs(db: Kysely<TownSchema>, now: () => number): Orgs {
  return {
    create: ({ ownerId, ...org }) =>
      db.transaction().execute(async (trx) => {
        const made = await insertUser(trx, { ...org, type: "org" }, now());
        await insertMember(trx, { orgId: made.id, userId: ownerId, role: "owner" }, now());
        return made;
      }),
    async list(userId, { limit, offset }) {
      const rows = await db
        .selectFrom("memberships")
        .innerJoin("users", "users.id", "memberships.org_id")
        .select(["users.id", "users.username", "memberships.role"])
        .where("memberships.user_id", "=", userId)
        .orderBy("users.username_key")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows, limit);
    },
    async members(orgId) {
      const query = selectMembers(db).where("memberships.org_id", "=", orgId);
      const rows = await query.orderBy("memberships.created_at").orderBy("memberships.id").execute();
      return rows.map(toMember);
    },
    member: (orgId, userId) => findMember(db, orgId, userId),
    async firstOwner(orgId) {
      const owners = selectMembers(db)
        .where("memberships.org_id", "=", orgId)
        .where("memberships.role", "=", "owner");
      const first = owners.orderBy("memberships.created_at").orderBy("memberships.id").limit(1);
      return (await first.executeTakeFirst())?.user_id;
    },
    setRole: (orgId, userId, role) =>
      db.transaction().execute(async (trx) => {
        const member = await changeable(trx, orgId, userId, role);
        await trx.updateTable("memberships").set({ role }).where("id", "=", member.id).execute();
        return { ...member, role };
      }),
    removeMember: (orgId, userId) =>
      db.transaction().execute(async (trx) => {
        const member = await changeable(trx, orgId, userId, undefined);
        await trx.deleteFrom("memberships").where("id", "=", member.id).execute();
      }),
    async soleOwnerOf(userId) {
      const owned = await db
        .selectFrom("memberships")
        .innerJoin("users", "users.id", "memberships.org_id")
        .select(["users.id", "users.username"])
        .where("memberships.user_id", "=", userId)
        .where("memberships.role", "=", "owner")
        .execute();
      const all = await Promise.all(
        owned.map(async (org) => {
          const rows = await selectMembers(db).where("memberships.org_id", "=", org.id).execute();
          const isShared = rows.some((row) => row.role === "owner" && row.user_id !== userId);
          return isShared ? [] : [{ ...org, others: rows.length - 1 }];
        }),
      );
      return all.flat();
    },
    async accountsOf(userId) {
      const rows = await db
        .selectFrom("memberships")
        .select("org_id")
        .where("user_id", "=", userId)
        .orderBy("org_id")
        .execute();
      return [userId, ...rows.map((row) => row.org_id)];
    },
    invitations: createInvitations(db, now),
  };
}

/** A membership that may be given this role, or ended when that is undefined. */
async function changeable(
  trx: Transaction<TownSchema>,
  orgId: string,
  userId: string,
  role: OrgRole | undefined,
): Promise<Member> {
  const member = await findMember(trx, orgId, userId);
  if (member === undefined) throw new StoreError("no_member", "Membership not found");
  if (member.role === "owner" && role !== "owner") {
    const owners = await trx
      .selectFrom("memberships")
      .select("id")
      .where("org_id", "=", orgId)
      .where("role", "=", "owner")
      .limit(2)
      .execute();
    if (owners.length < 2) {
      throw new StoreError(
        "last_owner",
        "An organization needs an owner. Make another member an owner first, or delete the organization.",
      );
    }
  }
  return member;
}

async function findMember(
  db: Kysely<TownSchema>,
  orgId: string,
  userId: string,
): Promise<Member | undefined> {
  const query = selectMembers(db).where("memberships.org_id", "=", orgId);
  const row = await query.where("memberships.user_id", "=", userId).executeTakeFirst();
  return row && toMember(row);
}

function selectMembers(db: Kysely<TownSchema>) {
  return db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["memberships.id", "memberships.org_id", "memberships.user_id", "users.username"])
    .select(["memberships.role", "memberships.created_at"]);
}

type MemberRow = Awaited<ReturnType<ReturnType<typeof selectMembers>["execute"]>>[number];

function toMember({ id, org_id, user_id, username, role, created_at }: MemberRow): Member {
  return { id, orgId: org_id, userId: user_id, username, role, createdAt: created_at };
}
