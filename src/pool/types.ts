import type { Deployment } from "../val/deployment.ts";
import type { LogLevel, Outcome } from "../wire/control.ts";

/** Where a call goes: the gateway opens its connections to `socketPath` and may keep idle ones per target object. */
export interface Target {
  readonly id: string;
  readonly socketPath: string;
}

/** One call's hold on a worker. */
export interface Lease {
  readonly target: Target;
  /** True for the call for which a worker is loaded; not for one that finds a worker loaded ahead. */
  readonly cold: boolean;
  /** Settles when the worker is gone while this lease is held, with the reason; never rejects. */
  readonly died: Promise<WorkerDeath>;
  /** Settles when what was started under this trace says that it has ended; never rejects. */
  outcome(trace: string): Promise<Outcome>;
  /** Give the hold back. Idempotent. */
  release(): void;
}

export interface WorkerDeath {
  /** `load`: the import failed; the others: killed or gone while it ran. */
  readonly reason: "load" | "memory" | "cpu" | "tasks" | "exit" | "retired" | "closed";
  /** One sentence for the author. */
  readonly message: string;
}

/** What the pool tells the rest; the server fills it. */
export interface PoolEvents {
  log(line: {
    deployment: Deployment;
    worker: string;
    level: LogLevel;
    time: number;
    trace: string;
    text: string;
    stream: "stdout" | "stderr";
  }): void;
  /** A claimed worker ended otherwise than by draining. */
  died(deployment: Deployment, worker: string, death: WorkerDeath): void;
}

/** What a worker is given when it becomes a deployment, and gives back. */
export interface Entry {
  /** Variables of the platform's, laid over the deployment's own. */
  readonly env: Readonly<Record<string, string>>;
  /** The worker is gone, or never came to be; called once. */
  leave(): void;
}

export interface PoolLimits {
  /** Blank workers kept ready; grows with the claim rate up to `maxBlank`. */
  readonly blank: number;
  readonly maxBlank: number;
  /** All workers together; the least recently used idle one makes room. */
  readonly maxWorkers: number;
  readonly maxWorkersPerDeployment: number;
  /** Sum of resident memory over warm workers, bytes; beyond it idle ones are evicted. */
  readonly memoryBudgetBytes: number;
  /** Per worker. */
  readonly memoryBytes: number;
  readonly tasks: number;
  /** CPU time without a pong after which a worker is killed, ms. */
  readonly hangCpuMs: number;
  /** Time that a worker is kept after its last call for work that outlives it, ms. */
  readonly backgroundMs: number;
  /** Time to import, ms. */
  readonly loadMs: number;
  readonly logLinesPerSecond: number;
  readonly logBytesPerSecond: number;
}

export interface Pool {
  /** A hold on a worker of this deployment; synchronous when one is warm. Throws or rejects HamletError `overloaded`. */
  lease(deployment: Deployment): Lease | Promise<Lease>;
  /** Claim and load a worker now, so that the next call is warm; resolves with its fate. */
  prepare(deployment: Deployment): Promise<WorkerDeath | undefined>;
  /**
   * Let the workers of every other deployment of this file finish their calls, and what outlives these, then end them;
   * when none is kept the file is gone, and only calls are waited for.
   */
  retire(fileId: string, keep?: string): void;
  stats(): {
    blank: number;
    warm: number;
    starting: number;
    workers: readonly {
      id: string;
      deployment: string | undefined;
      val: { id: string; username: string; name: string; version: number } | undefined;
      /** Whether it may take another call; if not, it ends once those it has are over. */
      live: boolean;
      leases: number;
      rssBytes: number;
    }[];
  };
  /** Settles when no val works on after its calls have ended, or after `ms`. */
  quiet(ms: number): Promise<void>;
  close(): Promise<void>;
}
