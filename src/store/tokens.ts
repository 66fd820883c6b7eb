import type { Kysely } from "kysely";
import { SCOPES, type Scope } from "../val/scope.ts";
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
  /** All of them when missing. */
  readonly scopes?: readonly Scope[];
  readonly label?: string;
  readonly expiresAt?: number;
  /** A given secret, for imports and fixtures; made when missing. */
  readonly secret?: string;
}

/** API tokens. Their SHA-256 is stored: a copy of the database lets nobody in. */
export interface Tokens {
  /** `token` is the secret, told this once: 33 characters, `vtwn_` and 28 random ones of 62. */
  create(token: NewToken): Promise<{ id: string; token: string }>;
  /** By secret; expired ones are returned too. */
  find(secret: string): Promise<Token | undefined>;
  /** The newest first. */
  listByUser(userId: string): Promise<Token[]>;
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Remember when it was last used. */
  touch(id: string, at: number): Promise<void>;
}

const PREFIX = "vtwn_";
const LENGTH = 28;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function createTokens(db: Kysely<TownSchema>, now: () => number): Tokens {
  const select = () => selectTokens(db);
  return {
    async create({ userId, scopes = SCOPES, label = "", expiresAt, secret = makeSecret() }) {
      const id = Bun.randomUUIDv7();
      await db
        .insertInto("tokens")
        .values({
          id,
          user_id: userId,
          hash: toHash(secret),
          label,
          scopes: scopes.join(" "),
          created_at: now(),
          used_at: null,
          expires_at: expiresAt ?? null,
        })
        .execute();
      return { id, token: secret };
    },
    async find(secret) {
      const row = await select().where("tokens.hash", "=", toHash(secret)).executeTakeFirst();
      return row && toToken(row);
    },
    async listByUser(userId) {
      const rows = await select()
        .where("tokens.user_id", "=", userId)
        .orderBy("tokens.created_at", "desc")
        .orderBy("tokens.id", "desc")
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

function selectTokens(db: Kysely<TownSchema>) {
  return db
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
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>["execute"]>>[number];

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    userId: row.user_id,
    username: row.username,
    label: row.label,
    scopes: row.scopes.split(" ").filter((scope) => scope !== ""),
    createdAt: row.created_at,
    usedAt: row.used_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  };
}

/** A new secret: 33 characters, `vtwn_` and 28 random ones of 62. */
export function makeSecret(): string {
  let secret = PREFIX;
  while (secret.length < PREFIX.length + LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * LENGTH))) {
      // 248 is the greatest multiple of 62 in a byte: beyond it some characters would be likelier than others.
      if (byte < 248 && secret.length < PREFIX.length + LENGTH) secret += ALPHABET[byte % 62];
    }
  }
  return secret;
}

function toHash(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
