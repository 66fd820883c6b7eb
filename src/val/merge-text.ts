/** Three texts into one, line by line. */
import { type Budget, commonEnds, diffLines, type Hunk } from "./line-diff.ts";

/** A part of the result: lines that both agree on, or what each has in their place. */
export type Piece =
  | { readonly lines: readonly string[] }
  | { readonly ours: readonly string[]; readonly theirs: readonly string[] };

/** What the two sides are called in the markers. */
export interface Labels {
  readonly ours: string;
  readonly theirs: string;
}

type Side = "ours" | "theirs";
type Change = Hunk & { readonly side: Side };

/**
 * Merge two texts that come from `base`; of a file that both have made, `base` is empty. What the budget is not enough to
 * compare becomes one conflict.
 */
export function mergeText(
  base: string,
  ours: string,
  theirs: string,
  labels: Labels,
  budget?: Budget,
): { text: string; conflicts: number } {
  const end = ours.includes("\r\n") ? "\r" : "";
  const pieces = mergeLines(base.split("\n"), ours.split("\n"), theirs.split("\n"), budget);
  const lines = pieces.flatMap((piece) => {
    if ("lines" in piece) return piece.lines;
    const opening = openingOf(labels) + end;
    return [opening, ...piece.theirs, `=======${end}`, ...piece.ours, closingOf(labels) + end];
  });
  return { text: lines.join("\n"), conflicts: pieces.filter((piece) => "ours" in piece).length };
}

/** The line before a conflict: first comes what is merged, then what was there. */
export const openingOf = ({ theirs }: Labels): string => `<<<<<<< ${theirs}`;

/** The line after a conflict. */
export const closingOf = ({ ours }: Labels): string => `>>>>>>> ${ours}`;

/** Whether one of these two lines is still in the text. */
export function hasMarkers(text: string, opening: string, closing: string): boolean {
  if (!text.includes(opening) && !text.includes(closing)) return false;
  return text.split(/\r?\n/).some((line) => line === opening || line === closing);
}

/** The pieces of which the merged text consists. */
export function mergeLines(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  budget?: Budget,
): Piece[] {
  const first = diffLines(base, ours, budget);
  const second = first && diffLines(base, theirs, budget);
  // Too different to compare: one conflict, from the first different line to the last.
  if (first === undefined || second === undefined) return conflict(ours, theirs);
  const of = (side: Side) => (hunk: Hunk) => ({ ...hunk, side });
  const hunks: Change[] = [...first.map(of("ours")), ...second.map(of("theirs"))];
  hunks.sort((a, b) => a.start - b.start || a.end - b.end);
  const pieces: Piece[] = [];
  let at = 0;
  for (let next = 0; next < hunks.length; ) {
    const start = hunks[next]!.start;
    let end = hunks[next]!.end;
    const region = [hunks[next++]!];
    // Changes that touch each other belong together: which comes first is not for us to say.
    while (next < hunks.length && hunks[next]!.start <= end) {
      end = Math.max(end, hunks[next]!.end);
      region.push(hunks[next++]!);
    }
    pieces.push({ lines: base.slice(at, start) });
    pieces.push(...resolve(region, { start, end }, base, { ours, theirs }));
    at = end;
  }
  pieces.push({ lines: base.slice(at) });
  return pieces.filter((piece) => !("lines" in piece) || piece.lines.length > 0);
}

/** What comes in the place of a part of the base that at least one side has changed. */
function resolve(
  region: readonly Change[],
  span: { start: number; end: number },
  base: readonly string[],
  sides: { ours: readonly string[]; theirs: readonly string[] },
): Piece[] {
  const linesOf = (side: Side) => {
    const own = region.filter((hunk) => hunk.side === side);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    // Beside its changes the side has what the base has.
    return [
      ...base.slice(span.start, first.start),
      ...sides[side].slice(first.from, last.to),
      ...base.slice(last.end, span.end),
    ];
  };
  const ours = linesOf("ours");
  const theirs = linesOf("theirs");
  if (ours === undefined || theirs === undefined) return [{ lines: ours ?? theirs ?? [] }];
  return conflict(ours, theirs);
}

/** A conflict about what differs; what both have before and behind it is none. */
function conflict(ours: readonly string[], theirs: readonly string[]): Piece[] {
  const { head, tail } = commonEnds(ours, theirs);
  const middle = (lines: readonly string[]) => lines.slice(head, lines.length - tail);
  const pieces: Piece[] = [{ lines: ours.slice(0, head) }];
  if (head + tail < Math.max(ours.length, theirs.length)) {
    pieces.push({ ours: middle(ours), theirs: middle(theirs) });
  }
  pieces.push({ lines: ours.slice(ours.length - tail) });
  return pieces.filter((piece) => !("lines" in piece) || piece.lines.length > 0);
}
