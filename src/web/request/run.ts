/** A file that is run by hand, and what it says while it runs. */

import { ask } from "../client/call.ts";
import type { Answer, Asked } from "../client/contract.ts";
import { Problem, sayProblem } from "../client/problem.ts";
import { EventReader, type SentEvent } from "../stream/sse.ts";

/** One line that it wrote. */
export interface RunLine {
  readonly at: string;
  readonly level: string;
  readonly stream: string;
  readonly text: string;
}

/** What became of it. */
export interface RunResult {
  readonly status: "ok" | "failed";
  readonly durationMs?: number;
  readonly value?: string;
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
  readonly reason?: string;
}

/** What a test mail says; all of it may be missing. */
export type TestMail = NonNullable<Asked<"invokeFile">["json"]["email"]>;

type Diagnostic = NonNullable<Answer<"getFile">["diagnostics"]>[number];

/** More lines are dropped from the beginning. */
const MAX_LINES = 10_000;

/** Begins when it is made. */
export class Run {
  readonly lines: RunLine[] = [];
  state: "running" | "done" | "stopped" = "running";
  traceId: string | undefined;
  result: RunResult | undefined;
  /** Why it could not begin. */
  problem: string | undefined;
  diagnostics: readonly Diagnostic[] = [];
  dropped = 0;
  readonly startedAt = Date.now();
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(fileId: string, email?: TestMail) {
    void this.#run(fileId, email);
  }

  /** The val is ended. */
  stop(): void {
    if (this.state !== "running") return;
    this.state = "stopped";
    this.#stop.abort();
    this.#changed();
  }

  readonly follow = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #run(fileId: string, email: TestMail | undefined): Promise<void> {
    try {
      const response = await ask("invokeFile", {
        params: { file_id: fileId },
        json: email === undefined ? {} : { email },
        headers: { accept: "text/event-stream" },
        signal: this.#stop.signal,
      });
      const reader = new EventReader();
      const decoder = new TextDecoder();
      const body = response.body!.getReader();
      for (let part = await body.read(); part.value; part = await body.read()) {
        reader.push(decoder.decode(part.value, { stream: true }), 0);
        for (const event of reader.events.splice(0)) this.#take(event);
        this.#changed();
      }
      if (this.state === "running" && this.result === undefined) this.problem = "The connection broke off.";
    } catch (error) {
      if (this.state === "stopped") return;
      this.problem = sayProblem(error);
      const body =
        error instanceof Problem ? (error.body as { diagnostics?: Diagnostic[] } | undefined) : undefined;
      this.diagnostics = body?.diagnostics ?? [];
    }
    if (this.state === "running") this.state = "done";
    this.#changed();
  }

  #take({ event, data, comment }: SentEvent): void {
    if (comment) return;
    const told = JSON.parse(data);
    if (event === "start") this.traceId = told.traceId;
    else if (event === "log") this.lines.push(told);
    else if (event === "dropped") this.dropped += told.count;
    else if (event === "result" || event === "error") this.result = told;
    if (this.lines.length > MAX_LINES) this.lines.splice(0, MAX_LINES / 10);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
