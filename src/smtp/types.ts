/** What is a mail that comes in, and what does its receiver need to know of the town? */

import type { Log } from "../log.ts";
import type { NewReceivedMail } from "../store/store.ts";

/** A recipient of ours. */
export interface Recipient {
  readonly fileId: string;
  readonly valId: string;
  /** The val's owner. */
  readonly userId: string;
  /** As it was written. */
  readonly address: string;
}

/** Who hands over a mail, as it is told in `Received`. */
export interface Peer {
  readonly ip: string;
  /** What it says its name is. */
  readonly helo: string;
  /** How it came: `SMTP`, `ESMTP`, `ESMTPS`, `HTTP`. */
  readonly protocol: string;
}

/** Who writes to whom: what stands around a mail, not in it. */
export interface MailEnvelope {
  /** The mail's, a UUID of version 7, for who must know it before; made when missing. */
  readonly id?: string;
  /** Empty for the null sender, `<>`. */
  readonly from: string;
  /** None only when it is the operator's alone. */
  readonly to: readonly Recipient[];
  /** Missing when a user of this town hands it over: then nothing is held against it but its size. */
  readonly peer?: Peer;
  /** A val of this town has written it: nobody need be asked whether it comes from where it says. */
  readonly local?: true;
  /** Also for the operator (`postmaster@…`). */
  readonly postmaster?: boolean;
}

/** What became of a mail that was taken. */
export interface Receipt {
  readonly id: string;
  readonly bytes: number;
  /** Who gets it. */
  readonly delivered: readonly Recipient[];
  /** Who does not, with the reason that stands in their vals' logs. */
  readonly withheld: readonly { readonly recipient: Recipient; readonly reason: string }[];
}

/** A mail that is not taken: the code tells its sender whether to try again. */
export class MailError extends Error {
  override readonly name = "MailError";
  /** Of RFC 5321: 4… for now, 5… for good. */
  readonly responseCode: number;

  /** @param status of RFC 3463, such as `5.1.1` */
  constructor(responseCode: number, status: string, text: string, options?: ErrorOptions) {
    super(`${status} ${text}`, options);
    this.responseCode = responseCode;
  }
}

/** What is remembered of mails that came in; the store has it. */
export interface MailRows {
  /**
   * Nobody for an account that is suspended.
   * @param local what stands before the @, as it was written
   */
  resolve(local: string): Promise<Omit<Recipient, "address"> | undefined>;
  /** Rows and jobs in one transaction. */
  add(mail: NewReceivedMail): Promise<void>;
  find(id: string): Promise<{ readonly head: string; readonly sender: string } | undefined>;
  /** Of these mails, those that somebody still waits for. */
  needed(ids: readonly string[]): Promise<Set<string>>;
  /** What waits for vals of an account. */
  usage(userId: string): Promise<{ readonly mails: number; readonly bytes: number }>;
}

/** What bounds it. Sizes in bytes, times in milliseconds. */
export interface MailLimits {
  /** Of one mail. */
  readonly mailSize: number;
  /** Of the mails that wait for vals of one account. */
  readonly quota: number;
  /** Of all mails on the disk. */
  readonly spool: number;
  /** Mails a minute that one sender may send and one address gets; 0 for no limit. */
  readonly ratePerMinute: number;
  readonly connections: number;
  readonly connectionsPerNetwork: number;
  /** Without a byte. */
  readonly idleMs: number;
  /** Without a step forward: a mail begun, a recipient, a mail ended. */
  readonly stepMs: number;
  /** How often that is looked at. */
  readonly lookMs: number;
  /** Between two mails. */
  readonly commands: number;
  /** Of one connection. */
  readonly mails: number;
}

/** Where it listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Files in PEM form, read anew when they change; without them there is no STARTTLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A mail to the operator. */
export interface PostmasterMail {
  readonly from: string;
  readonly subject: string;
  /** Its beginning. */
  readonly text: string;
}

export interface SmtpOptions {
  /** Of the spool files. */
  readonly folder: string;
  /** Behind the @ of all our addresses. */
  readonly domain: string;
  readonly rows: MailRows;
  /** Which val has sent the mail with this id. */
  readonly sentBy: (mailId: string) => Promise<string | undefined>;
  /** Writes a line into a val's log. */
  readonly note: (recipient: Recipient, text: string) => void;
  /** Takes what is for the operator. */
  readonly postmaster?: (mail: PostmasterMail) => void;
  /** The name server that is asked for SPF, DKIM and DMARC; the system's when missing. */
  readonly dnsServer?: string | undefined;
  /** Without it mail comes by `receive` alone. */
  readonly listen?: ListenOptions | undefined;
  readonly limits?: Partial<MailLimits>;
  readonly log?: Log;
  readonly now?: () => number;
}

/** Mails that come in. */
export interface MailIn {
  /** Missing when it does not listen. */
  readonly port: number | undefined;
  /**
   * Takes a mail: when it resolves, the mail is on the disk and so are its jobs. Reads the stream to its end, whatever
   * comes of it. Rejects with MailError.
   * @param mail its bytes, lines ended by CRLF, without dots added
   */
  receive(envelope: MailEnvelope, mail: AsyncIterable<Uint8Array>): Promise<Receipt>;
  /** The mail as one address gets it, with our header lines first; undefined when it is gone. */
  open(mailId: string, address: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Nobody needs it any more. */
  remove(mailId: string): Promise<void>;
  /** All that lie in the spool, those that are just coming included. */
  ids(): string[];
  /** Takes no further mail; what is on its way ends, or is refused for now. */
  close(): Promise<void>;
}
