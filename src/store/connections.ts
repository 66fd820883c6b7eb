import type { Kysely, Selectable } from "kysely";
import type { Cipher, Sample } from "./environment.ts";
import type { TownSchema } from "./schema.ts";
import type { ConnectionTable } from "./schema-connections.ts";

/** A third-party account without its tokens. Times in epoch milliseconds. */
export interface Connection {
  readonly id: string;
  readonly provider: string;
  readonly account: string;
  readonly scopes: readonly string[];
  /** When its access token ends; null when it does not, or nobody knows. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a third party gives. */
export interface ConnectionTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresAt?: number;
  readonly scopes: readonly string[];
}

/** Whose, and which. */
export interface ConnectionPlace {
  readonly userId: string;
  readonly provider: string;
  readonly account: string;
}

/** Third-party accounts. Only `find` gives tokens out. */
export interface Connections {
  /** Makes it, or replaces its tokens. */
  put(place: ConnectionPlace, tokens: ConnectionTokens): Promise<Connection>;
  find(place: ConnectionPlace): Promise<StoredConnection | undefined>;
  list(userId: string): Promise<Connection[]>;
  /** Returns whether there was one. */
  remove(place: ConnectionPlace): Promise<boolean>;
}

/** One with its tokens. */
export interface StoredConnection extends Connection {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

type Sealed = Pick<StoredConnection, "accessToken" | "refreshToken">;

const aboutOf = ({ userId, provider, account }: ConnectionPlace) =>
  `connection ${userId} ${provider} ${account}`;

/** @param cipher undefined where tokens are of no concern, as in most commands */
export function createConnections(
  db: Kysely<TownSchema>,
  now: () => number,
  cipher: Cipher | undefined,
): Connections {
  const unlocked = (): Cipher => {
    if (cipher === undefined) throw new Error("The data folder was opened without its key.");
    return cipher;
  };
  const select = ({ userId, provider, account }: ConnectionPlace) =>
    db
      .selectFrom("connections")
      .selectAll()
      .where("user_id", "=", userId)
      .where("provider", "=", provider)
      .where("account", "=", account);
  return {
    async put(place, { accessToken, refreshToken, expiresAt, scopes }) {
      const at = now();
      const secret: Sealed = { accessToken, refreshToken };
      const values = {
        sealed: unlocked().seal(JSON.stringify(secret), aboutOf(place)),
        scopes: JSON.stringify(scopes),
        expires_at: expiresAt ?? null,
        updated_at: at,
      };
      const { userId: user_id, provider, account } = place;
      await db
        .insertInto("connections")
        .values({ id: Bun.randomUUIDv7(), user_id, provider, account, ...values, created_at: at })
        .onConflict((conflict) => conflict.columns(["user_id", "provider", "account"]).doUpdateSet(values))
        .execute();
      return toConnection(await select(place).executeTakeFirstOrThrow());
    },
    async find(place) {
      const row = await select(place).executeTakeFirst();
      if (row === undefined) return undefined;
      const { accessToken, refreshToken } = JSON.parse(unlocked().open(row.sealed, aboutOf(place))) as Sealed;
      return { ...toConnection(row), accessToken, refreshToken };
    },
    async list(userId) {
      const rows = await db
        .selectFrom("connections")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("provider")
        .orderBy("account")
        .execute();
      return rows.map(toConnection);
    },
    async remove({ userId, provider, account }) {
      const done = await db
        .deleteFrom("connections")
        .where("user_id", "=", userId)
        .where("provider", "=", provider)
        .where("account", "=", account)
        .executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
  };
}

/** Any of the sealed tokens; undefined when there are none. */
export async function sampleOfConnections(db: Kysely<TownSchema>): Promise<Sample | undefined> {
  const row = await db.selectFrom("connections").selectAll().limit(1).executeTakeFirst();
  if (row === undefined) return undefined;
  const { user_id: userId, provider, account, sealed } = row;
  return { sealed, about: aboutOf({ userId, provider, account }) };
}

function toConnection(row: Selectable<ConnectionTable>): Connection {
  return {
    id: row.id,
    provider: row.provider,
    account: row.account,
    scopes: JSON.parse(row.scopes) as string[],
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
