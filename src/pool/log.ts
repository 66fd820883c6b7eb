import type { Places } from "../sandbox/types.ts";
import type { Deployment } from "../val/deployment.ts";
import type { LogLevel, Outcome, Report } from "../wire/control.ts";
import type { Clock } from "./clock.ts";
import { asAuthorsKnowIt } from "./frames.ts";
import { LogBudget } from "./output.ts";
import type { PoolEvents, PoolLimits } from "./types.ts";

// The guest's seconds are not ours.
const SLACK = 2;
/** A report's own time is believed when it is about now. */
const TIME_SLACK_MS = 60_000;

interface Author {
  readonly id: string;
  readonly deployment: Deployment | undefined;
  readonly places: Places;
}

/** What one worker logs, in its guest's reports and in lines of its own, as far as it may; while it is blank: nothing. */
export class WorkerLog {
  /** The last line it wrote to stderr. */
  lastError = "";
  readonly #author: Author;
  readonly #events: PoolEvents;
  readonly #clock: Clock;
  readonly #budget: LogBudget;

  constructor(
    author: Author,
    { limits, events, clock }: { limits: PoolLimits; events: PoolEvents; clock: Clock },
  ) {
    this.#author = author;
    this.#events = events;
    this.#clock = clock;
    this.#budget = new LogBudget(
      limits.logLinesPerSecond * SLACK,
      limits.logBytesPerSecond * SLACK,
      clock,
      (n) => this.#own("warn", `${n} lines dropped: too many in one second`, "stderr"),
    );
  }

  report({ level, time, trace, text }: Extract<Report, { kind: "log" }>): void {
    if (!this.#budget.allows(text.length)) return;
    const wall = this.#clock.wall();
    const believed = Math.abs(time - wall) > TIME_SLACK_MS ? wall : time;
    const stream = level === "error" || level === "warn" ? "stderr" : "stdout";
    this.#tell({ level, time: believed, trace, text: this.known(text), stream });
  }

  line(written: string, stream: "stdout" | "stderr"): void {
    const text = this.known(written);
    if (stream === "stderr" && text.trim() !== "") this.lastError = text.slice(0, 500);
    if (this.#budget.allows(text.length)) this.#own(stream === "stderr" ? "error" : "info", text, stream);
  }

  /** A sentence of ours for the author. */
  note(text: string): void {
    this.#own("warn", text, "stderr");
  }

  /** The text with its places named as the author knows them. */
  known(text: string): string {
    return asAuthorsKnowIt(text, this.#author.places, this.#author.deployment);
  }

  /** Likewise, of all that an outcome says. */
  knownOutcome(outcome: Outcome): Outcome {
    if (outcome.ok)
      return outcome.value === undefined ? outcome : { ok: true, value: this.known(outcome.value) };
    const { name, message, stack } = outcome.error;
    return { ok: false, error: { name, message: this.known(message), stack: this.known(stack) } };
  }

  #own(level: LogLevel, text: string, stream: "stdout" | "stderr"): void {
    this.#tell({ level, time: this.#clock.wall(), trace: "", text, stream });
  }

  #tell(line: Omit<Parameters<PoolEvents["log"]>[0], "deployment" | "worker">): void {
    const { id, deployment } = this.#author;
    if (deployment === undefined) return;
    // All that a process writes which is for one run belongs to it, also what no console has passed on.
    const trace = line.trace || deployment.once || "";
    this.#events.log({ deployment, worker: id, ...line, trace });
  }
}
