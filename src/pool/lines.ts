/** Splits what a worker writes into its control reports and the val's own lines, whatever the val does to confuse them. */

import { MAX_CONTROL_LINE, type Report } from "../wire/control.ts";
import { parseReport } from "../wire/control-parse.ts";

/** Longest line of the val's own output that is kept, in UTF-16 code units. */
export const MAX_OWN_LINE = 64 * 1024;

export interface LineSink {
  report(report: Report): void;
  line(text: string): void;
}

export class LineSplitter {
  readonly #mark: string;
  readonly #sink: LineSink;
  readonly #decoder = new TextDecoder();
  #pending = "";
  /** The val's own text since its last line end, and how much more of it was not kept. */
  #own = "";
  #cut = 0;

  /** Without a nonce everything is the val's own output. */
  constructor(nonce: string | undefined, sink: LineSink) {
    this.#mark = nonce === undefined ? "" : `${nonce} `;
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    const text = this.#pending + this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#line(text.slice(start, end));
      start = end + 1;
    }
    this.#pending = text.slice(start);
    if (this.#pending.length > MAX_CONTROL_LINE) this.#relieve();
  }

  /** What is left when the stream has ended. */
  end(): void {
    this.#keep(this.#pending);
    this.#pending = "";
    if (this.#own !== "") this.#emit();
  }

  #line(line: string): void {
    // The val may have written the beginning of a line of its own just before a report.
    const at = this.#mark === "" ? -1 : line.indexOf(this.#mark);
    this.#keep(at < 0 ? line : line.slice(0, at));
    const report = at < 0 ? undefined : parseReport(line.slice(at + this.#mark.length));
    if (report) this.#sink.report(report);
    if (at < 0) this.#emit();
  }

  /** A line without an end: hold no more of it than a report could need. */
  #relieve(): void {
    const at = this.#mark === "" ? -1 : this.#pending.indexOf(this.#mark);
    const from = at > 0 ? at : this.#pending.length - this.#mark.length;
    this.#keep(this.#pending.slice(0, from));
    this.#pending = this.#pending.slice(from);
  }

  #keep(text: string): void {
    const room = MAX_OWN_LINE - this.#own.length;
    this.#own += text.slice(0, room);
    this.#cut += Math.max(0, text.length - room);
  }

  #emit(): void {
    const own = this.#own.endsWith("\r") ? this.#own.slice(0, -1) : this.#own;
    const text = this.#cut > 0 ? `${own}… (${this.#cut} more characters)` : own;
    this.#own = "";
    this.#cut = 0;
    this.#sink.line(text);
  }
}
