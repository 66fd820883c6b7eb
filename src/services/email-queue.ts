/** Mails that are on their way: each is attempted once at a time, a few of them at the same time, until it is settled. */
import type { Log } from "../log.ts";
import type { Mails } from "../store/store.ts";
import type { Content, Envelope } from "./email-mail.ts";
import type { Delivery, Relay } from "./email-relay.ts";

export interface QueueOptions {
  readonly mails: Mails;
  readonly relay: Relay;
  readonly domain: string;
  /** Pauses between attempts, ms; after the last one a mail has failed. */
  readonly retryMs: readonly number[];
  /** Hears of a mail that failed in the background. */
  readonly failed: (valId: string | undefined, envelope: Envelope, reason: string) => void;
  readonly log?: Log;
  readonly now: () => number;
}

/** Attempts at the same time; each may hold a whole mail in memory. */
const MAX_ATTEMPTS = 4;
const BATCH = 50;
const LOOK_MS = 1000;
const MAX_PAUSE_MS = 3_600_000;
const CLOSE_MS = 5_000;

export class MailQueue {
  readonly #options: QueueOptions;
  readonly #busy = new Map<string, Promise<Delivery | undefined>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Infinity;
  #closed = false;
  #relayFails = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** When a mail that was just added is due, should its first attempt not be made. */
  get firstDue(): number {
    return this.#options.now() + (this.#options.retryMs[0] ?? 0);
  }

  /** Attempt a mail of the store; undefined when there is nothing to attempt. */
  attempt(id: string): Promise<Delivery | undefined> {
    const known = this.#busy.get(id);
    if (known !== undefined) return known;
    this.#wakeAt(this.firstDue);
    const work = this.#inTurn(() => this.#deliver(id)).finally(() => this.#busy.delete(id));
    this.#busy.set(id, work);
    return work;
  }

  /** Begin with what an earlier process left behind. */
  async resume(): Promise<void> {
    await this.#options.mails.hurry();
    await this.#wake();
  }

  /** Attempts end; what is not settled then is attempted at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const resolve of this.#waiting.splice(0)) resolve();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, CLOSE_MS);
    await Promise.race([Promise.allSettled(this.#busy.values()), patience.promise]);
    clearTimeout(timer);
    this.#options.relay.close();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < MAX_ATTEMPTS) this.#running += 1;
    // Whoever ends gives his turn to the one that waits the longest.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return this.#closed ? undefined : await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #deliver(id: string): Promise<Delivery | undefined> {
    const { mails, relay, domain, retryMs, failed, now } = this.#options;
    const row = await mails.find(id);
    const stored = row?.state === "queued" ? await mails.content(id) : undefined;
    if (row === undefined || stored === undefined) return undefined;
    const envelope = JSON.parse(row.envelope) as Envelope;
    const content = JSON.parse(stored) as Content;
    const delivery = await relay.send({ id, at: row.createdAt, domain, envelope, content });
    this.#tellOperator(delivery);
    const attempts = row.attempts + 1;
    if (delivery.kind === "sent") {
      await mails.settle(id, { state: "sent", attempts, error: delivery.but.join("; ") || undefined });
      return delivery;
    }
    const { kind, reason } = delivery;
    const pause = kind === "later" ? retryMs[row.attempts] : undefined;
    if (pause !== undefined) {
      const nextAt = now() + pause;
      await mails.settle(id, { state: "queued", attempts, error: reason, nextAt });
      this.#wakeAt(nextAt);
      return delivery;
    }
    await mails.settle(id, { state: "failed", attempts, error: reason });
    if (attempts > 1) failed(row.valId, envelope, reason);
    return { kind: "refused", reason };
  }

  /** Once when it begins to fail, not for each mail. */
  #tellOperator(delivery: Delivery): void {
    if (delivery.kind === "later" && !this.#relayFails) {
      const { reason } = delivery;
      this.#options.log?.warn("The mail relay takes no mail; what vals send is tried again.", { reason });
    }
    this.#relayFails = delivery.kind === "later";
  }

  #wakeAt(at: number): void {
    if (this.#closed || at >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    const pause = Math.min(Math.max(at - this.#options.now(), 0), MAX_PAUSE_MS);
    this.#timer = setTimeout(() => this.#wake().catch((error) => this.#report(error)), pause);
  }

  async #wake(): Promise<void> {
    const { mails, now } = this.#options;
    this.#wakesAt = Infinity;
    for (const id of await mails.due(BATCH)) {
      if (!this.#busy.has(id)) this.attempt(id).catch((error) => this.#report(error));
    }
    const nextAt = await mails.nextAt();
    // Those that are being attempted are still due: look again, but not at once.
    if (nextAt !== undefined) this.#wakeAt(nextAt > now() ? nextAt : now() + LOOK_MS);
  }

  #report(error: unknown): void {
    if (!this.#closed) this.#options.log?.error("The queue of mails failed.", { error });
  }
}
