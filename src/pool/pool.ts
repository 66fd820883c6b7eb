/** Which process takes this call? */

import { HamletError } from "../errors.ts";
import type { Sandbox } from "../sandbox/types.ts";
import type { Deployment } from "../val/deployment.ts";
import { Blanks } from "./blanks.ts";
import { type Clock, realClock } from "./clock.ts";
import { deaths } from "./death.ts";
import { checkRuns, leastRecentlyUsed, mostKept, overBudget } from "./evict.ts";
import { Group } from "./group.ts";
import { evict, GIVEN_UP, Quiet, tooManyKept } from "./kept.ts";
import type { Entry, Lease, Pool, PoolEvents, PoolLimits, WorkerDeath } from "./types.ts";
import { IDLE_TICKS, TICK_MS, watchWorker } from "./watch.ts";
import { Worker, type WorkerContext } from "./worker.ts";

type Workshop = Pick<Sandbox, "spawn"> & Partial<Pick<Sandbox, "seed">>;

export interface PoolOptions {
  readonly sandbox: Workshop;
  readonly limits: PoolLimits;
  readonly events: PoolEvents;
  readonly clock?: Clock;
  /** Called for each worker just before it becomes `deployment`. */
  readonly enter?: (deployment: Deployment, workerId: string) => Entry;
  /** The hosts that vals reach by the short way, as in `ShortWay`; asked for at each claim. Not given: there is none. */
  readonly hosts?: () => readonly string[];
}

/** Start keeping workers; `close()` ends them all. */
export function createPool(options: PoolOptions): Pool {
  return new WorkerPool(options);
}

const enterPlainly = (): Entry => ({ env: {}, leave() {} });

class WorkerPool implements Pool {
  readonly #limits: PoolLimits;
  readonly #events: PoolEvents;
  readonly #clock: Clock;
  readonly #blanks: Blanks;
  readonly #sandbox: Workshop;
  readonly #context: WorkerContext;
  readonly #groups = new Map<string, Group>();
  /** Every process that is not gone. */
  readonly #workers = new Set<Worker>();
  readonly #quiet: Quiet;
  readonly #stopWatch: () => void;
  #ticks = 0;
  #lastTick: number;
  #closed = false;

