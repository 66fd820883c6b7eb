import { type Kysely, sql } from "kysely";
import type { MailTable, TownSchema } from "./schema.ts";
import { type Page, toPage } from "./vals.ts";

/** `queued` waits for its next attempt; `kept` was never to be sent, for there was no relay. */
export type MailState = MailTable["state"];

/** A mail without its content. `envelope` is the mailer's own JSON: who writes to whom about what. */
export interface MailRow {
  readonly id: string;
  readonly userId: string;
  readonly valId: string | undefined;
  readonly state: MailState;
  readonly envelope: string;
  /** Of the content. */
  readonly bytes: number;
  readonly attempts: number;
  readonly error: string | undefined;
  /** Epoch milliseconds, like the other times. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewMail {
  readonly id: string;
  readonly userId: string;
  readonly valId?: string;
  readonly state: "queued" | "kept";
  readonly envelope: string;
  readonly content: string;
  readonly error?: string;
  /** When a queued one is due, unless it is attempted before. */
  readonly nextAt?: number;
}

/** What an attempt made of a mail. */
export interface MailOutcome {
  readonly state: MailState;
  readonly attempts: number;
  readonly error?: string;
  readonly nextAt?: number;
}

/** How much of the mails that are done with is kept of each user. */
export interface MailBounds {
  readonly mails: number;
  /** Of the newest mails' contents together; older ones lose theirs. */
  readonly bytes: number;
  readonly ageMs: number;
}

/** Mails of vals. A mail that was added is sent, or its failure recorded, though the process may be killed meanwhile. */
export interface Mails {
  add(mail: NewMail): Promise<void>;
  /** The content goes when a mail is sent. */
  settle(id: string, outcome: MailOutcome): Promise<void>;
  find(id: string): Promise<MailRow | undefined>;
  content(id: string): Promise<string | undefined>;
  /** The newest first. */
  listByUser(userId: string, page: { limit: number; offset: number }): Promise<Page<MailRow>>;
  /** Queued mails whose time has come, the longest due first. */
  due(limit: number): Promise<string[]>;
  /** When the next queued mail is due; undefined when none is. */
  nextAt(): Promise<number | undefined>;
  /** Every queued mail is due now. */
  hurry(): Promise<void>;
  /** How many mails of a user are queued, and the size of their contents together. */
  queued(userId: string): Promise<{ mails: number; bytes: number }>;
  /** Keep no more than this of a user's mails that are done with; without a user, remove what is too old. */
  trim(bounds: MailBounds, userId?: string): Promise<void>;
}

const COLUMNS = [
  "id",
  "user_id",
  "val_id",
  "state",
  "envelope",
  "bytes",
  "attempts",
  "error",
  "created_at",
  "updated_at",
] as const;

export function createMails(db: Kysely<TownSchema>, now: () => number): Mails {
  return {
    async add({ id, userId, valId, state, envelope, content, error, nextAt }) {
      const at = now();
      const bytes = Buffer.byteLength(content);
      const texts = { envelope, content, bytes, error: error ?? null };
      const times = { created_at: at, updated_at: at, next_at: nextAt ?? null };
      const row = { id, user_id: userId, val_id: valId ?? null, state, attempts: 0 };
      await db
        .insertInto("mails")
        .values({ ...row, ...texts, ...times })
        .execute();
    },
    async settle(id, { state, attempts, error, nextAt }) {
      const change = { state, attempts, error: error ?? null, updated_at: now(), next_at: nextAt ?? null };
      await db
        .updateTable("mails")
        .set(state === "sent" ? { ...change, content: null } : change)
        .where("id", "=", id)
        .execute();
    },
    async find(id) {
      const row = await db.selectFrom("mails").select(COLUMNS).where("id", "=", id).executeTakeFirst();
      return row && toMail(row);
    },
    async content(id) {
      const row = await db.selectFrom("mails").select("content").where("id", "=", id).executeTakeFirst();
      return row?.content ?? undefined;
    },
    async listByUser(userId, { limit, offset }) {
      const rows = await db
        .selectFrom("mails")
        .select(COLUMNS)
        .where("user_id", "=", userId)
        .orderBy("id", "desc")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toMail), limit);
    },
    async due(limit) {
      const rows = await queued(db).select("id").where("next_at", "<=", now()).limit(limit).execute();
      return rows.map(({ id }) => id);
    },
    async nextAt() {
      const row = await queued(db).select("next_at").limit(1).executeTakeFirst();
      return row?.next_at ?? undefined;
    },
    async hurry() {
      await db.updateTable("mails").set({ next_at: now() }).where("state", "=", "queued").execute();
    },
    async queued(userId) {
      const { mails, bytes } = await db
        .selectFrom("mails")
        .select((f) => [f.fn.countAll<number>().as("mails"), f.fn.sum<number | null>("bytes").as("bytes")])
        .where("user_id", "=", userId)
        .where("state", "=", "queued")
        .executeTakeFirstOrThrow();
      return { mails: Number(mails), bytes: Number(bytes ?? 0) };
    },
    async trim(bounds, userId) {
      await trimOld(db, now() - bounds.ageMs);
      if (userId !== undefined) await trimUser(db, userId, bounds);
    },
  };
}

const queued = (db: Kysely<TownSchema>) =>
  db.selectFrom("mails").where("state", "=", "queued").orderBy("next_at").orderBy("id");

async function trimOld(db: Kysely<TownSchema>, before: number): Promise<void> {
  await db.deleteFrom("mails").where("state", "!=", "queued").where("created_at", "<", before).execute();
}

async function trimUser(db: Kysely<TownSchema>, userId: string, bounds: MailBounds): Promise<void> {
  const done = db.selectFrom("mails").where("user_id", "=", userId).where("state", "!=", "queued");
  const oldest = await done
    .select("id")
    .orderBy("id", "desc")
    .offset(bounds.mails)
    .limit(1)
    .executeTakeFirst();
  if (oldest !== undefined) {
    await db
      .deleteFrom("mails")
      .where("user_id", "=", userId)
      .where("state", "!=", "queued")
      .where("id", "<=", oldest.id)
      .execute();
  }
  const running = done
    .select(["id", sql<number>`sum(bytes) over (order by id desc)`.as("total")])
    .where("content", "is not", null)
    .as("running");
  const full = await db
    .selectFrom(running)
    .select("running.id")
    .where("running.total", ">", bounds.bytes)
    .orderBy("running.id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (full === undefined) return;
  await db
    .updateTable("mails")
    .set({ content: null })
    .where("user_id", "=", userId)
    .where("state", "!=", "queued")
    .where("id", "<=", full.id)
    .execute();
}

function toMail(row: Pick<MailTable, (typeof COLUMNS)[number]>): MailRow {
  return {
    id: row.id,
    userId: row.user_id,
    valId: row.val_id ?? undefined,
    state: row.state,
    envelope: row.envelope,
    bytes: row.bytes,
    attempts: row.attempts,
    error: row.error ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
