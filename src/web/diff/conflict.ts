/** Conflicts that a merge has left in a text, between its markers. */

/** One conflict; positions are those of the text. */
export interface Conflict {
  /** Where its first marker begins. */
  readonly from: number;
  /** Where the line after its last marker begins, or the text ends. */
  readonly to: number;
  /** What was merged: its name, and where its lines are. */
  readonly theirs: Part;
  /** What was there before. */
  readonly ours: Part;
}

interface Part {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** What a conflict may come to. */
export type Choice = "theirs" | "ours" | "both";

const OPENING = /^<{7} (.*?)\r?$/;
const MIDDLE = /^={7}\r?$/;
const CLOSING = /^>{7} (.*?)\r?$/;

/** All conflicts of a text, in order. A marker that has no others belonging to it is a line like any. */
export function findConflicts(text: string): Conflict[] {
  const found: Conflict[] = [];
  let opened: { at: number; after: number; label: string } | undefined;
  let middle: { at: number; after: number } | undefined;
  let at = 0;
  for (const line of text.split("\n")) {
    const after = Math.min(at + line.length + 1, text.length);
    const opening = OPENING.exec(line);
    const closing = CLOSING.exec(line);
    if (opening) {
      opened = { at, after, label: opening[1]! };
      middle = undefined;
    } else if (opened && !middle && MIDDLE.test(line)) middle = { at, after };
    else if (opened && middle && closing) {
      const theirs = { label: opened.label, from: opened.after, to: middle.at };
      found.push({
        from: opened.at,
        to: after,
        theirs,
        ours: { label: closing[1]!, from: middle.after, to: at },
      });
      opened = middle = undefined;
    }
    at += line.length + 1;
  }
  return found;
}

/** What comes in the place of a conflict. */
export function resolutionOf(text: string, { theirs, ours }: Conflict, choice: Choice): string {
  const of = (part: Part) => text.slice(part.from, part.to);
  if (choice === "both") return of(theirs) + of(ours);
  return of(choice === "ours" ? ours : theirs);
}
