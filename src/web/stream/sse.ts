/** Server-sent events, read as they come (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). */

export interface SentEvent {
  readonly atMs: number;
  /** `message` when it has no name. */
  readonly event: string;
  /** The last one that was said. */
  readonly id: string;
  readonly data: string;
  /** How long a browser should wait before it comes again, if this event says so. */
  readonly retry?: number;
  /** A line that readers pass over: most are there to keep the connection alive. */
  readonly comment?: true;
}

/** What is longer without a line end is cut: it is shown, not used. */
const MAX_LINE = 1024 * 1024;

/** Reads text in pieces of any size. Comments are told too, as those who look for the cause of silence need them. */
export class EventReader {
  readonly events: SentEvent[] = [];
  #line = "";
  #afterCr = false;
  #begun = false;
  #event = "";
  #id = "";
  #data: string[] = [];
  #retry: number | undefined;

  push(text: string, atMs: number): void {
    let from = 0;
    let rest = text;
    if (!this.#begun && text !== "") {
      this.#begun = true;
      if (text.startsWith("\uFEFF")) rest = text.slice(1);
    }
    if (this.#afterCr && rest.startsWith("\n")) from = 1;
    if (rest !== "") this.#afterCr = false;
    for (const { index, 0: end } of rest.matchAll(/\r\n|\n|\r/g)) {
      if (index < from) continue;
      this.#take(this.#line + rest.slice(from, index), atMs);
      this.#line = "";
      from = index + end.length;
    }
    this.#afterCr = rest.endsWith("\r");
    if (this.#line.length < MAX_LINE) this.#line += rest.slice(from);
  }

  #take(line: string, atMs: number): void {
    if (line === "") this.#dispatch(atMs);
    else this.#field(line, atMs);
  }

  #field(line: string, atMs: number): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (colon === 0) this.events.push({ atMs, event: "", id: this.#id, data: value, comment: true });
    else if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(atMs: number): void {
    const { length } = this.#data;
    if (length > 0 || this.#retry !== undefined) {
      const retry = this.#retry === undefined ? {} : { retry: this.#retry };
      this.events.push({
        ...{ atMs, event: this.#event || "message", id: this.#id, data: this.#data.join("\n") },
        ...retry,
      });
    }
    this.#event = "";
    this.#data = [];
    this.#retry = undefined;
  }
}
