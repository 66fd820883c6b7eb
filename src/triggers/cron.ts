/** The ticker: slots of interval files are made jobs when they have come. */
import type { CronTick, Schedules, SkippedSlot } from "../store/store.ts";
import type { Clock, JobKindSpec } from "./types.ts";

export interface CronOptions {
  /** One step: so many files at most, in one transaction. */
  readonly tick: (limit: number) => Promise<CronTick>;
  /** Told of each slot that was passed over, with a sentence for the author. */
  readonly skipped: (slot: SkippedSlot, sentence: string) => void;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
/** The clock may be set and the machine may sleep: it is looked at so often at least. */
const LONGEST_MS = 15_000;
/** Files of one transaction: others write between two. */
const LIMIT = 100;

/** What an interval file is given: when its run before this one began. There is no second attempt at a slot. */
export function intervalKind(schedules: Pick<Schedules, "began">): JobKindSpec {
  return {
    contentType: "application/json",
    body: async ({ fileId }) => JSON.stringify({ lastRunAt: await schedules.began(fileId) }),
    backoffMs: [],
  };
}

/**
 * Slots are whole minutes, so it looks once at each minute's beginning and needs no word of new schedules. It remembers
 * nothing: what is due is in the store.
 */
export class Cron {
  readonly #options: CronOptions;
  #cancel = () => {};
  #closed = false;
  #looking: Promise<void> | undefined;

  constructor(options: CronOptions) {
    this.#options = options;
  }

  /**
   * Takes all that is due, step by step, and goes on by itself from then on. One look at a time: who asks meanwhile waits
   * for that one.
   */
  look(): Promise<void> {
    this.#cancel();
    this.#looking ??= this.#take().finally(() => {
      this.#looking = undefined;
      this.#arm();
    });
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#looking;
  }

  async #take(): Promise<void> {
    const { tick, skipped, onError } = this.#options;
    try {
      for (let more = !this.#closed; more && !this.#closed; ) {
        const step = await tick(LIMIT);
        for (const slot of step.skipped) skipped(slot, sentenceOf(slot));
        more = step.more;
      }
    } catch (error) {
      // What is due stays due: the next look tries it again.
      onError(error);
    }
  }

  #arm(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    const left = MINUTE_MS - (clock.now() % MINUTE_MS);
    // A timer that fires a little early finds that the minute has not begun, and is set again for what is left of it.
    this.#cancel = clock.after(Math.max(1, Math.min(LONGEST_MS, left)), () => void this.look());
  }
}

function sentenceOf({ slot, trace }: SkippedSlot): string {
  const when = new Date(slot).toISOString();
  const why = trace === undefined ? "still waits to begin" : `is still under way (trace ${trace})`;
  return `The run of ${when} was left out, because the one before ${why}.`;
}