  constructor({ sandbox, limits, events, clock = realClock, enter = enterPlainly, hosts }: PoolOptions) {
    this.#limits = limits;
    this.#events = events;
    this.#clock = clock;
    this.#sandbox = sandbox;
    this.#context = {
      limits,
      events,
      clock,
      enter,
      hosts,
      onReady: (worker) => this.#blanks.becameReady(worker),
      onIdle: (worker) => this.#becameIdle(worker),
      onDeath: (worker, death) => this.#died(worker, death),
    };
    this.#blanks = new Blanks({
      limits,
      clock,
      makeRoom: (mayEvict) => this.#makeRoom(mayEvict),
      spawn: () => {
        return this.#keep(new Worker(sandbox.spawn(), this.#context));
      },
    });
    this.#quiet = new Quiet(this.#workers, clock);
    this.#lastTick = clock.now();
    this.#stopWatch = clock.every(TICK_MS, () => this.#tick());
    this.#blanks.refill();
  }

  lease(deployment: Deployment): Lease | Promise<Lease> {
    const worker = this.#groups.get(deployment.id)?.pick();
    if (worker !== undefined) return worker.lease();
    const claimed = this.#another(this.#groupOf(deployment));
    return claimed instanceof Worker ? claimed.lease() : claimed.then((one) => one.lease());
  }

  async prepare(deployment: Deployment): Promise<WorkerDeath | undefined> {
    const group = this.#groupOf(deployment);
    const failure = group.recentFailure;
    if (failure) return failure;
    const worker = group.pick() ?? group.pickSlow() ?? (await this.#anotherOrFailure(group));
    return worker instanceof Worker ? worker.fate.promise : worker;
  }

  async #anotherOrFailure(group: Group): Promise<Worker | WorkerDeath> {
    try {
      return await this.#another(group);
    } catch (error) {
      const failure = group.recentFailure;
      if (failure) return failure;
      throw error;
    }
  }

  retire(fileId: string, keep?: string): void {
    for (const group of this.#groups.values()) {
      if (group.deployment.fileId !== fileId) continue;
      group.retired = group.deployment.id !== keep;
      group.abandoned = keep === undefined;
      for (const worker of [...group.workers]) this.#endIfOver(group, worker);
    }
    // Whoever saves often shall not keep a process for each save.
    const old = [...this.#workers].filter(
      ({ deployment }) => deployment?.fileId === fileId && deployment.id !== keep,
    );
    const most = this.#limits.maxWorkersPerDeployment;
    for (const worker of tooManyKept(old, most)) worker.giveUp(GIVEN_UP.replaced);
  }

  stats(): ReturnType<Pool["stats"]> {
    const claimed = [...this.#workers].filter((worker) => worker.deployment !== undefined);
    return {
      blank: this.#blanks.ready,
      starting: this.#blanks.starting,
      warm: claimed.filter((worker) => worker.isLive).length,
      workers: claimed.map((worker) => ({
        id: worker.id,
        deployment: worker.deployment?.id,
        val: worker.deployment && nameOf(worker.deployment),
        live: worker.isLive,
        leases: worker.leases,
        rssBytes: worker.usage?.rssBytes ?? 0,
      })),
    };
  }

  quiet(ms: number): Promise<void> {
    return this.#quiet.within(ms);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWatch();
    this.#blanks.close();
    const all = [...this.#workers];
    for (const worker of all) worker.kill(deaths.closed);
    await Promise.all(all.map((worker) => worker.exited));
  }

  #groupOf(deployment: Deployment): Group {
    if (this.#closed) throw new HamletError("shutting_down");
    const known = this.#groups.get(deployment.id);
    if (known) return known;
    const group = new Group(deployment, this.#clock);
    this.#groups.set(deployment.id, group);
    return group;
  }

  /** One more worker for this deployment; the calls that come meanwhile share it. */
  #another(group: Group): Worker | Promise<Worker> {
    if (group.waiting) return group.waiting;
    if (group.live >= this.#limits.maxWorkersPerDeployment) {
      const slow = group.pickSlow();
      if (slow) return slow;
      throw new HamletError("overloaded", "Every worker that this val may have has stopped answering.");
    }
    group.checkTries();
    if (group.deployment.once !== undefined) checkRuns(this.#groups.values(), this.#limits.maxWorkers);
    const locked = group.deployment.start === "locked";
    const blank = locked ? undefined : this.#blanks.take();
    if (blank) return this.#claim(group, blank);
    const ready = locked ? this.#startFor(group.deployment) : this.#blanks.wait();
    group.waiting = ready.then((worker) => this.#claim(group, worker));
    const settled = () => {
      group.waiting = undefined;
    };
    group.waiting.then(settled, settled);
    return group.waiting;
  }

  /**
   * A worker that is started with this deployment's lock, which a blank one cannot be given later.
   * @throws HamletError `load_failed` when it ends before it is ready, `overloaded` when there is no room
   */
  async #startFor(deployment: Deployment): Promise<Worker> {
    if (!this.#makeRoom(true)) throw new HamletError("overloaded", "Every worker of this town is in use.");
    const { promise, resolve, reject } = Promise.withResolvers<Worker>();
    const context: WorkerContext = {
      ...this.#context,
      onReady: resolve,
      onDeath: (worker, death) => {
        this.#died(worker, death);
        const code = death.reason === "closed" ? "shutting_down" : "load_failed";
        reject(new HamletError(code, death.message));
      },
    };
    this.#keep(new Worker(this.#sandbox.spawn(deployment.artifact), context, deployment));
    return await promise;
  }

  #keep(worker: Worker): Worker {
    this.#workers.add(worker);
    worker.exited.then(() => this.#workers.delete(worker));
    return worker;
  }

  #claim(group: Group, worker: Worker): Worker {
    try {
      worker.claim(group.deployment);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      worker.kill(deaths.failed(message));
      throw new HamletError(cause instanceof RangeError ? "load_failed" : "internal", message, { cause });
    }
    group.workers.push(worker);
    worker.fate.promise.then((death) => {
      if (death === undefined) this.#loaded(group);
      this.#endIfOver(group, worker);
    });
    return worker;
  }

  /** It loads: what follows can load faster, from blank workers that know of it. */
  async #loaded(group: Group): Promise<void> {
    group.noteLoaded();
    const { start, artifact, entry, secret } = group.deployment;
    // What is known of it lies in a cache that all workers share, and holds the texts in its code.
    if (start !== "pooled" || secret || this.#closed) return;
    const isNew = await this.#sandbox.seed?.(artifact, entry).catch(() => false);
    if (isNew) this.#blanks.renew();
  }

  #becameIdle(worker: Worker): void {
    const { deployment } = worker;
    const group = deployment && this.#groups.get(deployment.id);
    // Its run is over, or nobody wants its end any more.
    if (deployment?.once !== undefined) worker.kill(deaths.retired);
    else if (group !== undefined) this.#endIfOver(group, worker);
    this.#quiet.check();
  }

  #endIfOver(group: Group, worker: Worker): void {
    // Of what is gone nothing is waited for.
    if (group.isOver(worker)) worker.drain(!group.abandoned);
  }

  #died(worker: Worker, death: WorkerDeath): void {
    const { deployment } = worker;
    const group = deployment && this.#groups.get(deployment.id);
    group?.remove(worker);
    this.#quiet.check();
    if (deployment?.once !== undefined) this.#groups.delete(deployment.id);
    if (death.reason === "retired" || death.reason === "closed") return;
    if (deployment === undefined) {
      this.#blanks.lost(worker, `${death.message} ${worker.lastError}`.trim());
      return;
    }
    group?.noteDeath(death, !worker.loaded);
    this.#events.died(deployment, worker.id, death);
    this.#blanks.refill();
  }

  /** Whether one more process fits, if need be in an idle one's place. */
  #makeRoom(mayEvict: boolean): boolean {
    let processes = 0;
    for (const worker of this.#workers) if (!worker.isLeaving) processes++;
    if (processes < this.#limits.maxWorkers) return true;
    if (!mayEvict) return false;
    const idle = leastRecentlyUsed(this.#workers);
    const most = mostKept(this.#groups.values(), this.#limits.maxWorkers);
    const out = idle ?? tooManyKept(this.#workers, most)[0];
    if (out !== undefined) evict(out, GIVEN_UP.full);
    return out !== undefined;
  }

  #tick(): void {
    const now = this.#clock.now();
    const lag = Math.max(0, now - this.#lastTick - 2 * TICK_MS);
    this.#lastTick = now;
    const full = ++this.#ticks % IDLE_TICKS === 0;
    for (const worker of this.#workers) {
      const busy = worker.leases > 0 || worker.state === "loading" || worker.ping !== undefined;
      if (worker.isLive && (full || busy)) watchWorker(worker, this.#limits, now, lag);
    }
    if (!full) return;
    for (const worker of this.#workers) worker.checkKept();
    for (const worker of overBudget(this.#workers, this.#limits.memoryBudgetBytes))
      evict(worker, GIVEN_UP.memory);
    for (const [id, group] of this.#groups) if (group.isForgettable) this.#groups.delete(id);
    this.#blanks.tick();
  }
}

function nameOf({ valId, username, valName, version }: Deployment) {
  return { id: valId, username, name: valName, version };
}
