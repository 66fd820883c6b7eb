/** What is written above the bars, so that no two texts lie on each other. */

import { sayDuration } from "../ui/small.tsx";
import type { Recording } from "./recording.ts";

export interface Mark {
  readonly ms: number;
  readonly text: string;
  readonly kind: "sent" | "head" | "first" | "last" | "broken";
}

/** The moments that count, in order. */
export function marksOf({ request, headMs, firstMs, lastMs, end }: Recording): Mark[] {
  const marks: Mark[] = [];
  const sentMs = request.at(-1)?.[0];
  if (sentMs !== undefined && request.length > 1 && sentMs <= (headMs ?? 0))
    marks.push({ ms: sentMs, text: `sent ${sayDuration(sentMs)}`, kind: "sent" });
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
  marks.push({ ms: lastMs, text: `${word} ${sayDuration(lastMs)}`, kind });
  return marks.sort((a, b) => a.ms - b.ms);
}

/** A text, and between which pixels it stands. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly anchor: "start" | "end";
  readonly bad: boolean;
}

/** Texts at their marks; those that would meet are written as one. */
export function placeLabels(marks: readonly Mark[], spanMs: number, width: number): Label[] {
  const labels: Label[] = [];
  const place = (x: number, text: string, bad: boolean): Label =>
    x + wideOf(text) > width
      ? { text, bad, x: Math.max(width, wideOf(text)), anchor: "end" }
      : { text, bad, x, anchor: "start" };
  for (const { ms, text, kind } of marks) {
    let next = place((ms / spanMs) * width, text, kind === "broken");
    for (let last = labels.at(-1); last && fromOf(next) < fromOf(last) + wideOf(last.text) + APART; ) {
      labels.pop();
      next = place(fromOf(last), `${last.text} · ${next.text}`, last.bad || next.bad);
      last = labels.at(-1);
    }
    labels.push(next);
  }
  return labels;
}

const APART = 12;
/** In pixels, about. */
const wideOf = (text: string) => text.length * 6.4;
const fromOf = ({ x, anchor, text }: Label) => (anchor === "start" ? x : x - wideOf(text));
