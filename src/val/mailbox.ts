/** Which addresses lead to email files. */

import { RESERVED_USERNAMES } from "./name.ts";

/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL = 64;
/** Addresses of their own choice that all vals of one account have at once. */
export const MAILBOXES_PER_ACCOUNT = 20;
/** With those that the account has given up and nobody else may have yet. */
export const MAILBOX_NAMES_PER_ACCOUNT = 60;

/**
 * Addresses that stand for the town itself: of RFC 2142, those by which certificates are handed out, and those from which
 * people expect letters of the town's own.
 */
const RESERVED_LOCALS = new Set([
  ...RESERVED_USERNAMES,
  ..."notifications notification info sales marketing noc usenet news uucp ftp mailer-daemon mailerdaemon".split(
    " ",
  ),
  ..."ssladmin ssl-admin sysadmin sslwebmaster it is mis bounce bounces dmarc dmarc-reports tls-rpt".split(
    " ",
  ),
  ..."account accounts billing contact no_reply donotreply do-not-reply nobody spam legal".split(" "),
  ..."privacy service team unsubscribe".split(" "),
]);

const LOCAL = /^[a-z0-9_-]{1,64}$/;
const ID_FORM = /-[0-9a-f]{32}$/;

/** The local part that every email file has for life: `{username}-{32 hex digits of its id}`. */
export function idMailbox(username: string, fileId: string): string {
  return `${username}-${fileId.replaceAll("-", "")}`.toLowerCase();
}

/** The local part of a val's first email file, `{username}.{val}`; undefined when it would be too long. */
export function nameMailbox(username: string, valName: string): string | undefined {
  const local = `${username}.${valName}`.toLowerCase();
  return local.length <= MAX_LOCAL ? local : undefined;
}

/** Why nobody can choose this local part, as a sentence; undefined when it can be had. `local` in lower case. */
export function mailboxProblem(local: string): string | undefined {
  if (local.length > MAX_LOCAL) return `What stands before the @ has at most ${MAX_LOCAL} characters.`;
  if (local.includes("@")) return "Choose what stands before the @; what stands behind it is the town's.";
  if (!LOCAL.test(local)) return "What stands before the @ consists of letters, digits, - and _.";
  if (ID_FORM.test(local)) return `${local} looks like the address of a file's id. Choose another.`;
  return RESERVED_LOCALS.has(local) ? `The address ${local} is reserved. Choose another.` : undefined;
}

/**
 * What an address is looked up by, from its local part as it was written: case, a `+tag` and quotes make no difference.
 * Undefined when nothing can have it.
 */
export function toMailbox(local: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(local);
  const plain = quoted === null ? local : quoted[1]!.replace(/\\(.)/gs, "$1");
  const [name = ""] = plain.toLowerCase().split("+", 1);
  return /^[a-z0-9._-]{1,100}$/.test(name) ? name : undefined;
}
