/** A worker with an email file that tells what it was given. */

import type { Outcome } from "../../src/wire/control.ts";
import type { Guest, TestSandbox } from "./guest.ts";

/** Logs the email as JSON, in pieces that fit into a log line; of attachments, what one can compare. */
const TELLS = `export default async function onMail(email) {
  const told = { ...email, attachments: [] };
  for (const file of email.attachments) {
    const bytes = await file.bytes();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    told.attachments.push({ isFile: file instanceof File, name: file.name, type: file.type, size: file.size, hash });
  }
  const text = JSON.stringify(told);
  for (let at = 0; at < text.length; at += 10000) console.log("part:" + text.slice(at, at + 10000));
}`;

/** An Email as it comes out of JSON, with its files told. */
export interface ToldEmail {
  readonly from: string;
  readonly to: string[];
  readonly cc?: string[];
  readonly bcc?: string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers: Record<string, string>;
  readonly attachments: readonly ToldFile[];
}

export interface ToldFile {
  readonly isFile: boolean;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly hash: string;
}

/** What came of one mail. */
export interface Delivered {
  readonly outcome: Outcome;
  readonly status: number;
  /** What the val was given, if it is the one that tells. */
  readonly email: ToldEmail | undefined;
  /** All else that was logged. */
  readonly logs: readonly string[];
}

export class MailVal {
  readonly guest: Guest;

  constructor(guest: Guest) {
    this.guest = guest;
  }

  /** Hand this raw mail over, and wait for the outcome. */
  async deliver(mail: string | Uint8Array<ArrayBuffer> | ReadableStream): Promise<Delivered> {
    const response = await this.guest.start(mail, "message/rfc822");
    const { outcome } = await this.guest.report("ended");
    const texts = this.guest.logs.map(({ text }) => text);
    this.guest.reports.length = 0;
    const parts = texts.filter((text) => text.startsWith("part:")).map((text) => text.slice(5));
    const email = parts.length > 0 ? (JSON.parse(parts.join("")) as ToldEmail) : undefined;
    return {
      outcome,
      status: response.status,
      email,
      logs: texts.filter((text) => !text.startsWith("part:")),
    };
  }
}

/** Blank until now, it becomes an email file. */
export async function startMailVal(town: TestSandbox, code = TELLS): Promise<MailVal> {
  const guest = await town.startGuest(100_000, 2 ** 30);
  guest.claim(code, {}, "email");
  await guest.report("loaded");
  return new MailVal(guest);
}
