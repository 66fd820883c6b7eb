import type { Kysely } from "kysely";
import type { TownSchema } from "./schema.ts";

/** A stored API token; the secret itself is not kept. Times in epoch milliseconds. */
export interface Token {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly usedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export interface NewToken {
  readonly userId: string;
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly label?: string;
  readonly expiresAt?: number;
}

export interface Tokens {
  create(token: NewToken): Promise<{ id: string }>;
  /** By SHA-256 of the secret, hex; expired ones are returned too. */
  findByHash(hash: string): Promise<Token | undefined>;
  /** The newest first. */
  listByUser(userId: string): Promise<Token[]>;
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Remember when it was last used. */
  touch(id: string, at: number): Promise<void>;
}

export function createTokens(db: Kysely<TownSchema>, now: () => number): Tokens {
  const select = () =>
    db
      .selectFrom("tokens")
      .innerJoin("users", "users.id", "tokens.user_id")
      .select([
        "tokens.id",
        "tokens.user_id",
        "users.username",
        "tokens.label",
        "tokens.scopes",
        "tokens.created_at",
        "tokens.used_at",
        "tokens.expires_at",
      ]);
  type Row = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];
  const toToken = (row: Row): Token => ({
    id: row.id,
    userId: row.user_id,
    username: row.username,
    label: row.label,
    scopes: row.scopes.split(" ").filter((scope) => scope !== ""),
    createdAt: row.created_at,
    usedAt: row.used_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  });
  return {
    async create({ userId, hash, scopes, label = "", expiresAt }) {
      const id = Bun.randomUUIDv7();
      await db
        .insertInto("tokens")
        .values({
          id,
          user_id: userId,
          hash,
          label,
          scopes: scopes.join(" "),
          created_at: now(),
          used_at: null,
          expires_at: expiresAt ?? null,
        })
        .execute();
      return { id };
    },
    async findByHash(hash) {
      const row = await select().where("tokens.hash", "=", hash).executeTakeFirst();
      return row && toToken(row);
    },
    async listByUser(userId) {
      const rows = await select()
        .where("tokens.user_id", "=", userId)
        .orderBy("tokens.created_at", "desc")
        .execute();
      return rows.map(toToken);
    },
    async remove(id) {
      const done = await db.deleteFrom("tokens").where("id", "=", id).executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
    async touch(id, at) {
      await db.updateTable("tokens").set({ used_at: at }).where("id", "=", id).execute();
    },
  };
}
