/** Who answers `std/email`? Each mail is on disk before it is answered, and sent through the operator's relay. */
import type { Log } from "../log.ts";
import type { Mails, Orgs, Users } from "../store/store.ts";
import type { Outgoing } from "./email-compose.ts";
import {
  type Content,
  composeMail,
  EmailError,
  type Envelope,
  type MailRequest,
  recipientsOf,
  VALS_PASSED,
} from "./email-mail.ts";
import { MailQueue } from "./email-queue.ts";
import { createRelay, type Relay } from "./email-relay.ts";
import { createRate, type Rate } from "./rate.ts";

export interface EmailOptions {
  readonly mails: Mails;
  readonly users: Pick<Users, "find">;
  readonly orgs: Pick<Orgs, "firstOwner">;
  /** `smtp://…` or `smtps://…`; without it mails are kept, not sent. */
  readonly relay?: string;
  /** Behind the @ of mails from vals. */
  readonly domain: string;
  /** The town's name in subjects. */
  readonly town?: string;
  /** Delivers a mail to recipients who are vals of this town; answers which of them are. Rejects with EmailError. */
  readonly local?: (mail: Outgoing) => Promise<readonly string[]>;
  /** Vals may mail nobody but their owner. */
  readonly onlySelf?: boolean;
  /** Mails per user; 0 for no limit. */
  readonly ratePerMinute?: number;
  /** Pauses between attempts, ms; after the last one a mail has failed. */
  readonly retryMs?: readonly number[];
  /** How long a sender waits to be told that his mail is sent. */
  readonly patienceMs?: number;
  /** Writes a line into the log of a val. */
  readonly note?: (valId: string, text: string) => void;
  readonly log?: Log;
  readonly now?: () => number;
}

/** In whose name a mail is sent. */
export interface EmailViewer {
  readonly userId: string;
  readonly username: string;
  readonly valId?: string;
  /** Vals of this town that have called each other for it; they are counted on in what the mail starts. */
  readonly hops?: number;
}

/** What the town writes to somebody. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Email {
  /**
   * Asked before a mail is even read, because reading a large one is work: throws EmailError 429 beyond the rate. Each
   * megabyte counts as a mail.
   */
  admit(userId: string, bytes: number): void;
  /** Rejects with EmailError when the mail is not to be sent; else it is on disk, and the message says what became of it. */
  send(viewer: EmailViewer, mail: MailRequest): Promise<{ message: string }>;
  /**
   * A letter of the town itself, such as one with a link that sets a password. It is not stored, so that neither a val
   * nor a copy of the database can read it; a relay that fails is tried a few times. Resolves with whether there is a
   * relay.
   */
  notify(letter: Letter): Promise<boolean>;
  /** Whether the town's own letters are sent. */
  readonly hasRelay: boolean;
  /** Attempts under way end; what waits is sent after the next start. */
  close(): Promise<void>;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MB = 1024 * 1024;

/** What a user may send in a minute. */
export const MAILS_PER_MINUTE = 100;

const DEFAULTS = {
  town: "Hamlet",
  onlySelf: false,
  ratePerMinute: MAILS_PER_MINUTE,
  retryMs: [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR],
  patienceMs: 15 * SECOND,
  note: (_valId: string, _text: string) => {},
  now: Date.now,
} satisfies Partial<EmailOptions>;
/** Of a letter; whoever needs it can ask for another one. */
const MAX_RETRIES = 2;
/** Of each user. Both keep a val that mails in a loop from filling the disk. */
const BOUNDS = { mails: 1000, bytes: 100 * MB, ageMs: 30 * 24 * HOUR };
const MAX_QUEUED = { mails: 1000, bytes: 200 * MB };

