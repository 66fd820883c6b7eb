/** How many lines a change adds and removes. */

import { diffLines } from "../../val/line-diff.ts";

/** Lines that are new, and lines that are gone. */
export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

/** Counts them between two texts; null is a file that is not there. */
export function countLines(before: string | null, after: string | null): LineCounts {
  const [old, now] = [linesOf(before), linesOf(after)];
  const hunks = diffLines(old, now);
  // Too different to tell: as if all were another.
  if (hunks === undefined) return { added: now.length, removed: old.length };
  let [added, removed] = [0, 0];
  for (const { start, end, from, to } of hunks) {
    removed += end - start;
    added += to - from;
  }
  return { added, removed };
}

/** The lines of a text; a line end at its end begins no other. */
function linesOf(text: string | null): string[] {
  if (text === null || text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** Counts them in the hunks of a diff. */
export function countHunks(hunks: readonly { readonly lines: readonly string[] }[]): LineCounts {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return { added: count("+"), removed: count("-") };
}
