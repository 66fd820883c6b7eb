/** One database process as the host sees it: one order at a time, its time and its memory watched. */

import type { Program } from "./sqlite-program.ts";
import {
  encodeFrame,
  type Frame,
  FrameReader,
  isReport,
  type Order,
  type Report,
} from "./sqlite-protocol.ts";

/** Why a process was ended by us. */
export type Verdict = "time" | "memory";

/** What its owner hears of a lane. */
export interface LaneEvents {
  report(lane: Lane, frame: Frame<Report>): void;
  /** It is gone. `order`: what it was at; `said`: the end of what it wrote to stderr. */
  ended(lane: Lane, order: Order | undefined, verdict: Verdict | undefined, said: string): void;
}

/** Beyond one of these a process is ended. */
export interface LaneLimits {
  readonly timeMs: number;
  readonly memoryBytes: number;
}

const SAID = 2000;
const EMPTY = new Uint8Array(0);

/** A started process, until its end. */
export class Lane {
  /** For databases that were too slow a moment ago: they keep each other company. */
  readonly isPenal: boolean;
  /** What it is at, and since when. */
  order: Order | undefined;
  since = 0;
  /** Last time that it was given something. */
  used = performance.now();
  /** Grown too large: to be replaced. */
  isTired = false;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  readonly #program: Program;
  readonly #events: LaneEvents;
  readonly #limits: LaneLimits;
  readonly #reader = new FrameReader<Report>();
  #verdict: Verdict | undefined;
  #said = "";

  constructor(program: Program, isPenal: boolean, limits: LaneLimits, events: LaneEvents) {
    this.#program = program;
    this.isPenal = isPenal;
    this.#limits = limits;
    this.#events = events;
    this.ended = this.#listen();
  }

  /** Only while it is at nothing. */
  send(order: Order, body: Uint8Array = EMPTY): void {
    this.order = order;
    this.since = this.used = performance.now();
    for (const piece of encodeFrame(order, body)) this.#program.write(piece);
  }

  /** Milliseconds that it is at its order. */
  busyMs(now: number): number {
    return this.order === undefined ? 0 : now - this.since;
  }

  /** A look at a process that is at work for a while: ends it beyond a limit. */
  watch(now: number): void {
    const bytes = this.#program.usage()?.rssBytes ?? 0;
    if (bytes > this.#limits.memoryBytes / 2) this.isTired = true;
    if (bytes > this.#limits.memoryBytes) this.#end("memory");
    else if (this.busyMs(now) > this.#limits.timeMs) this.#end("time");
  }

  kill(): void {
    this.#program.kill();
  }

  #end(verdict: Verdict): void {
    this.#verdict ??= verdict;
    this.#program.kill();
  }

  async #listen(): Promise<void> {
    const talk = read(this.#program.stdout, (piece) => this.#take(piece));
    const noise = read(this.#program.stderr, (piece) => {
      this.#said = (this.#said + Buffer.from(piece).toString()).slice(-SAID);
    });
    await Promise.all([talk.catch((error) => this.#distrust(error)), noise, this.#program.exited]);
    this.#events.ended(this, this.order, this.#verdict, this.#said.trim());
  }

  #distrust(error: unknown): void {
    this.#said += String(error);
    this.#program.kill();
  }

  #take(piece: Uint8Array): void {
    for (const frame of this.#reader.push(piece)) {
      if (!isReport(frame.head) || frame.head.id !== this.order?.id)
        throw new Error("A database process answered what nobody asked.");
      this.order = undefined;
      this.#events.report(this, frame);
    }
  }
}

async function read(stream: ReadableStream<Uint8Array>, take: (piece: Uint8Array) => void): Promise<void> {
  for await (const piece of stream) take(piece);
}
