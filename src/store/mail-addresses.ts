import type { Kysely } from "kysely";
import { idMailbox, toMailbox } from "../val/mailbox.ts";
import { MAIL_ADDRESSES } from "./label-books.ts";
import type { TownSchema } from "./schema.ts";
import { createSubdomains, type Subdomains } from "./subdomains.ts";

/** Whom an address leads to. */
export interface MailTarget {
  readonly fileId: string;
  readonly valId: string;
  /** The val's owner. */
  readonly userId: string;
}

/** Local parts of the addresses of email files; the name that `of` and `set` speak of is the one that the owner chose. */
export interface MailAddresses extends Subdomains {
  /** The file that gets mail for a local part, as it was written; undefined when nobody does. */
  resolve(local: string): Promise<MailTarget | undefined>;
  /** All that lead to a file, the one to show first: that of its id, with the owner's name as it is now. */
  all(fileId: string): Promise<string[]>;
}

export function createMailAddresses(db: Kysely<TownSchema>, now: () => number): MailAddresses {
  return {
    ...createSubdomains(db, now, MAIL_ADDRESSES),
    resolve: (local) => resolve(db, local),
    all: (fileId) => allOf(db, fileId),
  };
}

async function resolve(db: Kysely<TownSchema>, local: string): Promise<MailTarget | undefined> {
  const label = toMailbox(local);
  if (label === undefined) return undefined;
  const row = await db
    .selectFrom("mail_addresses")
    .innerJoin("files", "files.id", "mail_addresses.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["files.id", "vals.id as val_id", "vals.user_id"])
    .where("label", "=", label)
    .where("files.deleted", "=", 0)
    .where("files.type", "=", "email")
    .where("users.suspended_at", "is", null)
    .executeTakeFirst();
  return row && { fileId: row.id, valId: row.val_id, userId: row.user_id };
}

/** Those that were made of former names come last. */
const ORDER = { id: 1, custom: 2, name: 3, old: 4 } as const;

async function allOf(db: Kysely<TownSchema>, fileId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("mail_addresses")
    .innerJoin("files", "files.id", "mail_addresses.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["mail_addresses.label", "mail_addresses.kind", "users.username"])
    .where("mail_addresses.file_id", "=", fileId)
    .where("files.deleted", "=", 0)
    .where("files.type", "=", "email")
    .execute();
  const ranked = rows.map(({ label, kind, username }) => {
    const isFormer = kind === "id" && label !== idMailbox(username, fileId);
    return { label, rank: isFormer ? ORDER.old : ORDER[kind] };
  });
  ranked.sort((a, b) => a.rank - b.rank || (a.label < b.label ? -1 : 1));
  return ranked.map(({ label }) => label);
}