/** Make the service, and go on with what an earlier process left unsent. */
export async function createEmail(options: EmailOptions): Promise<Email> {
  const settings = { ...DEFAULTS, ...options };
  const { mails, note } = settings;
  const relay = settings.relay === undefined ? undefined : createRelay(settings.relay);
  const failed = (valId: string | undefined, envelope: Envelope, reason: string) => {
    if (valId !== undefined) note(valId, `Mail to ${nameAll(envelope)} failed: ${reason}`);
  };
  const queue = relay && new MailQueue({ ...settings, relay, failed });
  await mails.trim(BOUNDS);
  await queue?.resume();
  return new EmailService(settings, queue, relay);
}

type Settings = EmailOptions & Required<Pick<EmailOptions, keyof typeof DEFAULTS>>;

class EmailService implements Email {
  readonly #settings: Settings;
  readonly #queue: MailQueue | undefined;
  readonly #relay: Relay | undefined;
  readonly #rate: Rate;
  readonly #closed = new AbortController();

  constructor(settings: Settings, queue: MailQueue | undefined, relay: Relay | undefined) {
    this.#settings = settings;
    this.#relay = relay;
    this.#queue = queue;
    this.#rate = createRate({ perMinute: settings.ratePerMinute });
  }

  admit(userId: string, bytes: number): void {
    const wait = this.#rate.take(userId, Math.max(1, Math.ceil(bytes / MB)));
    if (wait === 0) return;
    const seconds = Math.ceil(wait / SECOND);
    const message = `A user may send ${this.#settings.ratePerMinute} mails or megabytes a minute. Try again in ${seconds} s.`;
    throw new EmailError(429, message, { "retry-after": String(seconds) });
  }

