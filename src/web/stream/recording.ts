/** What came when: a call as it is drawn, while it lasts or long after. */

import { Bytes } from "./bytes.ts";

/** So many bytes at a time, in milliseconds since the start. */
export type Bar = readonly [atMs: number, bytes: number];

/** `broken`: it ended before its end. `left`: who had asked for it did not want more. */
export type End = "open" | "complete" | "broken" | "left";

/** A call over time. While it is open its lists grow in place, and `follow` tells of it. */
export interface Recording {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly request: readonly Bar[];
  readonly response: readonly Bar[];
  /** When the answer's head was there, its first byte, its last. */
  readonly headMs?: number | undefined;
  readonly firstMs?: number | undefined;
  readonly lastMs?: number | undefined;
  readonly end: End;
  /** The answer itself; missing when only its times are known. */
  readonly bytes?: Bytes;
  /** The answer's `content-type`, as far as it is known. */
  readonly contentType?: string | undefined;
  /** Calls `changed` after each change, until what it returned is called. */
  readonly follow?: (changed: () => void) => () => void;
}

/** Beyond so many, two neighbours become one: what is drawn has fewer columns anyway. */
const MAX_BARS = 40_000;

/** Writes a recording while the call lasts. */
export class Recorder implements Recording {
  readonly startedAt: number;
  readonly request: Bar[] = [];
  readonly response: Bar[] = [];
  readonly bytes = new Bytes();
  headMs: number | undefined;
  firstMs: number | undefined;
  lastMs: number | undefined;
  contentType: string | undefined;
  end: End = "open";
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;

  /** `now` in epoch milliseconds, on a clock that never goes back. */
  constructor(now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#now = now;
    this.startedAt = now();
  }

  /** So many bytes of the request have left. */
  sent(bytes: number): void {
    if (bytes > 0) add(this.request, [this.#elapsed(), bytes]);
    this.#changed();
  }

  head(contentType: string | undefined): void {
    this.headMs = this.#elapsed();
    this.contentType = contentType;
    this.#changed();
  }

  received(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.end !== "open") return;
    const at = this.#elapsed();
    this.firstMs ??= at;
    add(this.response, [at, chunk.length]);
    this.bytes.add(chunk, at);
    this.#changed();
  }

  ended(end: Exclude<End, "open">): void {
    if (this.end !== "open") return;
    this.lastMs = this.#elapsed();
    this.end = end;
    this.#changed();
  }

  readonly follow = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  #elapsed(): number {
    return this.#now() - this.startedAt;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function add(bars: Bar[], bar: Bar): void {
  bars.push(bar);
  if (bars.length <= MAX_BARS) return;
  const half = bars.length >> 1;
  for (let at = 0; at < half; at++) {
    const [first, second] = [bars[2 * at]!, bars[2 * at + 1]!];
    bars[at] = [first[0], first[1] + second[1]];
  }
  if (bars.length % 2 === 1) bars[half] = bars.at(-1)!;
  bars.length = half + (bars.length % 2);
}
