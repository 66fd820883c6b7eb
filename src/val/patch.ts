/** Differences of texts as people read them. */
import { type Budget, diffLines, type Hunk } from "./line-diff.ts";

/** Some lines that differ, with those around them. Lines count from 1 and begin with a space, `-` or `+`. */
export interface PatchHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

const CONTEXT = 3;
const NO_NEWLINE = "\\ No newline at end of file";

/** The difference of two texts. Those with too many changes to tell apart are replaced from the first to the last. */
export function hunksOf(before: string, after: string, budget?: Budget): PatchHunk[] {
  const [old, now] = [toLines(before), toLines(after)];
  const changes = diffLines(old, now, budget) ?? [{ start: 0, end: old.length, from: 0, to: now.length }];
  const groups: Hunk[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.start - last.end <= 2 * CONTEXT) groups.at(-1)!.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => toHunk(group, old, now));
}

/** A difference in the unified format, as `patch` and Git read it. */
export function unified(oldPath: string | null, path: string | null, hunks: readonly PatchHunk[]): string {
  const heads = [
    `--- ${oldPath === null ? "/dev/null" : `a/${oldPath}`}`,
    `+++ ${path === null ? "/dev/null" : `b/${path}`}`,
  ];
  const bodies = hunks.flatMap((hunk) => [
    `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ]);
  return `${[...heads, ...bodies].join("\n")}\n`;
}

/** A span of no lines is named after the line before it. */
function span(start: number, count: number): string {
  return count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`;
}

/** Lines with their ends, so that a missing last one makes a difference. */
function toLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function toHunk(group: readonly Hunk[], old: readonly string[], now: readonly string[]): PatchHunk {
  const [first, last] = [group[0]!, group.at(-1)!];
  const before = Math.min(CONTEXT, first.start);
  const after = Math.min(CONTEXT, old.length - last.end);
  const lines: string[] = [];
  const write = (sign: string, from: readonly string[]) => {
    for (const line of from) {
      lines.push(sign + line.replace(/\n$/, ""));
      if (!line.endsWith("\n")) lines.push(NO_NEWLINE);
    }
  };
  let at = first.start - before;
  for (const { start, end, from, to } of group) {
    write(" ", old.slice(at, start));
    write("-", old.slice(start, end));
    write("+", now.slice(from, to));
    at = end;
  }
  write(" ", old.slice(at, last.end + after));
  return {
    oldStart: first.start - before + 1,
    oldLines: last.end + after - (first.start - before),
    newStart: first.from - before + 1,
    newLines: last.to + after - (first.from - before),
    lines,
  };
}
