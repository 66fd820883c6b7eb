/** How a body passed over time, as it is kept with the record of a call: both directions in one short text. */

/** Pieces that passed within one grain of time are one bar: when its first one passed, and the bytes of all. */
export type Bar = [atMs: number, bytes: number];

/** A body on its way. */
export interface Passage {
  readonly pieces: number;
  /** How long the time is that one bar may stand for; 0 where each piece has a bar of its own. */
  readonly grainMs: number;
  /** When the last piece passed. */
  readonly lastMs: number | undefined;
  readonly bars: Bar[];
}

/** Both of a call. */
export interface Timeline {
  readonly request: Passage;
  readonly response: Passage;
}

/** A passage as numbers in a row: pieces, grain, last time, then each bar. Empty when nothing passed. */
export type FlatPassage = readonly number[];

/** Numbers of a bar. */
const WIDTH = 2;

/** As text, which `readTimeline` understands. */
export function writeTimeline(request: FlatPassage, response: FlatPassage): string {
  return JSON.stringify([request, response]);
}

/** What `writeTimeline` wrote. */
export function readTimeline(text: string): Timeline {
  const [request, response] = JSON.parse(text) as [number[], number[]];
  return { request: toPassage(request), response: toPassage(response) };
}

function toPassage([pieces = 0, grainMs = 0, lastMs, ...numbers]: FlatPassage): Passage {
  const bars = Array.from(
    { length: numbers.length / WIDTH },
    (_, i) => numbers.slice(i * WIDTH, (i + 1) * WIDTH) as Bar,
  );
  return { pieces, grainMs, lastMs, bars };
}
