/** A mail is taken: spooled, looked at as far as its head goes, written down. Only then does its sender hear of it. */

import { networkOf } from "../services/network.ts";
import { createRate, type Rate } from "../services/rate.ts";
import { Authentication } from "./authentication.ts";
import { type Field, fieldOf, parseHead } from "./head.ts";
import { MAX_WAITING } from "./recipients.ts";
import type { Spool, SpoolFile } from "./spool.ts";
import { automatic, foreignFields, hopsOf, ourHead, ownMessageId, valsPassed } from "./trace.ts";
import { type MailEnvelope, MailError, type Receipt, type Recipient, type SmtpOptions } from "./types.ts";

/** More servers than any honest mail comes through. */
const MAX_HOPS = 30;
/** Of this town, each of which mailed the next one: as many as one request may go through. */
const MAX_VALS = 16;
/** Mails that no person wrote, an hour, from one sender to one val: vals that answer each other are slowed down. */
const AUTOMATIC_PER_HOUR = 60;
/** Mails to the operator that are passed on. */
const POSTMASTER_PER_HOUR = 30;
const HOUR_IN_MINUTES = 60;
const MAX_SUBJECT = 998;
/** Of larger mails, and of those with more signatures, only the sender's network is checked (SPF). */
const MAX_HASHED = 8 * 1024 * 1024;
const MAX_SIGNATURES = 10;
/** Of a mail to the operator. */
const POSTMASTER_TEXT = 16 * 1024;

export class Receiver {
  readonly #options: SmtpOptions & { readonly now: () => number; readonly quota: number };
  readonly #spool: Spool;
  readonly #authentication: Authentication;
  readonly #automatic: Rate;
  readonly #postmaster: Rate;
  readonly #busy = new Set<Promise<Receipt>>();
  /** Bytes of mails that are being written down, by account. */
  readonly #storing = new Map<string, number>();

  constructor(options: SmtpOptions & { readonly now: () => number; readonly quota: number }, spool: Spool) {
    this.#options = options;
    this.#spool = spool;
    this.#authentication = new Authentication(options);
    const hourly = (burst: number) =>
      createRate({ perMinute: burst / HOUR_IN_MINUTES, burst, now: options.now });
    this.#automatic = hourly(AUTOMATIC_PER_HOUR);
    this.#postmaster = hourly(POSTMASTER_PER_HOUR);
  }

  receive(envelope: MailEnvelope, mail: AsyncIterable<Uint8Array>): Promise<Receipt> {
    const work = this.#receive(envelope, mail);
    this.#busy.add(work);
    const done = () => this.#busy.delete(work);
    work.then(done, done);
    return work;
  }

