import type { Kysely, Transaction } from "kysely";
import type { Cipher } from "./environment.ts";
import type { TownSchema } from "./schema.ts";

/** What the OAuth server stores of one thing; its meaning is the server's. */
export type OAuthPayload = Readonly<Record<string, unknown>>;

export interface NewOAuthRecord {
  readonly payload: OAuthPayload;
  readonly userId?: string;
  readonly clientId?: string;
  /** The grant it comes from and ends with. */
  readonly grantId?: string;
  /** Another name by which it can be found. */
  readonly alias?: string;
  /** Epoch milliseconds; missing for what stays. */
  readonly expiresAt?: number;
}

export interface OAuthRecord {
  readonly payload: OAuthPayload;
  /** When it was used, if it may be used once; epoch milliseconds. */
  readonly consumedAt: number | undefined;
}

/** An access token that is good: not expired, and its grant is there. */
export interface OAuthToken {
  readonly userId: string;
  readonly grantId: string;
  readonly payload: OAuthPayload;
  readonly expiresAt: number;
}

/** What a user allowed a client. */
export interface OAuthGrant {
  readonly id: string;
  readonly clientId: string;
  readonly payload: OAuthPayload;
  /** What the client told of itself; undefined for one that does not register. */
  readonly client: OAuthPayload | undefined;
  readonly createdAt: number;
}

/** The records of the OAuth server. A copy of them lets nobody in: ids are stored hashed, the rest is sealed. */
export interface OAuthRecords {
  /** Make it, or write it anew; whether it was used stays as it is. */
  put(model: string, id: string, record: NewOAuthRecord): Promise<void>;
  /** Found until it is removed, expired or not. */
  find(model: string, id: string): Promise<OAuthRecord | undefined>;
  findByAlias(model: string, alias: string): Promise<OAuthRecord | undefined>;
  /** Mark it as used; returns false when it was before, or is not there. Of several at once one gets true. */
  consume(model: string, id: string): Promise<boolean>;
  remove(model: string, id: string): Promise<void>;
  /** Remove what came from a grant: codes and tokens, and with `whole` the grant itself. */
  revoke(grantId: string, whole: boolean): Promise<void>;
  findToken(secret: string): Promise<OAuthToken | undefined>;
  /** What a user allowed, the newest first. */
  grants(userId: string): Promise<OAuthGrant[]>;
  /** Take back one of a user's grants and all that came of it; returns whether it was there. */
  revokeOf(userId: string, grantId: string): Promise<boolean>;
  /** Remove what is expired, grants of which nothing is left, and clients that nobody uses. */
  sweep(): Promise<void>;
}

/** For so long a client that comes too late is told that it does. */
const EXPIRED_MS = 60 * 60_000;
/** A grant without a code or token is one of which nothing is left, once its first code had time to be made. */
const GRANT_MS = 15 * 60_000;
/** For so long a client that registered may wait for someone to allow it something. */
const UNUSED_CLIENT_MS = 30 * 86_400_000;

