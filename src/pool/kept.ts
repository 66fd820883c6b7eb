/** Which workers are kept, though no call holds them, for work that outlives their calls (`waitUntil`). */

import type { Clock } from "./clock.ts";

/** So that the guest, which knows the trace, is the first to say that work has lasted too long. */
export const SLACK_MS = 2000;

/** Why something is not waited for any longer, for the author. */
export const GIVEN_UP = {
  replaced: "waitUntil: not waited for any longer, because too many older versions have work under way",
  full: "waitUntil: not waited for any longer, because the town needed the worker for others",
  memory: "waitUntil: not waited for any longer, because the town's memory is short",
  closed: "waitUntil: still under way when the town was shut down",
} as const;

/** Of one worker: the guest's word that such work is under way, believed for so long after the last call as it may last. */
export class Kept {
  /** It was told to drain before word of its work had come, and is waited for. */
  lingers = false;
  #busy = false;
  #mayLinger = false;
  readonly #limitMs: number;
  readonly #clock: Clock;
  #givenUp: number | undefined;

  constructor(limitMs: number, clock: Clock) {
    this.#limitMs = limitMs + SLACK_MS;
    this.#clock = clock;
  }

  /** The guest's word; true when it makes a draining worker linger. */
  hear(busy: boolean): boolean {
    this.#busy = busy;
    if (!busy || !this.#mayLinger) return false;
    this.#mayLinger = false;
    this.lingers = true;
    return true;
  }

  /** It is told to drain. What it was known to do is not waited for, or it would not be; what it may yet say is. */
  drained(): void {
    this.#mayLinger = !this.#busy;
  }

  /** Whether it is believed, of a worker whose last call ended at `lastUsed`. */
  counts(lastUsed: number): boolean {
    if (!this.#busy || this.#givenUp === lastUsed) return false;
    return this.#clock.now() - lastUsed < this.#limitMs;
  }

  /** Whether it has been believed for long enough, and nobody was told yet. */
  isOverdue(lastUsed: number): boolean {
    return this.#busy && this.#givenUp !== lastUsed && !this.counts(lastUsed);
  }

  /** Believe it no more until the next call has ended. */
  giveUp(lastUsed: number): void {
    this.#givenUp = lastUsed;
  }
}

interface Keepable {
  readonly isLive: boolean;
  readonly isKept: boolean;
  readonly leases: number;
  readonly lastUsed: number;
  giveUp(sentence: string): void;
}

/** End one that no call holds, in favour of others. */
export function evict(worker: Keepable & { drain(): void }, sentence: string): void {
  if (worker.isKept) worker.giveUp(sentence);
  worker.drain();
}

/** Of the workers that are kept only for what outlives their calls, all but the `most` whose calls ended last; the oldest first. */
export function tooManyKept<W extends Keepable>(workers: Iterable<W>, most: number): W[] {
  const kept = [...workers].filter((worker) => worker.isLive && worker.isKept && worker.leases === 0);
  return kept.sort((a, b) => a.lastUsed - b.lastUsed).slice(0, Math.max(0, kept.length - most));
}

/** Waits, at the town's end, until no worker is kept. */
export class Quiet {
  readonly #workers: Iterable<Keepable>;
  readonly #clock: Clock;
  #reached: (() => void) | undefined;

  constructor(workers: Iterable<Keepable>, clock: Clock) {
    this.#workers = workers;
    this.#clock = clock;
  }

  /** Something has ended. */
  check(): void {
    if (this.#reached !== undefined && this.#kept().length === 0) this.#reached();
  }

  /** Settles when none is kept, or after `ms`, when the authors are told. */
  async within(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reached = resolve;
    const cancel = this.#clock.after(ms, resolve);
    this.check();
    await promise;
    cancel();
    this.#reached = undefined;
    for (const worker of this.#kept()) worker.giveUp(GIVEN_UP.closed);
  }

  #kept(): Keepable[] {
    return [...this.#workers].filter((worker) => worker.isKept);
  }
}
