import type { Kysely } from "kysely";
import type { Privacy } from "../val/visibility.ts";
import type { Inbox } from "./inbox.ts";
import type { TownSchema } from "./schema.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What an account has. */
export interface AccountUsage {
  readonly vals: Readonly<Record<Privacy, number>>;
  /** In all branches of all vals, without directories. */
  readonly files: number;
  readonly blobs: { readonly count: number; readonly bytes: number };
  /** Mails since midnight, UTC. */
  readonly mailsToday: number;
  /** Mails that came in: since midnight, and those whose spool files are kept. */
  readonly received: { readonly today: number; readonly waiting: number; readonly bytes: number };
  readonly tokens: number;
}

/** What accounts have, counted when it is asked for. */
export interface Usage {
  of(userId: string): Promise<AccountUsage>;
}

export function createUsage(db: Kysely<TownSchema>, now: () => number, inbox: Pick<Inbox, "usage">): Usage {
  return {
    async of(userId) {
      const vals = await db
        .selectFrom("vals")
        .select((f) => ["privacy", f.fn.countAll<number>().as("count")])
        .where("user_id", "=", userId)
        .groupBy("privacy")
        .execute();
      const byPrivacy = new Map(vals.map(({ privacy, count }) => [privacy, Number(count)]));
      const midnight = now() - (now() % DAY_MS);
      const waiting = await inbox.usage(userId);
      const blobs = await db
        .selectFrom("blobs")
        .select((f) => [f.fn.countAll<number>().as("count"), f.fn.sum<number | null>("size").as("bytes")])
        .where("owner_id", "=", userId)
        .executeTakeFirst();
      return {
        vals: {
          public: byPrivacy.get("public") ?? 0,
          unlisted: byPrivacy.get("unlisted") ?? 0,
          private: byPrivacy.get("private") ?? 0,
        },
        files: await countFiles(db, userId),
        blobs: { count: Number(blobs?.count ?? 0), bytes: Number(blobs?.bytes ?? 0) },
        mailsToday: await countMails(db, userId, midnight),
        received: {
          today: await countReceived(db, userId, midnight),
          waiting: waiting.mails,
          bytes: waiting.bytes,
        },
        tokens: await countTokens(db, userId, now()),
      };
    },
  };
}

async function countFiles(db: Kysely<TownSchema>, userId: string): Promise<number> {
  const row = await db
    .selectFrom("files")
    .innerJoin("vals", "vals.id", "files.val_id")
    .select((f) => f.fn.countAll<number>().as("count"))
    .where("vals.user_id", "=", userId)
    .where("files.deleted", "=", 0)
    .where("files.type", "!=", "directory")
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

async function countMails(db: Kysely<TownSchema>, userId: string, since: number): Promise<number> {
  const row = await db
    .selectFrom("mails")
    .select((f) => f.fn.countAll<number>().as("count"))
    .where("user_id", "=", userId)
    .where("created_at", ">=", since)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** A mail to several files counts for each. */
async function countReceived(db: Kysely<TownSchema>, userId: string, since: number): Promise<number> {
  const row = await db
    .selectFrom("mails_in")
    .select((f) => f.fn.countAll<number>().as("count"))
    .where("user_id", "=", userId)
    .where("created_at", ">=", since)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Those that are good yet. */
async function countTokens(db: Kysely<TownSchema>, userId: string, now: number): Promise<number> {
  const row = await db
    .selectFrom("tokens")
    .select((f) => f.fn.countAll<number>().as("count"))
    .where("user_id", "=", userId)
    .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
