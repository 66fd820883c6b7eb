/** Types that every val has without an import: what a handler is given. */

/** The argument of a cron file's handler. */
interface Interval {
  /** When it ran before; undefined the first time. */
  lastRunAt: Date | undefined;
}

/** The argument of an email file's handler. */
interface Email {
  /** `Name <address>`, or the address alone; empty when there is none. */
  from: string;
  /** Addresses, without names. */
  to: string[];
  cc: string | string[] | undefined;
  bcc: string | string[] | undefined;
  subject: string | undefined;
  /** What was written as text; nothing is made of the HTML. */
  text: string | undefined;
  html: string | undefined;
  /** Files, inline images and forwarded mails. */
  attachments: File[];
  /** As the mail has them, and by names in lower case. */
  headers: Record<string, string>;
}
