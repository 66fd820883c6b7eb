/** Local parts of addresses at which vals get mail, kept as `endpoints` keeps host labels. */
export interface MailAddressTable {
  /** In lower case. */
  label: string;
  val_id: string;
  file_id: string | null;
  kind: "id" | "name" | "old" | "custom";
}

/** A local part that was given up. */
export interface ReleasedAddressTable {
  label: string;
  user_id: string;
  released_at: number;
}

/** A mail as one file gets it: a mail to several files has a row for each. */
export interface MailInTable {
  /** A UUID of version 7: in the order of arrival. The spool file is named after it. */
  mail_id: string;
  file_id: string;
  val_id: string;
  /** The val's owner. */
  user_id: string;
  /** As the sender wrote it. */
  address: string;
  /** Of the envelope; empty when nobody is to be answered. */
  sender: string;
  subject: string;
  /** As it was sent, without `head`. */
  size: number;
  message_id: string | null;
  /** Through how many servers it had come. */
  hops: number;
  created_at: number;
  attempts: number;
  /** What came of the last attempt. */
  outcome: "ok" | "failed" | "interrupted" | null;
  error: string | null;
  trace: string | null;
  /** Header lines that are put before it. */
  head: string;
}

/** Where mail goes, and what is remembered of it. */
export interface MailInTables {
  mail_addresses: MailAddressTable;
  released_addresses: ReleasedAddressTable;
  mails_in: MailInTable;
}