  /** Resolves when no mail is on its way. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#busy);
    this.#authentication.close();
  }

  async #receive(envelope: MailEnvelope, mail: AsyncIterable<Uint8Array>): Promise<Receipt> {
    const file = await this.#spool.take(envelope.id ?? Bun.randomUUIDv7(), mail).catch((error) => {
      // The disk has failed: the operator is to know.
      if (error instanceof MailError && error.cause !== undefined) this.#report(error);
      throw error;
    });
    try {
      return await this.#settle(envelope, file);
    } catch (error) {
      await file.remove().catch((problem) => this.#report(problem));
      if (error instanceof MailError) throw error;
      this.#report(error);
      throw new MailError(451, "4.3.0", "The mail could not be stored. Try again later.", { cause: error });
    }
  }

  async #settle(envelope: MailEnvelope, file: SpoolFile): Promise<Receipt> {
    const head = readHead(file);
    const { delivered, withheld } = await this.#sort(envelope, head);
    const { id, bytes } = file;
    if (envelope.postmaster === true) this.#tellPostmaster(envelope, head, file);
    if (delivered.length === 0) await file.remove();
    else await this.#store({ ...envelope, to: delivered }, head, file);
    for (const { recipient, reason } of withheld) this.#options.note(recipient, reason);
    return { id, bytes, delivered, withheld };
  }

  async #store(envelope: MailEnvelope, head: readonly Field[], file: SpoolFile): Promise<void> {
    const { domain, rows, now } = this.#options;
    const { id, bytes: size } = file;
    using _storing = this.#reserve(envelope.to, size);
    await this.#checkQuota(envelope.to);
    const authentication = await this.#authenticate(envelope, head, file);
    for (const { at, name } of foreignFields(head, domain)) await file.overwrite(at, name);
    await file.sync();
    await rows.add({
      id,
      size,
      sender: envelope.from,
      subject: (fieldOf(head, "subject") ?? "").slice(0, MAX_SUBJECT),
      messageId: fieldOf(head, "message-id"),
      head: ourHead({ id, domain, envelope, at: now(), authentication }),
      hops: hopsOf(head),
      passed: valsPassed(head),
      to: envelope.to,
    });
  }

  async #authenticate(
    { peer, local, from: sender }: MailEnvelope,
    head: readonly Field[],
    { path, bytes }: SpoolFile,
  ): Promise<string | undefined> {
    if (peer === undefined || local === true) return undefined;
    const signatures = head.filter(({ name }) => name === "dkim-signature").length;
    const whole = bytes <= MAX_HASHED && signatures <= MAX_SIGNATURES;
    return this.#authentication.of({ path, whole, sender, ip: peer.ip, helo: peer.helo });
  }

  /** Who gets it, and who does not because it would go round in circles. */
  async #sort(
    envelope: MailEnvelope,
    head: readonly Field[],
  ): Promise<Pick<Receipt, "delivered" | "withheld">> {
    if (hopsOf(head) > MAX_HOPS)
      throw new MailError(554, "5.4.6", `The mail has come through more than ${MAX_HOPS} servers: a loop.`);
    const { from, to, peer } = envelope;
    if (peer === undefined) return { delivered: to, withheld: [] };
    const kind = automatic(head);
    if (from === "" || kind === "replied") {
      const what = from === "" ? "a report about another mail (it has no sender)" : "an automatic reply";
      return { delivered: [], withheld: to.map((one) => withhold(one, from, `it is ${what}`)) };
    }
    if (valsPassed(head) > MAX_VALS) {
      const reason = `it has come through more than ${MAX_VALS} vals of this town`;
      return { delivered: [], withheld: to.map((one) => withhold(one, from, reason)) };
    }
    if (kind === "generated") for (const one of to) this.#admitAutomatic(from, one, peer.ip);
    const own = ownMessageId(head, this.#options.domain);
    const valId = own === undefined ? undefined : await this.#options.sentBy(own);
    const back = to.filter((one) => one.valId === valId);
    return {
      delivered: to.filter((one) => one.valId !== valId),
      withheld: back.map((one) => withhold(one, from, "this val sent it itself")),
    };
  }

  #admitAutomatic(from: string, { fileId }: Recipient, ip: string): void {
    if (this.#automatic.take(`${from.toLowerCase()} ${networkOf(ip)} ${fileId}`) === 0) return;
    throw new MailError(
      450,
      "4.7.1",
      `No more than ${AUTOMATIC_PER_HOUR} automatic mails an hour are taken from you for this recipient.`,
    );
  }

  /** Counts for its accounts from now on, though there are no rows yet: others may be as far at the same time. */
  #reserve(to: readonly Recipient[], size: number): Disposable {
    const users = new Set(to.map((one) => one.userId));
    const count = (bytes: number) => {
      for (const id of users) {
        const all = (this.#storing.get(id) ?? 0) + bytes;
        if (all > 0) this.#storing.set(id, all);
        else this.#storing.delete(id);
      }
    };
    count(size);
    return { [Symbol.dispose]: () => count(-size) };
  }

  /** Once more, now that its size is known. */
  async #checkQuota(to: readonly Recipient[]): Promise<void> {
    for (const userId of new Set(to.map((one) => one.userId))) {
      const storing = this.#storing.get(userId) ?? 0;
      const { mails, bytes } = await this.#options.rows.usage(userId);
      if (bytes + storing > this.#options.quota || mails >= MAX_WAITING)
        throw new MailError(452, "4.2.2", "The mailbox is full. Try again later.");
    }
  }

  /** The log has it in any case. What is passed on is bounded, and nothing that could be an answer to it. */
  #tellPostmaster({ from, peer }: MailEnvelope, head: readonly Field[], file: SpoolFile): void {
    const subject = (fieldOf(head, "subject") ?? "").slice(0, MAX_SUBJECT);
    const { bytes } = file;
    this.#options.log?.warn("A mail to the postmaster came in.", { from, subject, bytes, peer: peer?.ip });
    if (from === "" || automatic(head) !== "no" || this.#postmaster.take("") > 0) return;
    this.#options.postmaster?.({ from, subject, text: file.start.toString("utf8", 0, POSTMASTER_TEXT) });
  }

  #report(error: unknown): void {
    this.#options.log?.error("A mail could not be taken.", { error });
  }
}

function readHead(file: SpoolFile): readonly Field[] {
  const head = parseHead(file.start, file.start.length === file.bytes);
  if (head !== undefined) return head;
  throw new MailError(552, "5.3.4", `The head of a mail has at most ${file.start.length} bytes here.`);
}

function withhold(recipient: Recipient, from: string, reason: string) {
  const text = `A mail from <${from}> to ${recipient.address} was not delivered: ${reason}, and answering it could go on for ever.`;
  return { recipient, reason: text };
}
