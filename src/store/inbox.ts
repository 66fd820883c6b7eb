import { type Kysely, sql, type Transaction } from "kysely";
import type { Enqueue } from "./jobs.ts";
import type { MailTarget } from "./mail-addresses.ts";
import type { TownSchema } from "./schema.ts";
import type { JobTable } from "./schema-jobs.ts";
import type { MailInTable } from "./schema-mail-in.ts";
import { type Page, toPage } from "./vals.ts";

/** A mail that is in the spool and shall be remembered. */
export interface NewReceivedMail {
  /** A UUID of version 7; its spool file is named after it. */
  readonly id: string;
  /** Of the envelope; empty when nobody is to be answered. */
  readonly sender: string;
  readonly size: number;
  readonly subject: string;
  readonly messageId: string | undefined;
  /** Header lines to be put before it, each ended by CRLF. */
  readonly head: string;
  readonly hops: number;
  /** Vals of this town that it has come through: their count goes on with what it starts. */
  readonly passed?: number;
  readonly to: readonly (MailTarget & { readonly address: string })[];
}

/** A mail as one file gets it. */
export interface ReceivedMail extends MailTarget {
  readonly id: string;
  readonly address: string;
  readonly sender: string;
  readonly subject: string;
  readonly size: number;
  readonly messageId: string | undefined;
  readonly hops: number;
  readonly head: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** `dead` was tried in vain and may be revived; `failed` was given up. The spool file is kept of the first two. */
  readonly state: "waiting" | "dead" | "delivered" | "failed";
  readonly attempts: number;
  /** What came of the last attempt. */
  readonly error: string | undefined;
  readonly trace: string | undefined;
}

/** Mails that vals get. */
export interface Inbox {
  /** The file that gets mail for a local part, as it was written; undefined when nobody does. */
  resolve(local: string): Promise<MailTarget | undefined>;
  /** One transaction: a row and a job for each file. Once it resolves the mail is as durable as its spool file. */
  add(mail: NewReceivedMail): Promise<void>;
  /** What all of its files get; undefined when it is not known. */
  find(mailId: string): Promise<{ sender: string; head: string; to: ReceivedMail[] } | undefined>;
  /** Of a val, the newest first. */
  listByVal(
    valId: string,
    page: { limit: number; offset: number; fileId?: string },
  ): Promise<Page<ReceivedMail>>;
  /** The id of the job that delivers a mail to a file, or has done so. */
  jobOf(mailId: string, fileId: string): Promise<string | undefined>;
  /** Whether the spool file may go, now that the job of one of its files is over: nobody needs it any more. */
  settled(mailId: string): Promise<boolean>;
  /** Which of these spool files must stay. */
  needed(ids: readonly string[]): Promise<Set<string>>;
  /** Mails of a val, or of all vals of a user, whose spool files are kept. */
  spooled(of: { readonly valId: string } | { readonly userId: string }): Promise<string[]>;
  /** Gives up what was tried in vain before then. */
  expire(before: number): Promise<void>;
  /** Mails of a user whose spool files are kept, and their sizes together. */
  usage(userId: string): Promise<{ mails: number; bytes: number }>;
}

/** How many mails are remembered of each user, and for how long, once they are done with. */
const KEPT_MAILS = 1000;
const KEPT_MS = 30 * 24 * 3600 * 1000;
/** Attempts, of which the last is 7 hours after the first. */
const ATTEMPTS = 5;
/** Ids that go into one statement. */
const PORTION = 500;

export function createInbox(
  db: Kysely<TownSchema>,
  now: () => number,
  parts: { resolve: Inbox["resolve"]; enqueue: Enqueue },
): Inbox {
  return {
    resolve: parts.resolve,
    add: (mail) => db.transaction().execute((trx) => add(trx, mail, now(), parts.enqueue)),
    async find(mailId) {
      const rows = await withState(db).where("mail_id", "=", mailId).orderBy("mails_in.file_id").execute();
      const [first] = rows;
      return first && { sender: first.sender, head: first.head, to: rows.map(toReceived) };
    },
    listByVal: (valId, page) => listByVal(db, valId, page),
    async jobOf(mailId, fileId) {
      const key = mailKey(mailId, fileId);
      const job = await db.selectFrom("jobs").select("id").where("key", "=", key).executeTakeFirst();
      if (job !== undefined) return job.id;
      const run = await db.selectFrom("job_runs").select("job_id").where("key", "=", key).executeTakeFirst();
      return run?.job_id;
    },
    settled: async (mailId) => (await needed(db, [mailId])).size === 0,
    needed: (ids) => needed(db, ids),
    async spooled(of) {
      const query = withJob(db).select("mails_in.mail_id").distinct();
      const rows = await ("valId" in of
        ? query.where("mails_in.val_id", "=", of.valId)
        : query.where("mails_in.user_id", "=", of.userId)
      ).execute();
      return rows.map((row) => row.mail_id);
    },
    async expire(before) {
      const dead = db.deleteFrom("jobs").where("kind", "=", "email").where("state", "=", "dead");
      await dead.where("updated_at", "<", before).execute();
    },
    async usage(userId) {
      const row = await withJob(db)
        .select((f) => [f.fn.countAll<number>().as("mails"), f.fn.sum<number | null>("size").as("bytes")])
        .where("mails_in.user_id", "=", userId)
        .executeTakeFirstOrThrow();
      return { mails: Number(row.mails), bytes: Number(row.bytes ?? 0) };
    },
  };
}

