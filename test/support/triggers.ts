/** The loop of the triggers over a real queue, with a clock that is set by hand and vals that do as the test says. */
import type { Job } from "../../src/store/store.ts";
import { createTriggers } from "../../src/triggers/triggers.ts";
import type {
  Clock,
  Failure,
  Settlement,
  Started,
  StartRequest,
  Triggers,
  TriggersOptions,
} from "../../src/triggers/types.ts";
import { type JobTools, withJobs } from "./jobs.ts";

/** What happens, in its order, to whoever waits for it. */
export class Events<T> {
  readonly #events: T[] = [];
  readonly #waiting: ((event: T) => void)[] = [];

  push(event: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#events.push(event);
    else waiting(event);
  }

  next(): Promise<T> {
    if (this.#events.length > 0) return Promise.resolve(this.#events.shift()!);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What has happened and nobody waited for. */
  get left(): number {
    return this.#events.length;
  }

  clear(): void {
    this.#events.length = 0;
  }
}

/** Stands still until it is told to go on. */
export class HandClock implements Clock {
  readonly #clock: { at: number };
  readonly #timers = new Set<{ at: number; run: () => void }>();
  /** Pauses for which somebody asked. */
  readonly asked = new Events<number>();

  constructor(clock: { at: number }) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.at;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#clock.at + ms, run };
    this.#timers.add(timer);
    this.asked.push(ms);
    return () => this.#timers.delete(timer);
  }

  /** Time passes, and what is due runs. */
  pass(ms: number): void {
    this.#clock.at += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#clock.at)) {
      this.#timers.delete(timer);
      timer.run();
    }
  }
}

/** A start that the loop asked for. */
export class Start {
  readonly request: StartRequest;
  readonly #end: (started: Started) => void;

  constructor(request: StartRequest, end: (started: Started) => void) {
    this.request = request;
    this.#end = end;
  }

  begin(trace = "trace"): Promise<boolean> {
    return this.request.begun(trace);
  }

  end(started: Started): void {
    this.#end(started);
  }

  ok(): void {
    this.end({ kind: "ran", finished: { trace: "trace", outcome: { ok: true }, error: undefined } });
  }

  fail(message = "no"): void {
    const outcome = { ok: false, error: { name: "Error", message, stack: "" } } as const;
    this.end({ kind: "ran", finished: { trace: "trace", outcome, error: "val_threw" } });
  }
}

/** What tests of the loop work with. */
export interface LoopTools extends JobTools {
  readonly time: HandClock;
  readonly starts: Events<Start>;
  /** The next start, for which timers that are due run. */
  started(): Promise<Start>;
  readonly settled: Events<{ key: string; how: Settlement["kind"] }>;
  readonly failed: Events<{ job: Job; failure: Failure }>;
  open(options?: Partial<TriggersOptions>): Promise<Triggers>;
  /** The loop has looked, and now waits. Resolves with for how long. */
  looked(): Promise<number>;
}

/** Longer than the loop ever waits between two looks, so that its timers can be told apart. */
export const LONG_LEASE_MS = 600_000;
const LOOK_MS = 30_000;
const MINUTE = 60_000;

/** Runs a test with a loop; what was opened is closed. */
export function withLoop(use: (tools: LoopTools) => Promise<void>): Promise<void> {
  return withJobs(async (tools) => {
    const time = new HandClock(tools.clock);
    const [starts, settled] = [new Events<Start>(), new Events<{ key: string; how: Settlement["kind"] }>()];
    const failed = new Events<{ job: Job; failure: Failure }>();
    const opened: Triggers[] = [];
    const spec = {
      contentType: "application/json",
      body: (job: Job) => JSON.stringify(job.payload),
      settled: async ({ key }: Job, how: Settlement) => settled.push({ key, how: how.kind }),
    };
    const starter = {
      start: (request: StartRequest) =>
        new Promise<Started>((resolve) => starts.push(new Start(request, resolve))),
    };
    const kinds = {
      interval: { ...spec, backoffMs: [] },
      email: { ...spec, backoffMs: [MINUTE, 10 * MINUTE, 60 * MINUTE, 360 * MINUTE] },
    };
    await use({
      ...tools,
      ...{ time, starts, settled, failed },
      async open(options = {}) {
        const loop = await createTriggers({
          ...{ jobs: tools.jobs, starter, kinds, maxRuns: 8, maxStarting: 8, clock: time },
          ...{ leaseMs: LONG_LEASE_MS, alone: true },
          failed: (job, failure) => failed.push({ job, failure }),
          ...options,
        });
        opened.push(loop);
        return loop;
      },
      async started() {
        while (starts.left === 0) {
          time.pass(0);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return starts.next();
      },
      async looked() {
        for (;;) {
          const ms = await time.asked.next();
          if (ms <= LOOK_MS) return ms;
        }
      },
    });
    let closed = false;
    const all = Promise.all(opened.map((loop) => loop.close(0))).finally(() => (closed = true));
    while (!closed) {
      time.pass(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
  });
}
