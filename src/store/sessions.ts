import type { Kysely } from "kysely";
import type { TownSchema } from "./schema.ts";

/** Somebody signed in somewhere. Times in epoch milliseconds. */
export interface Session {
  readonly id: string;
  readonly address: string | undefined;
  /** As the browser calls itself. */
  readonly agent: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A key of a person's device that signs in without a password. */
export interface Passkey {
  readonly id: string;
  readonly name: string | undefined;
  readonly createdAt: number | undefined;
}

/** Where someone is signed in, and by which keys they can be; better-auth makes both. */
export interface Sessions {
  /** Those that have not ended, the newest first. */
  list(userId: string): Promise<Session[]>;
  /** Returns whether there was one. */
  end(userId: string, id: string): Promise<boolean>;
  /** All of a user's, but one. */
  endAll(userId: string, but?: string): Promise<void>;
  passkeys(userId: string): Promise<Passkey[]>;
  /** Returns whether there was one. */
  removePasskey(userId: string, id: string): Promise<boolean>;
}

export function createSessions(db: Kysely<TownSchema>, now: () => number): Sessions {
  return {
    async list(userId) {
      const rows = await db
        .selectFrom("auth_session")
        .selectAll()
        .where("userId", "=", userId)
        .where("expiresAt", ">", new Date(now()).toISOString())
        .orderBy("createdAt", "desc")
        .execute();
      return rows.map((row) => ({
        id: row.id,
        address: row.ipAddress || undefined,
        agent: row.userAgent || undefined,
        createdAt: Date.parse(row.createdAt),
        expiresAt: Date.parse(row.expiresAt),
      }));
    },
    async end(userId, id) {
      const done = await db
        .deleteFrom("auth_session")
        .where("userId", "=", userId)
        .where("id", "=", id)
        .executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
    async endAll(userId, but = "") {
      await db.deleteFrom("auth_session").where("userId", "=", userId).where("id", "!=", but).execute();
    },
    async passkeys(userId) {
      const rows = await db
        .selectFrom("auth_passkey")
        .select(["id", "name", "createdAt"])
        .where("userId", "=", userId)
        .orderBy("createdAt")
        .execute();
      return rows.map(({ id, name, createdAt }) => ({
        id,
        name: name ?? undefined,
        createdAt: createdAt === null ? undefined : Date.parse(createdAt),
      }));
    },
    async removePasskey(userId, id) {
      const done = await db
        .deleteFrom("auth_passkey")
        .where("userId", "=", userId)
        .where("id", "=", id)
        .executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
  };
}
