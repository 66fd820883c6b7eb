/** One builder process: calls go in, answers come out, until it dies; and it is made to die when it takes too much. */

import { HamletError } from "../errors.ts";
import type { ConfinedProgram } from "../sandbox/types.ts";
import type { Answer, FoundVal, NotFound, Order, WantedVal } from "../wire/bundle.ts";
import { encodeFrame, readFrames } from "../wire/frames.ts";
import { ANSWER_LIMITS, parseAnswer } from "./answers.ts";

export type Cause = "time" | "memory" | "crash";

/** The process has died while a call was waiting for its answer. */
export class Death extends Error {
  override readonly name = "Death";
  readonly why: Cause;
  /** Calls that may be to blame; one alone is. */
  readonly suspects: number;

  constructor(why: Cause, suspects: number, lastWords: string) {
    super(`the builder process ended (${why}): ${lastWords}`);
    this.why = why;
    this.suspects = suspects;
  }
}

export type Find = (want: WantedVal) => Promise<FoundVal | NotFound>;
export type Reply = Exclude<Answer, { kind: "ready" | "find" | "broken" }>;
type Told = { readonly answer: Reply; readonly body: Uint8Array };

interface Call {
  readonly find: Find | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly resolve: (told: Told) => void;
  readonly reject: (error: unknown) => void;
}

const WATCH_MS = 100;
const TAIL = 4096;

export interface ProcessLimits {
  readonly timeMs: number;
  readonly memoryBytes: number;
}

export class BuilderProcess {
  readonly #program: ConfinedProgram;
  readonly #limits: ProcessLimits;
  readonly #calls = new Map<number, Call>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #watch: ReturnType<typeof setInterval>;
  #tail = "";
  #cause: Cause = "crash";
  /** The one call that is to blame. */
  #guilty: number | undefined;
  #ended = false;

  constructor(program: ConfinedProgram, limits: ProcessLimits) {
    this.#program = program;
    this.#limits = limits;
    this.#ready.promise.catch(() => {});
    this.#listen();
    this.#keepTail();
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#watch.unref();
    program.exited.then(() => this.#end());
  }

  /** Resolves when it works; rejects when it died before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#calls.size > 0;
  }

  get rssBytes(): number {
    return this.#program.usage()?.rssBytes ?? 0;
  }

  /** Send an order and wait for its answer; rejects with `Death`. */
  call(order: Order, find?: Find): Promise<Told> {
    if (this.#ended) return Promise.reject(new Death("crash", 0, this.#tail));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#guilty = order.job;
        this.#kill("time");
      }, this.#limits.timeMs);
      this.#calls.set(order.job, { find, timer, resolve, reject });
      this.tell(order);
    });
  }

  /** An order without an answer. */
  tell(order: Order): void {
    this.#program.write(encodeFrame(order));
  }

  async close(): Promise<void> {
    this.#program.kill();
    await this.#program.exited;
  }

  async #listen(): Promise<void> {
    try {
      for await (const { head, body } of readFrames(this.#program.stdout, ANSWER_LIMITS)) {
        this.#hear(parseAnswer(head), body);
      }
    } catch (error) {
      this.#tail += `\n${error instanceof Error ? error.message : error}`;
      this.#kill("crash");
    }
  }

  #hear(answer: Answer, body: Uint8Array): void {
    if (answer.kind === "ready") {
      this.#ready.resolve();
      return;
    }
    const call = this.#calls.get(answer.job);
    if (call === undefined) return;
    if (answer.kind === "find") {
      const { job, ask, want } = answer;
      const found = call.find?.(want) ?? Promise.resolve("none" as const);
      found.then(
        (val) => this.tell({ kind: "found", job, ask, val }),
        (error) => {
          this.#finish(job)?.reject(error);
          // So that it comes to an end, which nobody waits for.
          this.tell({ kind: "found", job, ask, val: "none" });
        },
      );
      return;
    }
    if (answer.kind === "broken") {
      this.#finish(answer.job)?.reject(new HamletError("internal", `The builder failed: ${answer.message}`));
      return;
    }
    this.#finish(answer.job)?.resolve({ answer, body });
  }

  #finish(job: number): Call | undefined {
    const call = this.#calls.get(job);
    clearTimeout(call?.timer);
    this.#calls.delete(job);
    return call;
  }

  /** What is asked for beyond the limit of each process is refused to it; this is for all of them together. */
  #look(): void {
    if (this.busy && this.rssBytes > this.#limits.memoryBytes) this.#kill("memory");
  }

  #kill(cause: Cause): void {
    this.#cause = cause;
    this.#program.kill();
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#watch);
    this.#ready.reject(new Death("crash", 0, this.#tail));
    const jobs = [...this.#calls.keys()];
    for (const job of jobs) {
      const suspects = this.#guilty === undefined ? jobs.length : job === this.#guilty ? 1 : 0;
      this.#finish(job)?.reject(new Death(this.#cause, suspects, this.#tail));
    }
  }

  async #keepTail(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#program.stderr) {
      // The reason comes first, then the stacks of all threads.
      if (this.#tail.length < TAIL) this.#tail += decoder.decode(chunk).slice(0, TAIL);
    }
  }
}
