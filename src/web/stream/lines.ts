/** Text as lines that can be shown one by one, while it grows. */

/** A longer line is shown as several: each row is laid out anew when it grows. */
const MAX_ROW = 1000;

export class Lines {
  /** The last one may still grow. */
  readonly rows: string[] = [""];

  push(text: string): void {
    let from = 0;
    for (const { index, 0: end } of text.matchAll(/\r?\n/g)) {
      this.#grow(text.slice(from, index));
      this.rows.push("");
      from = index + end.length;
    }
    this.#grow(text.slice(from));
  }

  #grow(text: string): void {
    let row = this.rows.at(-1)! + text;
    while (row.length > MAX_ROW) {
      // Not between the halves of one character.
      const half = row.charCodeAt(MAX_ROW - 1);
      const cut = half >= 0xd800 && half < 0xdc00 ? MAX_ROW - 1 : MAX_ROW;
      this.rows[this.rows.length - 1] = row.slice(0, cut);
      this.rows.push("");
      row = row.slice(cut);
    }
    this.rows[this.rows.length - 1] = row;
  }
}
