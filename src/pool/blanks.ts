/** Keeps blank workers ready, more of them while many are claimed, and never spins when they cannot be started. */

import { HamletError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { PoolLimits } from "./types.ts";
import type { Worker } from "./worker.ts";

/** A claimed worker's first call comes first: on a small machine a spawn beside it would slow it down. */
const REFILL_DELAY_MS = 50;
const MAX_STARTING = 4;
/** So many failures in a row, and calls are told instead of waiting on. */
const FAILURES_TOLD = 3;
const FORGET_FAILURES_MS = 60_000;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** The claim rate is remembered with this time constant; what it asked for is kept for a while after. */
const RATE_MS = 1000;
const KEEP_SURPLUS_MS = 30_000;

export interface BlankOptions {
  readonly limits: PoolLimits;
  readonly clock: Clock;
  /** Start a worker; may throw. */
  readonly spawn: () => Worker;
  /** Whether one more process may be started; evicts an idle one to make it so, if it may. */
  readonly makeRoom: (mayEvict: boolean) => boolean;
}

export class Blanks {
  readonly #options: BlankOptions;
  readonly #ready: Worker[] = [];
  /** Ready ones that are to be replaced, without haste. */
  readonly #stale = new Set<Worker>();
  /** With the time of their start. */
  readonly #starting = new Map<Worker, number>();
  #waiting: PromiseWithResolvers<Worker>[] = [];
  #rate = 0;
  #rateAt: number;
  #surplusSince: number | undefined;
  #failures = 0;
  /** How often in a row workers died before they were ready; those started together count once. */
  #stillborn = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #notBefore = 0;
  #reason = "";
  /** The last refill found no room. */
  #isFull = false;
  #cancelRefill: (() => void) | undefined;
  #closed = false;

  constructor(options: BlankOptions) {
    this.#options = options;
    this.#rateAt = options.clock.now();
  }

  get ready(): number {
    return this.#ready.length;
  }

  get starting(): number {
    return this.#starting.size;
  }

  /** A ready worker, now somebody's. */
  take(): Worker | undefined {
    this.#count();
    let worker = this.#next();
    while (worker && (worker.state !== "blank" || worker.isGone)) worker = this.#next();
    if (worker !== undefined) this.#failures = 0;
    this.#refillSoon(worker === undefined ? 0 : REFILL_DELAY_MS);
    return worker;
  }

  /**
   * The next worker that becomes ready.
   * @throws HamletError `internal` when workers keep failing to start, `overloaded` when there is no room for one
   */
  async wait(): Promise<Worker> {
    if (this.#closed) throw new HamletError("shutting_down");
    const isResting = this.#options.clock.now() < this.#notBefore && this.#starting.size === 0;
    if (isResting && this.#stillborn >= FAILURES_TOLD) throw this.#cannotStart();
    const waiting = Promise.withResolvers<Worker>();
    this.#waiting.push(waiting);
    this.refill();
    if (this.#isFull && this.#starting.size === 0) {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      throw new HamletError("overloaded", "Every worker of this town is in use.");
    }
    return waiting.promise;
  }

  /** A worker said that it is ready. */
  becameReady(worker: Worker): void {
    this.#starting.delete(worker);
    this.#stillborn = 0;
    const waiting = this.#waiting.shift();
    if (waiting) {
      this.#failures = 0;
      waiting.resolve(worker);
    } else {
      this.#ready.push(worker);
      this.#dropStale();
    }
    this.refill();
  }

  /** A worker died before it was claimed. */
  lost(worker: Worker, reason: string): void {
    if ((this.#starting.get(worker) ?? Number.NEGATIVE_INFINITY) > this.#lastFailure) this.#stillborn++;
    this.#starting.delete(worker);
    this.#remove(worker);
    this.#failed(reason);
  }

  /** Start what is missing, as far as back-off and room allow. */
  refill(): void {
    const { clock, makeRoom, limits } = this.#options;
    if (this.#closed) return;
    const delay = this.#notBefore - clock.now();
    // Somebody who waits is not made to wait for longer because blank ones were killed: others can be started.
    const isUrgent = this.#waiting.length > 0 && this.#stillborn === 0;
    if (delay > 0 && !isUrgent) {
      this.#refillSoon(delay);
      return;
    }
    const needed = limits.blank + this.#waiting.length;
    const wanted = this.#desired() + this.#waiting.length;
    this.#isFull = false;
    while (this.#starting.size < MAX_STARTING) {
      const all = this.#ready.length + this.#starting.size;
      const have = all - this.#stale.size;
      if (have >= wanted) return;
      // What a high rate asks for on top, or what is to replace a stale one, is not worth a warm worker.
      const isNeeded = all < needed;
      if (!makeRoom(isNeeded)) {
        this.#isFull = isNeeded;
        return;
      }
      if (!this.#start()) return;
    }
  }

  /** What is ready now knows less than one that is started now: each is replaced as soon as there is another. */
  renew(): void {
    for (const worker of this.#ready) this.#stale.add(worker);
    this.refill();
  }

  /** From time to time: let go of what a burst has left over. */
  tick(): void {
    const now = this.#options.clock.now();
    const hasSurplus = this.#ready.length > this.#desired();
    this.#surplusSince = hasSurplus ? (this.#surplusSince ?? now) : undefined;
    if (!hasSurplus) this.refill();
    else if (now - this.#surplusSince! >= KEEP_SURPLUS_MS) this.#next()?.drain();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRefill?.();
    for (const waiting of this.#waiting) waiting.reject(new HamletError("shutting_down"));
    this.#waiting = [];
  }

  #next(): Worker | undefined {
    const worker = this.#ready.find((one) => !this.#stale.has(one)) ?? this.#ready[0];
    if (worker) this.#remove(worker);
    return worker;
  }

  #dropStale(): void {
    const [old] = this.#stale;
    if (old === undefined) return;
    this.#remove(old);
    old.drain();
  }

  #remove(worker: Worker): void {
    this.#stale.delete(worker);
    const at = this.#ready.indexOf(worker);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  #start(): boolean {
    try {
      this.#starting.set(this.#options.spawn(), this.#options.clock.now());
      return true;
    } catch (error) {
      this.#stillborn++;
      this.#failed(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #failed(reason: string): void {
    if (this.#closed) return;
    const now = this.#options.clock.now();
    this.#failures = now - this.#lastFailure > FORGET_FAILURES_MS ? 1 : this.#failures + 1;
    this.#lastFailure = now;
    this.#reason = reason;
    // One that was killed is replaced at once; only a second one in a row is worth waiting for.
    const backoff = this.#failures === 1 ? 0 : FIRST_BACKOFF_MS * 2 ** (this.#failures - 2);
    this.#notBefore = now + Math.min(MAX_BACKOFF_MS, backoff);
    if (this.#stillborn >= FAILURES_TOLD && this.#starting.size === 0) {
      for (const waiting of this.#waiting) waiting.reject(this.#cannotStart());
      this.#waiting = [];
    }
    this.#refillSoon(Math.max(1, this.#notBefore - now));
  }

  #cannotStart(): HamletError {
    return new HamletError(
      "internal",
      `Workers cannot be started, ${this.#stillborn} times in a row: ${this.#reason} Run hamlet doctor.`,
    );
  }

  #refillSoon(ms: number): void {
    if (this.#closed || this.#cancelRefill) return;
    this.#cancelRefill = this.#options.clock.after(ms, () => {
      this.#cancelRefill = undefined;
      this.refill();
    });
  }

  #desired(): number {
    const { blank, maxBlank } = this.#options.limits;
    return Math.min(Math.max(blank, Math.ceil(this.#currentRate())), maxBlank);
  }

  /** About how many were claimed in the last second. */
  #currentRate(): number {
    const now = this.#options.clock.now();
    const rate = this.#rate * Math.exp(-(now - this.#rateAt) / RATE_MS);
    return rate < 0.5 ? 0 : rate;
  }

  #count(): void {
    this.#rate = this.#currentRate() + 1;
    this.#rateAt = this.#options.clock.now();
  }
}
