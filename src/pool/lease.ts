import type { Outcome } from "../wire/control.ts";
import type { Lease, Target, WorkerDeath } from "./types.ts";

/** What a lease needs of its worker. */
export interface Held {
  readonly target: Target;
  readonly death: WorkerDeath | undefined;
  /** Leases that want to hear of the worker's death. */
  readonly listeners: Set<WorkerLease>;
  /** Who waits for the end of what was started under a trace. */
  readonly outcomes: Map<string, (outcome: Outcome) => void>;
  released(): void;
}

/**
 * `died` is made when it is first asked for, one per lease: a single promise for the worker's whole life would
 * collect a reaction for every call it ever served.
 */
export class WorkerLease implements Lease {
  readonly cold: boolean;
  readonly #worker: Held;
  #died: PromiseWithResolvers<WorkerDeath> | undefined;
  #released = false;
  #trace: string | undefined;

  constructor(worker: Held, cold: boolean) {
    this.#worker = worker;
    this.cold = cold;
  }

  get target(): Target {
    return this.#worker.target;
  }

  get died(): Promise<WorkerDeath> {
    if (this.#died === undefined) {
      this.#died = Promise.withResolvers<WorkerDeath>();
      if (this.#worker.death) this.#died.resolve(this.#worker.death);
      else if (!this.#released) this.#worker.listeners.add(this);
    }
    return this.#died.promise;
  }

  outcome(trace: string): Promise<Outcome> {
    this.#trace = trace;
    return new Promise((resolve) => this.#worker.outcomes.set(trace, resolve));
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#trace !== undefined) this.#worker.outcomes.delete(this.#trace);
    if (this.#died) this.#worker.listeners.delete(this);
    this.#worker.released();
  }

  /** The worker is gone. */
  tell(death: WorkerDeath): void {
    this.#died?.resolve(death);
  }
}
