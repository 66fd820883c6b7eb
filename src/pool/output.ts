import type { Clock } from "./clock.ts";
import { type LineSink, LineSplitter } from "./lines.ts";

/**
 * Read a worker's stream to its end, line by line; never rejects. After `bytesPerSecond` nothing is read for the rest of
 * the second: the pipe fills up, and a process that floods it is held back by its own write.
 */
export async function readOutput(
  stream: ReadableStream<Uint8Array>,
  nonce: string | undefined,
  bytesPerSecond: number,
  clock: Clock,
  sink: LineSink,
): Promise<void> {
  const splitter = new LineSplitter(nonce, sink);
  let second = clock.now();
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      splitter.push(chunk);
      const now = clock.now();
      if (now - second >= 1000) {
        second = now;
        bytes = 0;
      }
      bytes += chunk.length;
      if (bytes > bytesPerSecond) await new Promise<void>((go) => clock.after(second + 1000 - now, go));
    }
  } catch {
    // A stream that breaks has ended.
  }
  splitter.end();
}

/** Counts log lines within a second, and says once how many were too many. */
export class LogBudget {
  readonly #lines: number;
  readonly #chars: number;
  readonly #clock: Clock;
  readonly #onDropped: (count: number) => void;
  #second = Number.NEGATIVE_INFINITY;
  #usedLines = 0;
  #usedChars = 0;
  #dropped = 0;

  constructor(lines: number, chars: number, clock: Clock, onDropped: (count: number) => void) {
    this.#lines = lines;
    this.#chars = chars;
    this.#clock = clock;
    this.#onDropped = onDropped;
  }

  /** Whether a line of this length may still be logged in this second. */
  allows(length: number): boolean {
    const now = this.#clock.now();
    if (now - this.#second >= 1000) this.#next(now);
    if (this.#usedLines < this.#lines && this.#usedChars + length <= this.#chars) {
      this.#usedLines++;
      this.#usedChars += length;
      return true;
    }
    if (this.#dropped++ === 0) {
      this.#clock.after(this.#second + 1000 - now, () => this.#next(this.#clock.now()));
    }
    return false;
  }

  #next(now: number): void {
    const dropped = this.#dropped;
    this.#second = now;
    this.#usedLines = 0;
    this.#usedChars = 0;
    this.#dropped = 0;
    if (dropped > 0) this.#onDropped(dropped);
  }
}
