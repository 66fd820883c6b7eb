/** The workers of one deployment: which of them takes a call, and whether another try to start one is due. */

import { HamletError } from "../errors.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Clock } from "./clock.ts";
import type { WorkerDeath } from "./types.ts";
import type { Worker } from "./worker.ts";

// So many bad ends in a row are answered with a fresh worker at once; then there is one a second.
const BURST = 8;
const TRY_EVERY_MS = 1000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

export class Group {
  readonly deployment: Deployment;
  readonly workers: Worker[] = [];
  /** A newer version is there: its workers end with their calls. */
  retired = false;
  /** There is no newer version either: nothing is waited for but calls. */
  abandoned = false;
  /** A worker that is being waited for; later calls wait for the same. */
  waiting: Promise<Worker> | undefined;
  lastDeath: WorkerDeath | undefined;
  readonly #clock: Clock;
  #tries = BURST;
  #triesAt: number;
  #refusal = "";
  #failedLoads = 0;
  #failedAt = 0;

  constructor(deployment: Deployment, clock: Clock) {
    this.deployment = deployment;
    this.#clock = clock;
    this.#triesAt = clock.now();
  }

  /** The worker for the next call: the least busy one with room. */
  pick(): Worker | undefined {
    const only = this.workers[0];
    if (this.workers.length === 1 && only?.isLive) return only.saturated ? undefined : only;
    return leastBusy(this.workers, (worker) => worker.isLive && !worker.saturated);
  }

  /** The worker for a call when there is no room and may be no more workers: a slow one, but never a hung one. */
  pickSlow(): Worker | undefined {
    return leastBusy(this.workers, (worker) => worker.isLive && !worker.hung);
  }

  get live(): number {
    let count = 0;
    for (const worker of this.workers) if (worker.isLive) count++;
    return count;
  }

  /** Whether this worker has nothing more to do. */
  isOver(worker: Worker): boolean {
    return this.retired && (this.abandoned ? worker.leases === 0 : worker.isIdle);
  }

  remove(worker: Worker): void {
    const at = this.workers.indexOf(worker);
    if (at >= 0) this.workers.splice(at, 1);
  }

  /** Remember a bad end, to pace the next tries. */
  noteDeath(death: WorkerDeath, duringLoad: boolean): void {
    this.#refillTries();
    this.#tries = Math.max(0, this.#tries - 1);
    this.lastDeath = death;
    // Made once, because there may be thousands whom it is told.
    this.#refusal = `It keeps happening, and is tried again within a second. ${death.message}`;
    if (!duringLoad) return;
    this.#failedLoads++;
    this.#failedAt = this.#clock.now();
  }

  noteLoaded(): void {
    this.#failedLoads = 0;
  }

  /** @throws HamletError when this deployment's workers have ended badly too often just now */
  checkTries(): void {
    this.#refillTries();
    if (this.#tries >= 1 || this.lastDeath === undefined) return;
    throw new HamletError(this.#failedLoads > 0 ? "load_failed" : "val_died", this.#refusal);
  }

  /** How a load on nobody's demand would go, as far as can be known without trying again so soon. */
  get recentFailure(): WorkerDeath | undefined {
    if (this.#failedLoads === 0) return undefined;
    const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failedLoads - 1));
    return this.#clock.now() - this.#failedAt < backoff ? this.lastDeath : undefined;
  }

  /** Whether nothing would be lost by forgetting it. */
  get isForgettable(): boolean {
    this.#refillTries();
    return (
      this.workers.length === 0 &&
      this.waiting === undefined &&
      this.#tries >= BURST &&
      this.recentFailure === undefined
    );
  }

  #refillTries(): void {
    const now = this.#clock.now();
    this.#tries = Math.min(BURST, this.#tries + (now - this.#triesAt) / TRY_EVERY_MS);
    this.#triesAt = now;
  }
}

function leastBusy(workers: readonly Worker[], fits: (worker: Worker) => boolean): Worker | undefined {
  let best: Worker | undefined;
  for (const worker of workers) {
    if (fits(worker) && (best === undefined || worker.leases < best.leases)) best = worker;
  }
  return best;
}
