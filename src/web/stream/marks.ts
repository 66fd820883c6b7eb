/** What is written above the bars, so that no two texts lie on each other. */

import { sayDuration } from "../ui/small.tsx";
import type { Recording } from "./recording.ts";

export interface Mark {
  readonly ms: number;
  readonly text: string;
  readonly kind: "head" | "first" | "last" | "broken";
}

/** The moments that count, in order. */
export function marksOf({ headMs, firstMs, lastMs, end }: Recording): Mark[] {
  const marks: Mark[] = [];
  if (headMs !== undefined) marks.push({ ms: headMs, text: `head ${sayDuration(headMs)}`, kind: "head" });
  if (firstMs !== undefined)
    marks.push({ ms: firstMs, text: `first byte ${sayDuration(firstMs)}`, kind: "first" });
  if (lastMs === undefined || end === "open") return marks;
  const [word, kind] =
    end === "complete"
      ? (["end", "last"] as const)
      : end === "left"
        ? (["stopped", "last"] as const)
        : (["broke off", "broken"] as const);
  return [...marks, { ms: lastMs, text: `${word} ${sayDuration(lastMs)}`, kind }];
}

/** A text, and between which pixels it stands. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly anchor: "start" | "end";
  readonly bad: boolean;
}

const CHAR = 6.4;

/** Texts at their marks; those that would meet are written as one. */
export function placeLabels(marks: readonly Mark[], spanMs: number, width: number): Label[] {
  const groups: { x: number; text: string; bad: boolean }[] = [];
  for (const { ms, text, kind } of marks) {
    const x = (ms / spanMs) * width;
    const bad = kind === "broken";
    const last = groups.at(-1);
    const room = last === undefined ? 0 : Math.min(last.x, width - last.text.length * CHAR);
    const starts = Math.min(x, width - text.length * CHAR);
    if (last !== undefined && starts < room + last.text.length * CHAR + 14)
      groups[groups.length - 1] = { x: last.x, text: `${last.text} · ${text}`, bad: last.bad || bad };
    else groups.push({ x, text, bad });
  }
  return groups.map(({ x, text, bad }) =>
    x + text.length * CHAR > width
      ? { text, bad, x: Math.max(width, text.length * CHAR), anchor: "end" as const }
      : { text, bad, x, anchor: "start" as const },
  );
}
