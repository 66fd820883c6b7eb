import type { Kysely, Transaction } from "kysely";
import type { Enqueue } from "./jobs.ts";
import type { MailTarget } from "./mail-addresses.ts";
import type { TownSchema } from "./schema.ts";
import type { MailInTable } from "./schema-mail-in.ts";
import { type Page, toPage } from "./vals.ts";

/** A mail that is in the spool and shall be remembered. */
export interface NewMailIn {
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
  readonly to: readonly (MailTarget & { readonly address: string })[];
}

/** A mail as one file gets it. */
export interface MailIn extends MailTarget {
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
  /** Whether its spool file is kept for it. */
  readonly open: boolean;
  /** What came of the last attempt. */
  readonly outcome: "ok" | "failed" | "interrupted" | undefined;
  readonly error: string | undefined;
  readonly trace: string | undefined;
}

/** What an attempt to deliver a mail came to. */
export interface MailAttempt {
  readonly outcome: "ok" | "failed" | "interrupted";
  readonly error?: string | undefined;
  readonly trace?: string | undefined;
}

/** Mails that vals get. */
export interface Inbox {
  /** The file that gets mail for a local part, as it was written; undefined when nobody does. */
  resolve(local: string): Promise<MailTarget | undefined>;
  /** One transaction: a row and a job for each file. Once it resolves the mail is as durable as its spool file. */
  add(mail: NewMailIn): Promise<void>;
  /** As each file gets it; empty when it is not known. */
  find(mailId: string): Promise<MailIn[]>;
  /** Of a val, the newest first. */
  listByVal(valId: string, page: { limit: number; offset: number; fileId?: string }): Promise<Page<MailIn>>;
  /** What an attempt came to; the mail stays open. */
  attempted(mailId: string, fileId: string, attempt: MailAttempt): Promise<void>;
  /** One file needs the mail no more. True: nobody needs the spool file any more. */
  settled(mailId: string, fileId: string): Promise<boolean>;
  /** Which of these spool files must stay. */
  needed(ids: readonly string[]): Promise<Set<string>>;
  /** Mails of a val whose spool files are kept. */
  spooled(valId: string): Promise<string[]>;
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
      const rows = await db.selectFrom("mails_in").selectAll().where("mail_id", "=", mailId).execute();
      return rows.map(toMailIn);
    },
    listByVal: (valId, page) => listByVal(db, valId, page),
    async attempted(mailId, fileId, { outcome, error, trace }) {
      await db
        .updateTable("mails_in")
        .set({ outcome, error: error ?? null, trace: trace ?? null })
        .where("mail_id", "=", mailId)
        .where("file_id", "=", fileId)
        .execute();
    },
    async settled(mailId, fileId) {
      await db
        .updateTable("mails_in")
        .set({ open: 0 })
        .where("mail_id", "=", mailId)
        .where("file_id", "=", fileId)
        .execute();
      return (await needed(db, [mailId])).size === 0;
    },
    needed: (ids) => needed(db, ids),
    async spooled(valId) {
      const rows = await db
        .selectFrom("mails_in")
        .select("mail_id")
        .distinct()
        .where("val_id", "=", valId)
        .where("open", "=", 1)
        .execute();
      return rows.map((row) => row.mail_id);
    },
    async usage(userId) {
      const row = await db
        .selectFrom("mails_in")
        .select((f) => [f.fn.countAll<number>().as("mails"), f.fn.sum<number | null>("size").as("bytes")])
        .where("user_id", "=", userId)
        .where("open", "=", 1)
        .executeTakeFirstOrThrow();
      return { mails: Number(row.mails), bytes: Number(row.bytes ?? 0) };
    },
  };
}

async function add(
  trx: Transaction<TownSchema>,
  mail: NewMailIn,
  at: number,
  enqueue: Enqueue,
): Promise<void> {
  const { id, to } = mail;
  // A file that several addresses lead to gets the mail once.
  const targets = to.filter((one, place) => to.findIndex(({ fileId }) => fileId === one.fileId) === place);
  for (const { fileId, valId, userId, address } of targets) {
    const { sender, subject, size, hops, head } = mail;
    const about = { address, sender, subject, size, hops, head, message_id: mail.messageId ?? null };
    const outcome = { open: 1, outcome: null, error: null, trace: null };
    const row = { mail_id: id, file_id: fileId, val_id: valId, user_id: userId, created_at: at };
    await trx
      .insertInto("mails_in")
      .values({ ...row, ...about, ...outcome })
      .execute();
  }
  await enqueue(
    trx,
    targets.map(({ address, ...target }) => ({
      ...{ kind: "email", ...target, payload: { mailId: id, address }, runAt: at },
      ...{ key: mailKey(id, target.fileId), maxAttempts: ATTEMPTS },
    })),
  );
  await trx
    .deleteFrom("mails_in")
    .where("created_at", "<", at - KEPT_MS)
    .where("open", "=", 0)
    .execute();
  for (const userId of new Set(targets.map((one) => one.userId))) await trim(trx, userId);
}

/** The key of the job that delivers a mail to a file. */
export function mailKey(mailId: string, fileId: string): string {
  return `mail:${mailId}:${fileId}`;
}

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
    .where("open", "=", 0)
    .execute();
}

async function needed(db: Kysely<TownSchema>, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += PORTION) {
    const rows = await db
      .selectFrom("mails_in")
      .select("mail_id")
      .where("mail_id", "in", ids.slice(from, from + PORTION))
      .where("open", "=", 1)
      .execute();
    for (const row of rows) found.add(row.mail_id);
  }
  return found;
}

async function listByVal(
  db: Kysely<TownSchema>,
  valId: string,
  { limit, offset, fileId }: { limit: number; offset: number; fileId?: string },
): Promise<Page<MailIn>> {
  let query = db.selectFrom("mails_in").selectAll().where("val_id", "=", valId);
  if (fileId !== undefined) query = query.where("file_id", "=", fileId);
  const rows = await query
    .orderBy("mail_id", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return toPage(rows.map(toMailIn), limit);
}

function toMailIn(row: MailInTable): MailIn {
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
    open: row.open === 1,
    outcome: row.outcome ?? undefined,
    error: row.error ?? undefined,
    trace: row.trace ?? undefined,
  };
}
