import { HamletError } from "../errors.ts";
import type { Lease, Pool, Target, WorkerDeath } from "../pool/types.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Outcome } from "../wire/control.ts";
import { clock } from "./clock.ts";
import { newTrace } from "./trace.ts";
import type { Run } from "./types.ts";

export { clock } from "./clock.ts";
export { type Body, type Finished, type Invocation, invoke } from "./invoke.ts";
export { newTrace } from "./trace.ts";

/** What dispatch tells the rest; the server fills it. */
export interface DispatchEvents {
  /** A call has ended, or (with `end: 0`) has been running for over a second. Called again with the end. */
  record(run: Run): void;
}

export interface DispatchLimits {
  /** Calls in flight in the whole town, and for one val. Beyond them: `overloaded`. */
  readonly inFlight: number;
  readonly inFlightPerVal: number;
}

/** One call in flight. The caller fills in what it sees and ends it exactly once. */
export interface Call {
  readonly deployment: Deployment;
  readonly trace: string;
  readonly target: Target;
  readonly cold: boolean;
  readonly died: Promise<WorkerDeath>;
  /** Settles when a call that is no web request says that it has ended. */
  outcome(): Promise<Outcome>;
  /**
   * Hold another worker in a dead one's place; the call stays the same one.
   * @throws HamletError what the pool says
   */
  move(): Promise<Target>;
  /** Give the hold on the worker back and record the run. Idempotent. */
  end(): void;
}

/** What the caller knows so far of its run; read when the call is recorded. */
export type Progress = () => Omit<Run, "trace" | "deployment" | "worker" | "cold">;

export interface Dispatch {
  /**
   * Admit a call and hold a worker for it; synchronous when one is warm. When there is none through the val's own fault,
   * it is a call all the same, on record for its author, whose `target` throws the HamletError.
   * @param trace its id; one is made when it is missing
   * @throws HamletError `overloaded`, `shutting_down`, or what else the pool says
   */
  open(deployment: Deployment, progress: Progress, trace?: string): Call | Promise<Call>;
  /** Refuse what comes; calls that are open end as ever. */
  close(): void;
}

/** Calls shorter than this are recorded once, at their end. */
const ANNOUNCE_AFTER_MS = 1000;

export function createDispatch(options: {
  pool: Pool;
  limits: DispatchLimits;
  events: DispatchEvents;
}): Dispatch {
  return new Dispatcher(options.pool, options.limits, options.events);
}

class Dispatcher implements Dispatch {
  readonly #pool: Pool;
  readonly #limits: DispatchLimits;
  readonly #events: DispatchEvents;
  readonly #perVal = new Map<string, number>();
  readonly #open = new Set<OpenCall>();
  readonly #announcer: ReturnType<typeof setInterval>;
  #inFlight = 0;
  #closed = false;

  constructor(pool: Pool, limits: DispatchLimits, events: DispatchEvents) {
    this.#pool = pool;
    this.#limits = limits;
    this.#events = events;
    this.#announcer = setInterval(() => this.#announce(), ANNOUNCE_AFTER_MS / 2);
  }

  open(deployment: Deployment, progress: Progress, trace = newTrace()): Call | Promise<Call> {
    const leave = this.#admit(deployment.valId);
    const start = (lease: Lease) => this.#start(deployment, lease, { trace, progress }, leave);
    const refused = (error: unknown) => {
      if (error instanceof HamletError && error.blame === "author") return start(new RefusedLease(error));
      leave();
      throw error;
    };
    try {
      const lease = this.#pool.lease(deployment);
      return lease instanceof Promise ? lease.then(start, refused) : start(lease);
    } catch (error) {
      return refused(error);
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#announcer);
  }

  #admit(valId: string): () => void {
    if (this.#closed) throw new HamletError("shutting_down");
    const ofVal = this.#perVal.get(valId) ?? 0;
    if (this.#inFlight >= this.#limits.inFlight)
      throw new HamletError("overloaded", `${this.#inFlight} calls are in flight in this town.`);
    if (ofVal >= this.#limits.inFlightPerVal)
      throw new HamletError("overloaded", `${ofVal} calls are in flight to this val.`);
    this.#inFlight++;
    this.#perVal.set(valId, ofVal + 1);
    return () => {
      this.#inFlight--;
      const left = this.#perVal.get(valId)! - 1;
      if (left === 0) this.#perVal.delete(valId);
      else this.#perVal.set(valId, left);
    };
  }

  #start(deployment: Deployment, lease: Lease, identity: Identity, leave: () => void): Call {
    const another = () => this.#pool.lease(deployment);
    const call = new OpenCall(deployment, lease, another, identity, (ended) => {
      leave();
      this.#open.delete(ended);
      this.#events.record(ended.run());
    });
    this.#open.add(call);
    return call;
  }

  #announce(): void {
    const now = clock();
    // In order of opening: the first young one ends the walk.
    for (const call of this.#open) {
      if (call.announced) continue;
      const run = call.run();
      if (now - run.start < ANNOUNCE_AFTER_MS) return;
      call.announced = true;
      this.#events.record({ ...run, end: 0 });
    }
  }
}

/** In a lease's place, when the pool gives none for what the val has done. */
class RefusedLease implements Lease {
  readonly cold = false;
  readonly died = new Promise<never>(() => {});
  readonly #error: HamletError;

  constructor(error: HamletError) {
    this.#error = error;
  }

  get target(): Target {
    throw this.#error;
  }

  outcome(): Promise<never> {
    return this.died;
  }

  release(): void {}
}

interface Identity {
  readonly trace: string;
  readonly progress: Progress;
}

class OpenCall implements Call {
  readonly deployment: Deployment;
  readonly trace: string;
  announced = false;
  readonly #another: () => Lease | Promise<Lease>;
  readonly #progress: Progress;
  #lease: Lease;
  #ended: ((call: OpenCall) => void) | undefined;

  constructor(
    deployment: Deployment,
    lease: Lease,
    another: () => Lease | Promise<Lease>,
    { trace, progress }: Identity,
    ended: (call: OpenCall) => void,
  ) {
    this.deployment = deployment;
    this.trace = trace;
    this.#lease = lease;
    this.#another = another;
    this.#progress = progress;
    this.#ended = ended;
  }

  get target(): Target {
    return this.#lease.target;
  }

  get cold(): boolean {
    return this.#lease.cold;
  }

  get died(): Promise<WorkerDeath> {
    return this.#lease.died;
  }

  outcome(): Promise<Outcome> {
    return this.#lease.outcome(this.trace);
  }

  async move(): Promise<Target> {
    this.#lease.release();
    this.#lease = await this.#another();
    // Its visitor may have left meanwhile.
    if (this.#ended === undefined) this.#lease.release();
    return this.target;
  }

  end(): void {
    const ended = this.#ended;
    if (ended === undefined) return;
    this.#ended = undefined;
    this.#lease.release();
    ended(this);
  }

  run(): Run {
    return {
      ...this.#progress(),
      trace: this.trace,
      deployment: this.deployment,
      worker: this.#lease instanceof RefusedLease ? "" : this.target.id,
      cold: this.cold,
    };
  }
}
