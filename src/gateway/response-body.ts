import { clock } from "../dispatch/dispatch.ts";
import { HamletError } from "../errors.ts";
import { ChunkedReader, LAST_CHUNK, sendChunk } from "./chunked.ts";
import { RecordedPassage } from "./passage.ts";
import type { Framing } from "./response-head.ts";

interface Receiver {
  send(data: string | Uint8Array): boolean;
}

/** A worker's body on its way to the visitor: each piece leaves at once, framed anew. */
export class ResponseBody {
  bytes = 0;
  done: boolean;
  /** When its pieces came; missing until the first one. */
  passage: RecordedPassage | undefined;
  /** The visitor is told the end by the connection's close only (HTTP/1.0, or a worker that does so itself). */
  readonly endsByClose: boolean;
  readonly #chunks: ChunkedReader | undefined;
  readonly #untilClose: boolean;
  readonly #chunkedOut: boolean;
  readonly #start: number;
  #left: number;

  /**
   * @param minor the visitor's HTTP/1.x: 1.0 does not know chunks.
   * @param start when the call began
   */
  constructor(framing: Framing, minor: 0 | 1, start: number) {
    this.#start = start;
    this.#left = framing.kind === "length" ? framing.bytes : 0;
    this.#chunks = framing.kind === "chunked" ? new ChunkedReader() : undefined;
    this.#untilClose = framing.kind === "close";
    const openEnded = framing.kind === "chunked" || framing.kind === "close";
    this.#chunkedOut = openEnded && minor === 1;
    this.endsByClose = openEnded && minor === 0;
    this.done = framing.kind === "none" || (framing.kind === "length" && framing.bytes === 0);
  }

  /** The field line that tells the visitor how the body is framed (`content-length` is among the val's own). */
  get framing(): string {
    return this.#chunkedOut ? "transfer-encoding: chunked\r\n" : "";
  }

  /**
   * Pass on what of `data` belongs to this body.
   * @returns bytes used; fewer than given means that the worker sent more than its head promised
   * @throws HamletError `bad_response` (chunk framing)
   */
  feed(data: Buffer, to: Receiver): number {
    if (this.done || data.length === 0) return 0;
    if (this.#chunks !== undefined) {
      const used = this.#chunks.read(data, (payload) => this.#pass(payload, to));
      if (used < 0) throw new HamletError("bad_response", "The val's answer has broken chunks.");
      if (this.#chunks.done) this.#end(to);
      return used;
    }
    if (this.#untilClose) {
      this.#pass(data, to);
      return data.length;
    }
    const part = data.length > this.#left ? data.subarray(0, this.#left) : data;
    this.#left -= part.length;
    this.done = this.#left === 0;
    this.#pass(part, to);
    return part.length;
  }

  /** The worker closed the connection: a legal end only for a body that is told by it. */
  closed(to: Receiver): void {
    if (this.#untilClose && !this.done) this.#end(to);
  }

  #pass(payload: Buffer, to: Receiver): void {
    this.bytes += payload.length;
    this.passage ??= new RecordedPassage();
    this.passage.add(clock() - this.#start, payload.length);
    if (this.#chunkedOut) sendChunk(to, payload);
    else to.send(payload);
  }

  #end(to: Receiver): void {
    this.done = true;
    if (this.#chunkedOut) to.send(LAST_CHUNK);
  }
}
