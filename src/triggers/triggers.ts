/** What starts vals by itself? The queue's jobs, each at its time, so many at once, and fair to all who have some. */
import type { Job } from "../store/store.ts";
import { attempt, type Held, REST_MS, settle } from "./attempt.ts";
import type { Clock, Triggers, TriggersOptions } from "./types.ts";

export { Cron, intervalKind } from "./cron.ts";
export { createNotices } from "./notices.ts";

/** At the latest then it is looked again: clocks jump, and what another process had may be free by now. */
const LOOK_MS = 30_000;
/** Of a job that a process has: renewed three times within it. */
const LEASE_MS = 60_000;
const RUNS_PER_VAL = 3;
/** After the town had no worker to give, nothing is claimed for so long, doubled each time up to the second. */
const PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;
/** What does not end when it is told to is left behind. */
const PATIENCE_MS = 5_000;

/** The machine's own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Take up what another process left behind, and go on from there. */
export async function createTriggers(options: TriggersOptions): Promise<Triggers> {
  const loop = new Loop(options);
  await loop.open();
  return loop;
}

type Settings = TriggersOptions & { readonly clock: Clock; readonly leaseMs: number };

class Loop implements Triggers {
  readonly #settings: Settings;
  /** This process, in the queue. */
  readonly #owner = Bun.randomUUIDv7();
  readonly #held = new Map<string, Held>();
  readonly #ends = new Set<Promise<void>>();
  /** Vals for which there was no worker, and until when they are left alone. */
  readonly #resting = new Map<string, number>();
  #pausedUntil = 0;
  #refusals = 0;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #cancelLook = () => {};
  #cancelRenewal = () => {};
  #unwatch = () => {};

  constructor(options: TriggersOptions) {
    this.#settings = { clock: systemClock, leaseMs: LEASE_MS, ...options };
  }

