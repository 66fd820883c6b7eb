/** In which lines of a text something occurs. */
import { type Range, rangesIn, type Terms } from "./search-terms.ts";

/** A line that matched. What is cut off at its start has `offset` characters. */
export interface FoundLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly offset: number;
  readonly ranges: readonly Range[];
}

const MAX_LINES = 5;
const MAX_LINE = 240;
/** What stands before the first match of a line that has to be cut. */
const LEAD = 40;
/** So many places of each term are looked at: a text can consist of nothing else. */
const MAX_PLACES = 500;

/** The first lines in which any of it occurs, those with more of it first, in the order of the file. */
export function linesIn(terms: Terms, content: string): FoundLine[] {
  const lines = content.split(/\r\n?|\n/);
  const starts = startsOf(content);
  const counts = new Map<number, number>();
  for (const pattern of terms.patterns) {
    let places = 0;
    let before = -1;
    for (const { index } of content.matchAll(pattern)) {
      if (places++ === MAX_PLACES) break;
      const line = lineAt(starts, index);
      if (line !== before) counts.set(line, (counts.get(line) ?? 0) + 1);
      before = line;
    }
  }
  const best = [...counts].sort(([a, more], [b, less]) => less - more || a - b).slice(0, MAX_LINES);
  return best
    .sort(([a], [b]) => a - b)
    .map(([line]) => {
      const text = lines[line] ?? "";
      return { line: line + 1, ...cut(text, rangesIn(terms, text)) };
    });
}

function startsOf(content: string): number[] {
  return [0, ...Array.from(content.matchAll(/\r\n?|\n/g), ({ index, 0: end }) => index + end.length)];
}

/** The last line that starts no later than there. */
function lineAt(starts: readonly number[], index: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function cut(text: string, ranges: readonly Range[]): Pick<FoundLine, "text" | "offset" | "ranges"> {
  if (text.length <= MAX_LINE) return { text, offset: 0, ranges };
  const first = ranges[0]?.[0] ?? 0;
  const offset = Math.max(0, Math.min(first - LEAD, text.length - MAX_LINE));
  const end = offset + MAX_LINE;
  const inside = ranges.filter(([start]) => start < end);
  return {
    text: text.slice(offset, end).toWellFormed(),
    offset,
    ranges: inside.map(([start, stop]) => [start - offset, Math.min(stop, end) - offset]),
  };
}
