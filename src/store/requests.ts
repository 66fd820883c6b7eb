import type { Kysely, Transaction } from "kysely";
import type { Cipher } from "./environment.ts";
import type { TownSchema } from "./schema.ts";

/** A request with an idempotency key. */
export interface KeyedRequest {
  /** Who sent it: token, session or val. */
  readonly owner: string;
  readonly key: string;
  readonly userId: string;
  /** Tells it from other requests. */
  readonly fingerprint: string;
}

/** How it was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known of an earlier request with the same key. */
export interface EarlierRequest {
  /** Whether it was the same request. */
  readonly same: boolean;
  /** Undefined while it is being answered, and for good if the server was killed meanwhile. */
  readonly answer: KeptAnswer | undefined;
}

/** Requests with idempotency keys: each is taken up once and remembered for a day, the newest of an account. */
export interface Requests {
  /** Takes a request up, on disk before anything is done for it; or tells of the earlier one with its key. */
  begin(request: KeyedRequest): Promise<EarlierRequest | undefined>;
  /** Remembers how it was answered. */
  finish(request: KeyedRequest, answer: KeptAnswer): Promise<void>;
  /** Forgets it, because nothing was done. */
  drop(request: KeyedRequest): Promise<void>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_PER_USER = 500;

export function createRequests(
  db: Kysely<TownSchema>,
  now: () => number,
  cipher: Cipher | undefined,
): Requests {
  const aboutOf = ({ owner, key }: KeyedRequest) => `request ${owner} ${key}`;
  /** What cannot be read, because the key of the data folder is another one by now, is as good as lost. */
  const open = (request: KeyedRequest, sealed: string): string | undefined => {
    try {
      return cipher?.open(sealed, aboutOf(request));
    } catch {
      return undefined;
    }
  };
  return {
    begin: (request) =>
      db.transaction().execute(async (trx) => {
        await trx
          .deleteFrom("requests")
          .where("created_at", "<=", now() - KEPT_MS)
          .execute();
        const { owner, key, userId, fingerprint } = request;
        const row = await trx
          .selectFrom("requests")
          .selectAll()
          .where("owner", "=", owner)
          .where("key", "=", key)
          .executeTakeFirst();
        if (row !== undefined) {
          const { status, headers } = row;
          const body = row.body === null ? undefined : open(request, row.body);
          const known = status !== null && headers !== null && body !== undefined;
          const answer = known ? { status, headers: JSON.parse(headers), body } : undefined;
          return { same: row.fingerprint === fingerprint, answer };
        }
        const user = await trx.selectFrom("users").select("id").where("id", "=", userId).executeTakeFirst();
        if (user === undefined) return undefined;
        const made = { owner, key, user_id: userId, fingerprint, created_at: now() };
        await trx
          .insertInto("requests")
          .values({ ...made, status: null, headers: null, body: null })
          .execute();
        await makeRoom(trx, userId);
        return undefined;
      }),
    async finish(request, { status, headers, body }) {
      if (cipher === undefined) throw new Error("The data folder was opened without its key.");
      const kept = { status, headers: JSON.stringify(headers), body: cipher.seal(body, aboutOf(request)) };
      await db
        .updateTable("requests")
        .set(kept)
        .where("owner", "=", request.owner)
        .where("key", "=", request.key)
        .execute();
    },
    async drop({ owner, key }) {
      await db.deleteFrom("requests").where("owner", "=", owner).where("key", "=", key).execute();
    },
  };
}

/** The oldest go when an account has too many. */
async function makeRoom(trx: Transaction<TownSchema>, userId: string): Promise<void> {
  const newest = await trx
    .selectFrom("requests")
    .select("created_at")
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .limit(1)
    .offset(MAX_PER_USER)
    .executeTakeFirst();
  if (newest === undefined) return;
  await trx
    .deleteFrom("requests")
    .where("user_id", "=", userId)
    .where("created_at", "<=", newest.created_at)
    .execute();
}
