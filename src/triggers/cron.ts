/** The ticker: makes jobs of the slots of interval files when they have come. */
import type { CronTick, SkippedSlot } from "../store/store.ts";

export interface CronOptions {
  /** One step: at most so many files, in one transaction. */
  readonly tick: (limit: number) => Promise<CronTick>;
  /** Told of each slot that was passed over. */
  readonly skipped: (slot: SkippedSlot) => void;
  readonly onError: (error: unknown) => void;
  /** What the clock on the wall shows, epoch milliseconds: it may jump either way. */
  readonly now?: () => number;
  /** Run once after `ms`; returns what cancels it. */
  readonly after?: (ms: number, run: () => void) => () => void;
  /** Files of one transaction; others write between two. */
  readonly limit?: number;
}

const MINUTE_MS = 60_000;
/** The clock may be set, and the machine may have slept: it is looked at this often at least. */
const LONGEST_MS = 15_000;
const LIMIT = 100;

/**
 * Slots are whole minutes, so it looks once at each minute's beginning, and remembers nothing of its own: what is due is
 * in the store. It needs no word of new schedules either.
 */
export class Cron {
  readonly #options: Required<CronOptions>;
  #cancel = () => {};
  #closed = false;
  #working: Promise<void> | undefined;

  constructor(options: CronOptions) {
    this.#options = { now: Date.now, after: setTimer, limit: LIMIT, ...options };
  }

  /** Makes what has become due up to now, and goes on by itself. */
  async start(): Promise<void> {
    await this.look();
  }

  /** Takes all that is due, step by step. One look at a time: who asks meanwhile waits for that one. */
  look(): Promise<void> {
    this.#cancel();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      this.#arm();
    });
    return this.#working;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { tick, limit, skipped, onError } = this.#options;
    try {
      for (let more = true; more && !this.#closed; ) {
        const step = await tick(limit);
        for (const slot of step.skipped) skipped(slot);
        more = step.more;
      }
    } catch (error) {
      // What is due stays due: the next look tries it again.
      onError(error);
    }
  }

  #arm(): void {
    if (this.#closed) return;
    const { now, after } = this.#options;
    // A timer that fires a little early finds the minute not begun, and is set again for what is left of it.
    const wait = Math.min(LONGEST_MS, MINUTE_MS - (now() % MINUTE_MS));
    this.#cancel = after(Math.max(1, wait), () => void this.look());
  }
}

function setTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