  async send(viewer: EmailViewer, request: MailRequest): Promise<{ message: string }> {
    const settings = this.#settings;
    const { domain, town, onlySelf, note } = settings;
    const { userId, username, valId } = viewer;
    const email = await this.#addressOf(userId);
    const { envelope, content: written } = composeMail(request, { username, email, domain, town });
    if (onlySelf) checkSelf(envelope, email);
    const { hops = 0 } = viewer;
    const content =
      hops > 0 ? { ...written, headers: { ...written.headers, [VALS_PASSED]: String(hops) } } : written;
    const reason = this.#reasonToKeep(envelope);
    const id = await this.#store(viewer, envelope, content, reason);
    if (reason === undefined) return { message: await this.#deliver(id) };
    if (await this.#deliverHere({ id, at: settings.now(), domain, envelope, content }, reason))
      return { message: "Email sent" };
    if (valId !== undefined) note(valId, `Mail to ${nameAll(envelope)} kept, not sent: ${reason}.`);
    return { message: `Email kept, not sent: ${reason}. GET /v3/mails/${id} shows it.` };
  }

  get hasRelay(): boolean {
    return this.#relay !== undefined;
  }

  async notify({ to, subject, text }: Letter): Promise<boolean> {
    const { domain, town, retryMs, log } = this.#settings;
    if (this.#relay === undefined) return false;
    const sender = { username: "", email: null, domain, town };
    const mail = {
      id: Bun.randomUUIDv7(),
      at: Date.now(),
      domain,
      ...composeMail({ to, subject, text }, sender),
    };
    for (const pause of [...retryMs.slice(0, MAX_RETRIES), undefined]) {
      const delivery = await this.#relay.send(mail);
      if (delivery.kind === "sent") return true;
      if (pause === undefined || delivery.kind === "refused" || !(await this.#wait(pause))) {
        log?.error("A letter of the town could not be sent.", { to, subject, reason: delivery.reason });
        return true;
      }
    }
    return true;
  }

  /** Resolves with whether there is still something to wait for. */
  async #wait(ms: number): Promise<boolean> {
    const { signal } = this.#closed;
    const done = Promise.withResolvers<void>();
    const timer = setTimeout(done.resolve, ms);
    signal.addEventListener("abort", () => done.resolve());
    if (!signal.aborted) await done.promise;
    clearTimeout(timer);
    return !signal.aborted;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#queue?.close();
  }

  /** An organization has no address of its own: its first owner reads its mail. */
  async #addressOf(userId: string): Promise<string | null> {
    const { users, orgs } = this.#settings;
    const account = await users.find(userId);
    if (account?.type !== "org") return account?.email ?? null;
    const owner = await orgs.firstOwner(userId);
    return (owner && (await users.find(owner))?.email) ?? null;
  }

  /** Without a relay: whether all who are to get it are vals of this town, and have it now. */
  async #deliverHere(mail: Outgoing, reason: string): Promise<boolean> {
    const { local, mails } = this.#settings;
    if (local === undefined) return false;
    const has = await local(mail).catch(async (error) => {
      await mails.settle(mail.id, { state: "failed", attempts: 1, error: (error as Error).message });
      throw error;
    });
    if (has.length === 0) return false;
    const all = recipientsOf(mail.envelope).every((one) => has.includes(one));
    const error = `Delivered to ${has.join(", ")} alone: ${reason}.`;
    await mails.settle(mail.id, { state: all ? "sent" : "kept", attempts: 1, ...(!all && { error }) });
    return all;
  }

  #reasonToKeep(envelope: Envelope): string | undefined {
    if (this.#queue === undefined) return "no mail relay is configured in this town";
    if (recipientsOf(envelope).length === 0) return "this account has no e-mail address";
    return undefined;
  }

  async #store(
    { userId, valId }: EmailViewer,
    envelope: Envelope,
    content: Content,
    reason: string | undefined,
  ): Promise<string> {
    const { mails, log } = this.#settings;
    const id = Bun.randomUUIDv7();
    const mail = { id, userId, valId, envelope: JSON.stringify(envelope), content: JSON.stringify(content) };
    if (reason === undefined) {
      await this.#checkRoom(userId);
      await mails.add({ ...mail, state: "queued", nextAt: this.#queue?.firstDue });
    } else await mails.add({ ...mail, state: "kept", error: reason });
    // It is accepted, whatever becomes of older ones.
    await mails
      .trim(BOUNDS, userId)
      .catch((error) => log?.error("Old mails could not be removed.", { error }));
    return id;
  }

  async #checkRoom(userId: string): Promise<void> {
    const queued = await this.#settings.mails.queued(userId);
    if (queued.mails < MAX_QUEUED.mails && queued.bytes < MAX_QUEUED.bytes) return;
    const message = `${queued.mails} mails of yours still wait for the mail relay. Try again when they are sent.`;
    throw new EmailError(503, message, { "retry-after": "60" });
  }

  /** What to tell the sender, who waits for a while. */
  async #deliver(id: string): Promise<string> {
    const { patienceMs, log } = this.#settings;
    const attempt = this.#queue!.attempt(id).catch((error) => {
      log?.error("A mail could not be attempted; it stays queued.", { mail: id, error });
      return undefined;
    });
    const patience = Promise.withResolvers<undefined>();
    const timer = setTimeout(patience.resolve, patienceMs, undefined);
    const delivery = await Promise.race([attempt, patience.promise]);
    clearTimeout(timer);
    if (delivery?.kind === "sent") {
      return ["Email sent", ...delivery.but].join("; but the mail relay refused: ");
    }
    if (delivery?.kind === "refused")
      throw new EmailError(422, `The mail relay refused it: ${delivery.reason}`);
    const why = delivery === undefined ? "has not answered yet" : `does not take it now (${delivery.reason})`;
    return `Email queued: the mail relay ${why}. It is tried again later; GET /v3/mails/${id} tells.`;
  }
}

function checkSelf(envelope: Envelope, email: string | null): void {
  const self = email?.toLowerCase();
  if (recipientsOf(envelope).every((recipient) => recipient.toLowerCase() === self)) return;
  throw new EmailError(
    403,
    "In this town vals may mail nobody but their own owner: leave out to, cc and bcc.",
  );
}

function nameAll(envelope: Envelope): string {
  return recipientsOf(envelope).join(", ") || "you";
}
