/** Which rows are shown. */

import { plain } from "./ansi.ts";
import type { Call, Line } from "./model.ts";

/** Of lines: a level and worse, or one of the streams. Of calls: all, or those that failed. */
export type LevelFilter = "all" | "info" | "warn" | "error" | "stdout" | "stderr";

export interface Filter {
  readonly level: LevelFilter;
  /** Part of the text, whatever its case. */
  readonly text: string;
  readonly trace: string;
  /** Nothing up to this place in time. */
  readonly after: string;
}

export const NO_FILTER: Filter = { level: "all", text: "", trace: "", after: "" };

const RANK = { debug: 0, info: 1, warn: 2, error: 3 } as const;

function hasLevel({ level, stream }: Line, wanted: LevelFilter): boolean {
  if (wanted === "all") return true;
  if (wanted === "stdout" || wanted === "stderr") return stream === wanted;
  return RANK[level] >= RANK[wanted];
}

/** The lines that a filter lets through; the same array, if all. */
export function linesThat(rows: readonly Line[], filter: Filter): readonly Line[] {
  const { level, trace, after } = filter;
  const text = filter.text.toLowerCase();
  if (level === "all" && trace === "" && after === "" && text === "") return rows;
  return rows.filter(
    (row) =>
      row.sort > after &&
      hasLevel(row, level) &&
      (trace === "" || row.trace === trace) &&
      (text === "" || plain(row.text).toLowerCase().includes(text)),
  );
}

/** The calls that a filter lets through; the same array, if all. */
export function callsThat(rows: readonly Call[], filter: Filter): readonly Call[] {
  const { level, trace, after } = filter;
  const text = filter.text.toLowerCase();
  if (level === "all" && trace === "" && after === "" && text === "") return rows;
  return rows.filter(
    (row) =>
      row.sort > after &&
      (level !== "error" || row.failed) &&
      (trace === "" || row.trace === trace) &&
      (text === "" || wordsOf(row).includes(text)),
  );
}

const wordsOf = ({ method, url, kind, status, error, trace }: Call): string =>
  `${method} ${url} ${kind} ${status || ""} ${error} ${trace}`.toLowerCase();

/** A text in pieces; those at odd places are what is looked for. */
export function piecesOf(text: string, wanted: string): string[] {
  if (wanted === "") return [text];
  const [all, one] = [text.toLowerCase(), wanted.toLowerCase()];
  // Lower case may be longer than upper; then places are not the same.
  if (all.length !== text.length) return [text];
  const pieces: string[] = [];
  let start = 0;
  for (let at = all.indexOf(one); at >= 0 && pieces.length < 200; at = all.indexOf(one, start)) {
    pieces.push(text.slice(start, at), text.slice(at, at + one.length));
    start = at + one.length;
  }
  pieces.push(text.slice(start));
  return pieces;
}
