/** One confined process and its side of the control channel: blank, then one deployment for life. */

import type { Confined, Exit, Places, Usage } from "../sandbox/types.ts";
import type { Deployment } from "../val/deployment.ts";
import { type Command, MAX_CONTROL_LINE, type Outcome, type Report, stillUnderWay } from "../wire/control.ts";
import type { Clock } from "./clock.ts";
import { deaths, explainExit } from "./death.ts";
import { Kept, SLACK_MS } from "./kept.ts";
import { WorkerLease } from "./lease.ts";
import { WorkerLog } from "./log.ts";
import { readOutput } from "./output.ts";
import type { Entry, PoolEvents, PoolLimits, Target, WorkerDeath } from "./types.ts";

export type WorkerState = "starting" | "blank" | "loading" | "warm" | "draining" | "dead";

export interface WorkerContext {
  readonly limits: PoolLimits;
  readonly events: PoolEvents;
  readonly clock: Clock;
  readonly enter: (deployment: Deployment, workerId: string) => Entry;
  readonly hosts: (() => readonly string[]) | undefined;
  /** It said `ready`. */
  onReady(worker: Worker): void;
  /** It has no lease any more, or what went on without one has ended. */
  onIdle(worker: Worker): void;
  /** It is gone; called once, whatever the state was. */
  onDeath(worker: Worker, death: WorkerDeath): void;
}

const READY_MS = 15_000;
const DRAIN_MS = 5000;
/** How long a dead process's last words may take to arrive. */
const LAST_WORDS_MS = 250;
// JSON escapes and UTF-8 make a log report longer than its text.
const BYTES_PER_CHAR = 4;
const CONTROL_BYTES = 256 * 1024;

export class Worker {
  readonly target: Target;
  readonly listeners = new Set<WorkerLease>();
  readonly outcomes = new Map<string, (outcome: Outcome) => void>();
  /** Settles with undefined once the val is loaded, or with its death if that comes first. */
  readonly fate = Promise.withResolvers<WorkerDeath | undefined>();
  deployment: Deployment | undefined;
  state: WorkerState = "starting";
  death: WorkerDeath | undefined;
  leases = 0;
  /** It has said `loaded`. */
  loaded = false;
  /** Leases ever given. */
  served = 0;
  lastUsed: number;
  /** A ping has been waiting for longer than a worker with room would let it; kept by the watch. */
  saturated = false;
  /** Likewise, for so long that it gets no new calls. */
  hung = false;
  usage: Usage | undefined;
  /** The unanswered ping. */
  ping: { readonly id: number; at: number; readonly cpuMs: number } | undefined;
  lastPong = 0;
  readonly #confined: Confined;
  readonly #context: WorkerContext;
  readonly #log: WorkerLog;
  readonly #read: Promise<unknown>;
  #pings = 0;
  #entry: Entry | undefined;
  #cancelTimer: (() => void) | undefined;
  readonly #kept: Kept;