/** @param cipher undefined where the records are of no concern, as in most commands */
export function createOAuthRecords(
  db: Kysely<TownSchema>,
  now: () => number,
  cipher: Cipher | undefined,
): OAuthRecords {
  const seals = createSeals(cipher);
  return {
    async put(model, id, record) {
      const hash = toHash(id);
      const { userId, clientId, grantId, alias, expiresAt } = record;
      const values = {
        payload: seals.seal(model, hash, record.payload),
        user_id: userId ?? null,
        client_id: clientId ?? null,
        grant_id: grantId ?? null,
        alias: alias === undefined ? null : toHash(alias),
        expires_at: expiresAt ?? null,
      };
      await db
        .insertInto("oauth_records")
        .values({ model, hash, created_at: now(), consumed_at: null, ...values })
        .onConflict((conflict) => conflict.columns(["model", "hash"]).doUpdateSet(values))
        .execute();
    },
    async find(model, id) {
      return seals.read(await select(db, model).where("hash", "=", toHash(id)).executeTakeFirst());
    },
    async findByAlias(model, alias) {
      return seals.read(await select(db, model).where("alias", "=", toHash(alias)).executeTakeFirst());
    },
    async consume(model, id) {
      const done = await db
        .updateTable("oauth_records")
        .set({ consumed_at: now() })
        .where("model", "=", model)
        .where("hash", "=", toHash(id))
        .where("consumed_at", "is", null)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    async remove(model, id) {
      await db
        .deleteFrom("oauth_records")
        .where("model", "=", model)
        .where("hash", "=", toHash(id))
        .execute();
    },
    async revoke(grantId, whole) {
      const rows = db.deleteFrom("oauth_records").where("grant_id", "=", grantId);
      await (whole ? rows : rows.where("model", "!=", "Grant")).execute();
    },
    findToken: (secret) => findToken(db, seals, secret, now()),
    grants: (userId) => listGrants(db, seals, userId),
    async revokeOf(userId, grantId) {
      const done = await db
        .deleteFrom("oauth_records")
        .where("grant_id", "=", grantId)
        .where("user_id", "=", userId)
        .executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
    sweep: () => db.transaction().execute((trx) => sweepWithin(trx, now())),
  };
}

const COLUMNS = ["model", "hash", "payload", "consumed_at"] as const;

function select(db: Kysely<TownSchema>, model: string) {
  return db.selectFrom("oauth_records").select(COLUMNS).where("model", "=", model);
}

type Seals = ReturnType<typeof createSeals>;
type Row = { model: string; hash: string; payload: string; consumed_at: number | null };

function createSeals(cipher: Cipher | undefined) {
  const unlocked = (): Cipher => {
    if (cipher === undefined) throw new Error("The data folder was opened without its key.");
    return cipher;
  };
  const aboutOf = (model: string, hash: string) => `oauth ${model} ${hash}`;
  /** What was sealed with a key that is gone is as good as gone itself. */
  const open = (model: string, hash: string, sealed: string): OAuthPayload | undefined => {
    const key = unlocked();
    try {
      return JSON.parse(key.open(sealed, aboutOf(model, hash)));
    } catch {
      return undefined;
    }
  };
  return {
    open,
    seal: (model: string, hash: string, payload: OAuthPayload) =>
      unlocked().seal(JSON.stringify(payload), aboutOf(model, hash)),
    read(row: Row | undefined): OAuthRecord | undefined {
      const payload = row && open(row.model, row.hash, row.payload);
      return payload && { payload, consumedAt: row.consumed_at ?? undefined };
    },
  };
}

async function findToken(
  db: Kysely<TownSchema>,
  seals: Seals,
  secret: string,
  at: number,
): Promise<OAuthToken | undefined> {
  const row = await db
    .selectFrom("oauth_records as token")
    .innerJoin("oauth_records as grant", (join) =>
      join.onRef("grant.grant_id", "=", "token.grant_id").on("grant.model", "=", "Grant"),
    )
    .select(["token.hash", "token.payload", "token.user_id", "token.grant_id", "token.expires_at"])
    .where("token.model", "=", "AccessToken")
    .where("token.hash", "=", toHash(secret))
    .where("token.expires_at", ">", at)
    .executeTakeFirst();
  const payload = row && seals.open("AccessToken", row.hash, row.payload);
  if (!row?.user_id || !row.grant_id || row.expires_at === null || payload === undefined) return undefined;
  return { userId: row.user_id, grantId: row.grant_id, payload, expiresAt: row.expires_at };
}

async function listGrants(db: Kysely<TownSchema>, seals: Seals, userId: string): Promise<OAuthGrant[]> {
  const rows = await db
    .selectFrom("oauth_records as grant")
    .leftJoin("oauth_records as client", (join) =>
      join.onRef("client.client_id", "=", "grant.client_id").on("client.model", "=", "Client"),
    )
    .select(["grant.hash", "grant.payload", "grant.grant_id", "grant.client_id", "grant.created_at"])
    .select(["client.hash as client_hash", "client.payload as client_payload"])
    .where("grant.model", "=", "Grant")
    .where("grant.user_id", "=", userId)
    .orderBy("grant.created_at", "desc")
    .orderBy("grant.grant_id", "desc")
    .execute();
  return rows.flatMap((row) => {
    const { hash, grant_id: id, client_id: clientId, client_hash, client_payload } = row;
    const payload = seals.open("Grant", hash, row.payload);
    if (id === null || clientId === null || payload === undefined) return [];
    const client =
      client_hash === null || client_payload === null
        ? undefined
        : seals.open("Client", client_hash, client_payload);
    return [{ id, clientId, payload, client, createdAt: row.created_at }];
  });
}

async function sweepWithin(trx: Transaction<TownSchema>, at: number): Promise<void> {
  await trx
    .deleteFrom("oauth_records")
    .where("expires_at", "<=", at - EXPIRED_MS)
    .execute();
  await trx
    .deleteFrom("oauth_records")
    .where("model", "=", "Grant")
    .where("created_at", "<=", at - GRANT_MS)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("oauth_records as part")
            .select("part.hash")
            .whereRef("part.grant_id", "=", "oauth_records.grant_id")
            .where("part.model", "!=", "Grant"),
        ),
      ),
    )
    .execute();
  await trx
    .deleteFrom("oauth_records")
    .where("model", "=", "Client")
    .where("created_at", "<=", at - UNUSED_CLIENT_MS)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("oauth_records as used")
            .select("used.hash")
            .whereRef("used.client_id", "=", "oauth_records.client_id")
            .where("used.model", "=", "Grant"),
        ),
      ),
    )
    .execute();
}

function toHash(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