  async open(): Promise<void> {
    await this.#recover(this.#settings.alone ?? false);
    this.#unwatch = this.#settings.jobs.watch(() => this.wake());
    this.#renewLater();
    this.wake();
  }

  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      // Said after the last look, and before this.
      if (this.#again) this.wake();
    });
  }

  async remove(jobId: string): Promise<boolean> {
    const { jobs } = this.#settings;
    const job = await jobs.find(jobId);
    if (job === undefined || !(await jobs.remove(jobId))) return false;
    await settle(job, { kind: "gone" }, this.#settings);
    return true;
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    this.#cancelLook();
    await this.#looking;
    // What the val has not got yet goes back into the queue.
    for (const held of this.#held.values()) if (!held.begun) held.stop.abort();
    await this.#ended(graceMs);
    for (const held of this.#held.values()) held.stop.abort();
    await this.#ended(PATIENCE_MS);
    this.#cancelRenewal();
  }

  // ── Looking ───────────────────────────────────────────────────────────────────────────────────────────────────

  async #look(): Promise<void> {
    const { jobs, clock, log } = this.#settings;
    this.#cancelLook();
    let next: number | undefined;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        // Of before the claims: what became due since then was not among them.
        const now = clock.now();
        while (await this.#claim());
        next = await jobs.nextAt(now);
      }
    } catch (error) {
      log?.error("The queue could not be read; it is tried again.", { error });
      next = clock.now() + REST_MS;
    }
    if (!this.#closed) this.#lookAt(next);
  }

  /** Whether there may be more to claim. */
  async #claim(): Promise<boolean> {
    const { jobs, clock, leaseMs, maxRunsPerVal: perVal = RUNS_PER_VAL } = this.#settings;
    const now = clock.now();
    for (const [valId, until] of this.#resting) if (until <= now) this.#resting.delete(valId);
    if (this.#pausedUntil <= now) this.#pausedUntil = 0;
    const { limit, exceptUsers } = this.#room();
    if (limit <= 0) return false;
    const exceptVals = [...this.#resting.keys()];
    const claimed = await jobs.claim({
      ...{ owner: this.#owner, now, leaseMs, limit, perVal, exceptVals, exceptUsers },
    });
    for (const job of claimed) this.#start(job);
    return claimed.length > 0;
  }

  /** The last quarter of the runs is for accounts of which nothing runs: others need not wait until somebody's long ones end. */
  #room(): { limit: number; exceptUsers: string[] } {
    const { maxRuns, maxStarting } = this.#settings;
    if (this.#closed || this.#pausedUntil > 0) return { limit: 0, exceptUsers: [] };
    const all = [...this.#held.values()];
    const free = maxRuns - all.length;
    const starting = maxStarting - all.filter(({ begun, building }) => !begun && !building).length;
    const reserve = Math.floor(maxRuns / 4);
    if (free > reserve) return { limit: Math.min(free - reserve, starting), exceptUsers: [] };
    const exceptUsers = [...new Set(all.map(({ job }) => job.userId))];
    return { limit: Math.min(free, starting, 1), exceptUsers };
  }

  #lookAt(next: number | undefined): void {
    const { clock } = this.#settings;
    const now = clock.now();
    const times = [next ?? Infinity, now + LOOK_MS, ...this.#resting.values()];
    if (this.#pausedUntil > 0) times.push(this.#pausedUntil);
    this.#cancelLook = clock.after(Math.max(Math.min(...times) - now, 0), () => this.#lookAgain());
  }

  #lookAgain(): void {
    const { alone, log } = this.#settings;
    const recovered = alone ? Promise.resolve() : this.#recover(false);
    recovered
      .catch((error) => log?.error("The queue could not be read; it is tried again.", { error }))
      .finally(() => this.wake());
  }

  // ── What is under way ─────────────────────────────────────────────────────────────────────────────────────────

  #start(job: Job): void {
    const { clock, log } = this.#settings;
    const held: Held = { job, stop: new AbortController(), begun: false, building: false };
    this.#held.set(job.id, held);
    if (this.#closed) held.stop.abort();
    const tools = { ...this.#settings, clock, closing: () => this.#closed, moved: () => this.wake() };
    const end = attempt(held, tools)
      .then((how) => this.#heard(job, how, held.begun))
      .catch((error) => log?.error("A job could not be attempted.", { job: job.id, error }))
      .finally(() => {
        this.#held.delete(job.id);
        this.#ends.delete(end);
        this.wake();
      });
    this.#ends.add(end);
  }

  /** Without a pause the same jobs would be claimed and given back as fast as the disk can. */
  #heard(job: Job, how: "ended" | "refused", begun: boolean): void {
    if (begun) this.#refusals = 0;
    if (how === "ended" || this.#closed) return;
    const now = this.#settings.clock.now();
    this.#resting.set(job.valId, now + REST_MS);
    this.#pausedUntil = now + Math.min(PAUSE_MS * 2 ** this.#refusals, MAX_PAUSE_MS);
    this.#refusals++;
  }

  async #ended(ms: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const cancel = this.#settings.clock.after(ms, patience.resolve);
    while (this.#ends.size > 0) {
      const all = Promise.all(this.#ends).then(() => "ended");
      if ((await Promise.race([all, patience.promise])) === undefined) break;
    }
    cancel();
  }

  #renewLater(): void {
    const { clock, jobs, leaseMs, log } = this.#settings;
    this.#cancelRenewal = clock.after(leaseMs / 3, () => {
      jobs
        .extend([...this.#held.keys()], this.#owner, clock.now() + leaseMs)
        .catch((error) => log?.error("The leases of jobs could not be renewed.", { error }));
      this.#renewLater();
    });
  }

  async #recover(alone: boolean): Promise<void> {
    const { jobs, clock, failed, log } = this.#settings;
    const at = clock.now();
    const { dead, interrupted, queued } = await jobs.recover(this.#owner, at, alone);
    for (const job of dead) {
      const failure = { at, error: job.error ?? "", trace: undefined };
      failed?.(job, failure);
      await settle(job, { kind: "dead", ...failure }, this.#settings);
    }
    for (const job of interrupted) await settle(job, { kind: "interrupted" }, this.#settings);
    const counts = { queued: queued.length, interrupted: interrupted.length, dead: dead.length };
    if (counts.queued + counts.interrupted + counts.dead > 0)
      log?.warn("Jobs that another process had left were taken over.", counts);
  }
}
