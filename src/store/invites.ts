import type { Kysely, Transaction } from "kysely";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import type { InviteTable } from "./schema-accounts.ts";
import { hashSecret, makeLinkSecret } from "./secrets.ts";
import { type Page, toPage } from "./vals.ts";

/** An invitation to this town; the secret in its link is not kept. Times in epoch milliseconds. */
export interface Invite {
  readonly id: string;
  /** Whoever uses it gets this address, as verified. */
  readonly email: string | undefined;
  readonly maxUses: number;
  readonly uses: number;
  readonly createdBy: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface NewInvite {
  readonly createdBy: string;
  readonly email?: string;
  /** How many accounts it is good for. */
  readonly maxUses: number;
  readonly expiresAt: number;
}

/** Invitations to make an account. */
export interface Invites {
  /** `secret` is told this once. */
  create(invite: NewInvite): Promise<Invite & { readonly secret: string }>;
  /** By secret, only while it can be used. */
  find(secret: string): Promise<Invite | undefined>;
  /** The newest first, those that cannot be used any more included. */
  list(page: { limit: number; offset: number }): Promise<Page<Invite>>;
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>;
}

export function createInvites(db: Kysely<TownSchema>, now: () => number): Invites {
  return {
    async create({ createdBy, email, maxUses, expiresAt }) {
      const secret = makeLinkSecret();
      const row: InviteTable = {
        id: Bun.randomUUIDv7(),
        hash: hashSecret(secret),
        email: email ?? null,
        max_uses: maxUses,
        uses: 0,
        created_by: createdBy,
        created_at: now(),
        expires_at: expiresAt,
      };
      await db.insertInto("invites").values(row).execute();
      return { ...toInvite(row), secret };
    },
    async find(secret) {
      const row = await usable(db, secret, now());
      return row && toInvite(row);
    },
    async list({ limit, offset }) {
      const all = db.selectFrom("invites").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
      const rows = await all
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toInvite), limit);
    },
    async remove(id) {
      const done = await db.deleteFrom("invites").where("id", "=", id).executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
  };
}

/** Uses an invitation once, within a transaction. Rejects with StoreError `bad_invite`. */
export async function takeInvite(trx: Transaction<TownSchema>, secret: string, at: number): Promise<Invite> {
  const row = await usable(trx, secret, at);
  if (row === undefined) {
    throw new StoreError("bad_invite", "This invitation has expired or was used. Ask for another one.");
  }
  await trx
    .updateTable("invites")
    .set({ uses: row.uses + 1 })
    .where("id", "=", row.id)
    .execute();
  return toInvite(row);
}

function usable(
  db: Pick<Kysely<TownSchema>, "selectFrom">,
  secret: string,
  at: number,
): Promise<InviteTable | undefined> {
  return db
    .selectFrom("invites")
    .selectAll()
    .where("hash", "=", hashSecret(secret))
    .where("expires_at", ">", at)
    .whereRef("uses", "<", "max_uses")
    .executeTakeFirst();
}

function toInvite(row: InviteTable): Invite {
  return {
    id: row.id,
    email: row.email ?? undefined,
    maxUses: row.max_uses,
    uses: row.uses,
    createdBy: row.created_by ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