  /** @param deployment what it is started for, and will be claimed by; not given: whoever comes */
  constructor(confined: Confined, context: WorkerContext, deployment?: Deployment) {
    const { limits, clock } = context;
    this.deployment = deployment;
    this.#confined = confined;
    this.#context = context;
    this.target = { id: confined.id, socketPath: confined.socketPath };
    this.lastUsed = clock.now();
    this.#log = new WorkerLog(this, context);
    this.#kept = new Kept(limits.backgroundMs, clock);
    const nonce = crypto.randomUUID().replaceAll("-", "");
    const rate = limits.logBytesPerSecond * BYTES_PER_CHAR + CONTROL_BYTES;
    this.#read = Promise.all([
      readOutput(confined.stdout, nonce, rate, clock, {
        report: (report) => this.#hear(report),
        line: (text) => this.#log.line(text, "stdout"),
      }),
      readOutput(confined.stderr, undefined, rate, clock, {
        report: () => {},
        line: (text) => this.#log.line(text, "stderr"),
      }),
    ]);
    this.#send({
      kind: "hello",
      nonce,
      socket: confined.guestSocketPath,
      logLines: limits.logLinesPerSecond,
      logBytes: limits.logBytesPerSecond,
    });
    this.#timeout(READY_MS, { reason: "exit", message: `It was not ready within ${READY_MS / 1000} s.` });
    confined.exited.then((exit) => this.#exited(exit));
  }

  get id(): string {
    return this.#confined.id;
  }

  get places(): Places {
    return this.#confined.places;
  }

  /** Whether it still serves, or will. */
  get isLive(): boolean {
    return this.state === "loading" || this.state === "warm";
  }

  /** Whether it is kept for work that outlives its calls. */
  get isKept(): boolean {
    return this.state !== "dead" && this.#kept.counts(this.lastUsed);
  }

  /** Whether nobody would miss it. */
  get isIdle(): boolean {
    return this.leases === 0 && !this.isKept;
  }

  /** Whether it is on its way out, and will not be long. */
  get isLeaving(): boolean {
    return this.state === "dead" || (this.state === "draining" && !this.#kept.lingers);
  }

  /** The last line it wrote to stderr. */
  get lastError(): string {
    return this.#log.lastError;
  }

  /**
   * Become `deployment`; requests may be sent at once.
   * @throws when the built files cannot be placed, or the environment is too large for one control line
   */
  claim(deployment: Deployment): void {
    const { limits, enter, hosts } = this.#context;
    this.deployment = deployment;
    this.state = "loading";
    this.lastUsed = this.#context.clock.now();
    this.#entry = enter(deployment, this.id);
    const entry = this.#confined.place(deployment.artifact, deployment.entry);
    const env = { ...deployment.env, ...this.#entry.env };
    const { trigger, once } = deployment;
    const town = hosts && { door: this.#confined.guestDoor, hosts: hosts() };
    // A run has its own limit, in which all is contained that it does.
    const backgroundMs = once === undefined ? limits.backgroundMs : undefined;
    this.#send({ kind: "claim", entry, env, town, backgroundMs, ...(trigger && { trigger }) });
    this.#timeout(limits.loadMs, deaths.slowLoad(limits.loadMs));
  }

  lease(): WorkerLease {
    this.leases++;
    return new WorkerLease(this, this.served++ === 0 && !this.loaded);
  }

  released(): void {
    this.lastUsed = this.#context.clock.now();
    if (--this.leases === 0) this.#context.onIdle(this);
  }

  /** Ask the event loop for a sign of life. */
  sendPing(cpuMs: number): void {
    this.ping = { id: ++this.#pings, at: this.#context.clock.now(), cpuMs };
    this.#send({ kind: "ping", id: this.ping.id });
  }

  /** Ask the kernel what it uses now. */
  measure(): Usage | undefined {
    const usage = this.#confined.usage();
    this.usage = usage ?? this.usage;
    return usage;
  }

  /** Whether it is known to be gone, even if word of it has not come yet. */
  get isGone(): boolean {
    return this.usage !== undefined && this.measure() === undefined;
  }

  /** End it once what is open has ended; it has no leases. */
  drain(mayLinger = true): void {
    if (this.state === "dead" || this.state === "draining") return;
    this.state = "draining";
    if (mayLinger) this.#kept.drained();
    this.#send({ kind: "drain" });
    this.#timeout(DRAIN_MS, deaths.retired);
  }

  /** End it now, for this reason. */
  kill(death: WorkerDeath): void {
    if (this.state === "dead") return;
    this.#die(death);
    this.#confined.kill();
  }

  /** Time has passed: once it has been kept for too long, its author is told, and it is like any other. */
  checkKept(): void {
    if (!this.isLive || this.leases > 0 || !this.#kept.isOverdue(this.lastUsed)) return;
    this.giveUp(stillUnderWay(this.#context.limits.backgroundMs));
  }

  /** Keep it no longer for what outlives its calls. */
  giveUp(sentence: string): void {
    this.#kept.giveUp(this.lastUsed);
    this.#log.note(sentence);
    this.#context.onIdle(this);
  }

  /** Settles when the process is gone. */
  get exited(): Promise<unknown> {
    return this.#confined.exited;
  }

  async #exited(exit: Exit): Promise<void> {
    if (this.state === "dead") return;
    const drained = this.state === "draining";
    // No new calls while its last words, which may tell why, are on their way.
    this.state = "draining";
    let cancel = () => {};
    const patience = new Promise<void>((go) => {
      cancel = this.#context.clock.after(LAST_WORDS_MS, go);
    });
    await Promise.race([this.#read, patience]);
    cancel();
    this.#die(drained ? deaths.retired : explainExit(exit, this.#log.lastError, this.#context.limits));
  }

  #die(death: WorkerDeath): void {
    if (this.state === "dead") return;
    this.state = "dead";
    this.death = death;
    this.#cancelTimer?.();
    this.#entry?.leave();
    this.fate.resolve(death);
    for (const lease of this.listeners) lease.tell(death);
    this.listeners.clear();
    this.#context.onDeath(this, death);
  }

  #hear(report: Report): void {
    const { limits } = this.#context;
    switch (report.kind) {
      case "ready":
        if (this.state !== "starting") return;
        this.state = "blank";
        this.measure();
        this.#cancelTimer?.();
        this.#context.onReady(this);
        return;
      case "loaded":
        if (this.state !== "loading") return;
        this.state = "warm";
        this.loaded = true;
        this.#cancelTimer?.();
        this.fate.resolve(undefined);
        return;
      case "failed":
        if (this.state === "loading") this.kill(deaths.failed(this.#log.known(report.message)));
        return;
      case "pong":
        if (this.ping?.id !== report.id) return;
        this.ping = undefined;
        this.saturated = false;
        this.hung = false;
        this.lastPong = this.#context.clock.now();
        return;
      case "ended":
        this.outcomes.get(report.trace)?.(this.#log.knownOutcome(report.outcome));
        return;
      case "background":
        if (this.#kept.hear(report.busy)) this.#timeout(limits.backgroundMs + SLACK_MS, deaths.retired);
        else if (!report.busy && this.leases === 0) this.#context.onIdle(this);
        return;
      case "log":
        this.#log.report(report);
    }
  }

  #timeout(ms: number, death: WorkerDeath): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#context.clock.after(ms, () => this.kill(death));
  }

  #send(command: Command): void {
    const line = JSON.stringify(command);
    if (line.length > MAX_CONTROL_LINE) {
      const kilobytes = MAX_CONTROL_LINE / 1024;
      throw new RangeError(
        `The val's environment is larger than ${kilobytes} KB. Keep large values elsewhere.`,
      );
    }
    this.#confined.write(`${line}\n`);
  }
}
