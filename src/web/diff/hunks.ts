/** The hunks of a diff as two texts that can be shown side by side. */

/** A part of a diff, as the API tells it. */
export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

/** Lines of a text with the numbers that they have in the whole; 0 stands for what was left out. */
export interface NumberedText {
  readonly text: string;
  readonly numbers: readonly number[];
}

/** What is shown in place of the lines between two hunks. */
export const GAP = "⋯";

/** Both sides of the hunks: what was, and what is. */
export function sidesOf(hunks: readonly Hunk[]): {
  readonly before: NumberedText;
  readonly after: NumberedText;
} {
  const [before, after] = [new Side("-"), new Side("+")];
  for (const { oldStart, newStart, lines } of hunks) {
    before.begin(oldStart);
    after.begin(newStart);
    for (const line of lines) {
      before.take(line);
      after.take(line);
    }
  }
  return { before: before.made, after: after.made };
}

class Side {
  readonly #sign: string;
  readonly #lines: string[] = [];
  readonly #numbers: number[] = [];
  #next = 1;

  constructor(sign: string) {
    this.#sign = sign;
  }

  begin(start: number): void {
    if (start > this.#next || this.#lines.length > 0) {
      this.#lines.push(GAP);
      this.#numbers.push(0);
    }
    this.#next = start;
  }

  take(line: string): void {
    if (line[0] !== " " && line[0] !== this.#sign) return;
    this.#lines.push(line.slice(1));
    this.#numbers.push(this.#next++);
  }

  get made(): NumberedText {
    // With an end to the last line: without one, a line added below would make that another, too.
    return { text: this.#lines.map((line) => `${line}\n`).join(""), numbers: this.#numbers };
  }
}
