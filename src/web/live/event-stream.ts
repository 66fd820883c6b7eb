/** Server-sent events out of the bytes of an answer (https://html.spec.whatwg.org/multipage/server-sent-events.html). */

export interface StreamEvent {
  /** `message` when it has no name. */
  readonly event: string;
  readonly data: string;
  /** Where to go on after it; empty when there was none so far. */
  readonly id: string;
}

/** Takes the text as it comes, in pieces of any size. */
export class EventReader {
  /** Of the last whole block, also of one without data: where to go on. */
  id = "";
  /** What the server asks to wait before a reconnect, ms. */
  retry: number | undefined;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #event = "";
  #data: string[] = [];
  #nextId = "";

  constructor(id = "") {
    this.id = id;
    this.#nextId = id;
  }

  push(bytes: Uint8Array): StreamEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const found: StreamEvent[] = [];
    let start = 0;
    for (;;) {
      const end = this.#lineEnd(start);
      if (end === undefined) break;
      const event = this.#line(this.#rest.slice(start, end.at));
      if (event !== undefined) found.push(event);
      start = end.next;
    }
    this.#rest = this.#rest.slice(start);
    return found;
  }

  /** A carriage return at the end of what is there may be half of a line end. */
  #lineEnd(from: number): { at: number; next: number } | undefined {
    for (let at = from; at < this.#rest.length; at++) {
      const char = this.#rest[at];
      if (char === "\n") return { at, next: at + 1 };
      if (char !== "\r") continue;
      if (at + 1 === this.#rest.length) return undefined;
      return { at, next: this.#rest[at + 1] === "\n" ? at + 2 : at + 1 };
    }
    return undefined;
  }

  #line(line: string): StreamEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#nextId = value;
    else if (name === "retry" && /^\d{1,9}$/.test(value)) this.retry = Number(value);
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    this.id = this.#nextId;
    const event =
      this.#data.length === 0
        ? undefined
        : { event: this.#event || "message", data: this.#data.join("\n"), id: this.id };
    this.#event = "";
    this.#data = [];
    return event;
  }
}
