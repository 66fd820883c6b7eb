import type { FlatPassage } from "../val/timeline.ts";

const MAX_BARS = 256;
const FIRST_BARS = 8;
/** Numbers of a bar: when its first piece passed, and the bytes of all its pieces. */
const WIDTH = 2;

/**
 * Remembers when the pieces of a body passed and how large they were, for a picture of it. The picture has a bound: when
 * it is full, time is divided into grains, twice as long each time, and what passed within one is one bar. So a pause that
 * is longer than a grain stays a pause, and a stream of many hours is as well to be seen as one of a second.
 */
export class RecordedPassage {
  pieces = 0;
  #grain = 0;
  /** Most bodies are one piece: that one needs no array. */
  #firstBytes = 0;
  #first = 0;
  #last = 0;
  #bars: Float64Array | undefined;
  #count = 0;

  /** @param at ms since the call began, never less than before */
  add(at: number, bytes: number): void {
    this.#last = at;
    if (++this.pieces === 1) {
      this.#first = at;
      this.#firstBytes = bytes;
      return;
    }
    if (this.#bars === undefined) this.#begin();
    if (this.#joinLast(at, bytes)) return;
    if (this.#count === MAX_BARS) {
      this.#coarsen();
      if (this.#joinLast(at, bytes)) return;
    }
    this.#push(at, bytes);
  }

  /** As `writeTimeline` takes it; times to the hundredth of a millisecond. */
  flat(): FlatPassage {
    if (this.pieces === 0) return [];
    const bars = this.#bars;
    const flat = [this.pieces, this.#grain, round(this.#last)];
    if (bars === undefined) return [...flat, round(this.#first), this.#firstBytes];
    for (let i = 0; i < this.#count * WIDTH; i += WIDTH) flat.push(round(bars[i]!), bars[i + 1]!);
    return flat;
  }

  #begin(): void {
    this.#bars = new Float64Array(FIRST_BARS * WIDTH);
    this.#push(this.#first, this.#firstBytes);
  }

  /** The last bar's, if it is of the same grain. */
  #joinLast(at: number, bytes: number): boolean {
    const bars = this.#bars!;
    const last = (this.#count - 1) * WIDTH;
    if (this.#grain === 0 || this.#slot(bars[last]!) !== this.#slot(at)) return false;
    bars[last + 1]! += bytes;
    return true;
  }

  #push(at: number, bytes: number): void {
    const next = this.#count++ * WIDTH;
    if (next === this.#bars!.length) this.#grow();
    const bars = this.#bars!;
    bars[next] = at;
    bars[next + 1] = bytes;
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(MAX_BARS * WIDTH, this.#bars!.length * 4));
    larger.set(this.#bars!);
    this.#bars = larger;
  }

  /** Until half of them are left, so that it is seldom done. */
  #coarsen(): void {
    while (this.#count > MAX_BARS / 2) {
      this.#grain = this.#grain === 0 ? 1 : this.#grain * 2;
      this.#merge();
    }
  }

  #merge(): void {
    const bars = this.#bars!;
    let kept = 0;
    for (let i = WIDTH; i < this.#count * WIDTH; i += WIDTH) {
      if (this.#slot(bars[kept]!) === this.#slot(bars[i]!)) {
        bars[kept + 1]! += bars[i + 1]!;
      } else {
        kept += WIDTH;
        bars.copyWithin(kept, i, i + WIDTH);
      }
    }
    this.#count = kept / WIDTH + 1;
  }

  #slot(at: number): number {
    return Math.floor(at / this.#grain);
  }
}

const round = (ms: number) => Math.round(ms * 100) / 100;
