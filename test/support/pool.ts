/** For the pool's policies: a clock that is turned by hand, and processes that do as the test says. */

import type { Clock } from "../../src/pool/clock.ts";
import { createPool, type PoolOptions } from "../../src/pool/pool.ts";
import type { Pool, PoolEvents, PoolLimits } from "../../src/pool/types.ts";
import type { Confined, Exit, Usage } from "../../src/sandbox/types.ts";
import type { Deployment } from "../../src/val/deployment.ts";
import type { Command } from "../../src/wire/control.ts";

export const LIMITS: PoolLimits = {
  blank: 1,
  maxBlank: 4,
  maxWorkers: 8,
  maxWorkersPerDeployment: 3,
  memoryBudgetBytes: 2 ** 40,
  memoryBytes: 256 * 2 ** 20,
  tasks: 64,
  hangCpuMs: 10_000,
  backgroundMs: 300_000,
  loadMs: 30_000,
  logLinesPerSecond: 100,
  logBytesPerSecond: 100_000,
};

export function deploymentOf(name: string, more: Partial<Deployment> = {}): Deployment {
  return {
    id: name,
    valId: `val-${name}`,
    fileId: `file-${name}`,
    branchId: "main",
    version: 1,
    userId: "user-me",
    username: "me",
    valName: name,
    artifact: `/artifacts/${name}`,
    entry: "main.ts",
    start: "pooled",
    secret: false,
    module: `https://esm.town/v/me/${name}@1-main/main.ts`,
    env: {},
    ...more,
  };
}

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now = 1000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_700_000_000_000 + this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: undefined, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: ms, run });
  }

  /** Let time pass; timers run when they are due, and what they start gets its turn. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#now = Math.max(this.#now, timer.at);
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.at = this.#now + timer.everyMs;
      timer.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** Time passes while nobody can run anything. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that is ready to run do so: streams take several turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A process without a program: the test speaks for it. */
export class Scripted implements Confined {
  readonly id: string;
  readonly socketPath: string;
  readonly guestSocketPath = "/sock/s";
  readonly guestDoor = "/door/s";
  readonly places = { val: "file:///val/", packages: "file:///cache/npm/", guest: ["file:///hamlet/guest/"] };
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<Exit>;
  readonly commands: Command[] = [];
  used: Usage = { rssBytes: 40 * 2 ** 20, cpuMs: 0, tasks: 8 };
  killed = false;
  #nonce = "";
  readonly #end: (exit: Exit) => void;
  #out!: ReadableStreamDefaultController<Uint8Array>;
  #err!: ReadableStreamDefaultController<Uint8Array>;

  /** The artifact that it was started for. */
  readonly startedFor: string | undefined;

  constructor(id: string, startedFor?: string) {
    this.id = id;
    this.startedFor = startedFor;
    this.socketPath = `/run/${id}`;
    this.stdout = new ReadableStream({
      start: (controller) => {
        this.#out = controller;
      },
    });
    this.stderr = new ReadableStream({
      start: (controller) => {
        this.#err = controller;
      },
    });
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#end = resolve;
  }

  write(text: string): void {
    const command: Command = JSON.parse(text);
    if (command.kind === "hello") this.#nonce = command.nonce;
    this.commands.push(command);
  }

  place(artifact: string, entry: string): string {
    if (artifact.includes("missing")) throw new Error(`ENOENT: ${artifact}`);
    return `file://${artifact}/${entry}`;
  }

  usage(): Usage | undefined {
    return this.killed ? undefined : this.used;
  }

  kill(): void {
    this.killed = true;
    this.exit({ code: null, signal: "SIGKILL" });
  }

  report(report: object): Promise<void> {
    return this.print(`${this.#nonce} ${JSON.stringify(report)}\n`);
  }

  async print(text: string): Promise<void> {
    this.#out.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  async printError(text: string): Promise<void> {
    this.#err.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  /** Answer the last ping. */
  async pong(): Promise<void> {
    const ping = this.commands.findLast((command) => command.kind === "ping");
    if (ping?.kind === "ping") await this.report({ kind: "pong", id: ping.id });
  }

  exit(exit: Exit): void {
    for (const stream of [this.#out, this.#err]) {
      try {
        stream.close();
      } catch {
        // It was closed before.
      }
    }
    this.#end(exit);
  }

  heard(kind: Command["kind"]): number {
    return this.commands.filter((command) => command.kind === kind).length;
  }
}

/** A pool of scripted processes under a clock that is turned by hand. */
export class ScriptedTown {
  readonly clock = new FakeClock();
  readonly processes: Scripted[] = [];
  readonly logs: Parameters<PoolEvents["log"]>[0][] = [];
  readonly deaths: string[] = [];
  readonly pool: Pool;
  /** What was to be seeded, and whether that brings something new. */
  readonly seeded: string[] = [];
  seeds = false;
  /** What the next spawns throw. */
  broken: string | undefined;

  constructor(limits: Partial<PoolLimits> = {}, more: Pick<PoolOptions, "enter" | "hosts"> = {}) {
    this.pool = createPool({
      ...more,
      limits: { ...LIMITS, ...limits },
      clock: this.clock,
      events: {
        log: (line) => this.logs.push(line),
        died: (deployment, _worker, death) => this.deaths.push(`${deployment.id} ${death.reason}`),
      },
      sandbox: {
        seed: async (artifact, entry) => {
          this.seeded.push(`${artifact}/${entry}`);
          return this.seeds;
        },
        spawn: (artifact) => {
          if (this.broken) throw new Error(this.broken);
          const made = new Scripted(`w${this.processes.length + 1}`, artifact);
          this.processes.push(made);
          return made;
        },
      },
    });
  }

  /** Every process that has not said so yet is ready. */
  async ready(): Promise<void> {
    for (const each of this.processes) {
      if (!each.killed && each.heard("claim") === 0) await each.report({ kind: "ready" });
    }
  }

  /** The process behind a lease. */
  of(lease: { target: { id: string } }): Scripted {
    return this.processes.find(({ id }) => id === lease.target.id)!;
  }

  /** A lease on a worker that has loaded. */
  async warm(
    name: string,
    more: Partial<Deployment> = {},
  ): Promise<{ lease: Awaited<ReturnType<Pool["lease"]>>; process: Scripted }> {
    const lease = (async () => this.pool.lease(deploymentOf(name, more)))();
    // It may be refused before this waits for it.
    lease.catch(() => {});
    await this.clock.pass(60);
    await this.ready();
    const held = await lease;
    await this.of(held).report({ kind: "loaded" });
    return { lease: held, process: this.of(held) };
  }
}