/** What the job of a mail knows of it. */
export interface MailPayload {
  readonly mailId: string;
  readonly address: string;
  /** Vals that it has come through. */
  readonly passed?: number;
}

/** The key of the job that delivers a mail to a file. */
export function mailKey(mailId: string, fileId: string): string {
  return `mail:${mailId}:${fileId}`;
}

const JOB_KEY = sql<string>`'mail:' || mails_in.mail_id || ':' || mails_in.file_id`;

/** Mails that are still to be delivered, or may be: their jobs are the truth about that. */
const withJob = (db: Kysely<TownSchema>) =>
  db.selectFrom("mails_in").innerJoin("jobs", (join) => join.on("jobs.key", "=", JOB_KEY));

/** All mails, with what is known of their jobs. */
const withState = (db: Kysely<TownSchema>) =>
  db
    .selectFrom("mails_in")
    .leftJoin("jobs", (join) => join.on("jobs.key", "=", JOB_KEY))
    .selectAll("mails_in")
    .select("jobs.state");

/** What an attempt to deliver a mail came to, as part of the transaction that ends it. */
export async function noteDelivery(
  trx: Transaction<TownSchema>,
  job: { readonly file_id: string; readonly payload: string },
  end: { outcome: MailInTable["outcome"]; error: string | null; trace: string | null },
): Promise<void> {
  const { mailId } = JSON.parse(job.payload) as MailPayload;
  await trx
    .updateTable("mails_in")
    .set((f) => ({ ...end, attempts: f("attempts", "+", 1) }))
    .where("mail_id", "=", mailId)
    .where("file_id", "=", job.file_id)
    .execute();
}

async function add(
  trx: Transaction<TownSchema>,
  mail: NewReceivedMail,
  at: number,
  enqueue: Enqueue,
): Promise<void> {
  const { id, to } = mail;
  // A file that several addresses lead to gets the mail once.
  const targets = to.filter((one, place) => to.findIndex(({ fileId }) => fileId === one.fileId) === place);
  for (const { fileId, valId, userId, address } of targets) {
    const { sender, subject, size, hops, head } = mail;
    const about = { address, sender, subject, size, hops, head, message_id: mail.messageId ?? null };
    const outcome = { attempts: 0, outcome: null, error: null, trace: null };
    const row = { mail_id: id, file_id: fileId, val_id: valId, user_id: userId, created_at: at };
    await trx
      .insertInto("mails_in")
      .values({ ...row, ...about, ...outcome })
      .execute();
  }
  await enqueue(
    trx,
    targets.map(({ address, ...target }) => ({
      ...{ kind: "email", ...target, payload: { mailId: id, address, passed: mail.passed }, runAt: at },
      ...{ key: mailKey(id, target.fileId), maxAttempts: ATTEMPTS },
    })),
    at,
  );
  await trx
    .deleteFrom("mails_in")
    .where("created_at", "<", at - KEPT_MS)
    .where(hasNoJob)
    .execute();
  for (const userId of new Set(targets.map((one) => one.userId))) await trim(trx, userId);
}

const hasNoJob = sql<boolean>`not exists (select 1 from jobs where jobs.key = ${JOB_KEY})`;

async function trim(trx: Transaction<TownSchema>, userId: string): Promise<void> {
  const oldest = await trx
    .selectFrom("mails_in")
    .select("mail_id")
    .where("user_id", "=", userId)
    .orderBy("mail_id", "desc")
    .offset(KEPT_MAILS)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await trx
    .deleteFrom("mails_in")
    .where("user_id", "=", userId)
    .where("mail_id", "<=", oldest.mail_id)
    .where(hasNoJob)
    .execute();
}

async function needed(db: Kysely<TownSchema>, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += PORTION) {
    const rows = await withJob(db)
      .select("mails_in.mail_id")
      .where("mails_in.mail_id", "in", ids.slice(from, from + PORTION))
      .execute();
    for (const row of rows) found.add(row.mail_id);
  }
  return found;
}

async function listByVal(
  db: Kysely<TownSchema>,
  valId: string,
  { limit, offset, fileId }: { limit: number; offset: number; fileId?: string },
): Promise<Page<ReceivedMail>> {
  let query = withState(db).where("mails_in.val_id", "=", valId);
  if (fileId !== undefined) query = query.where("mails_in.file_id", "=", fileId);
  const rows = await query
    .orderBy("mail_id", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return toPage(rows.map(toReceived), limit);
}

function toReceived(row: MailInTable & { state: JobTable["state"] | null }): ReceivedMail {
  return {
    id: row.mail_id,
    fileId: row.file_id,
    valId: row.val_id,
    userId: row.user_id,
    address: row.address,
    sender: row.sender,
    subject: row.subject,
    size: row.size,
    messageId: row.message_id ?? undefined,
    hops: row.hops,
    head: row.head,
    createdAt: row.created_at,
    state: stateOf(row),
    attempts: row.attempts,
    error: row.error ?? undefined,
    trace: row.trace ?? undefined,
  };
}

function stateOf(row: { state: JobTable["state"] | null; outcome: MailInTable["outcome"] }) {
  if (row.state === null) return row.outcome === "ok" ? "delivered" : "failed";
  return row.state === "dead" ? "dead" : "waiting";
}
