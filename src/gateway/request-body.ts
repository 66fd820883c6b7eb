import { clock } from "../dispatch/dispatch.ts";
import { HamletError } from "../errors.ts";
import { ChunkedReader, LAST_CHUNK, sendChunk } from "./chunked.ts";
import { RecordedPassage } from "./passage.ts";
import type { RequestHead } from "./request-head.ts";

interface Receiver {
  send(data: string | Uint8Array): boolean;
}

/** A visitor's body on its way to the worker: counted, limited, framed anew, never collected. */
export class RequestBody {
  bytes = 0;
  done: boolean;
  /** When its pieces came; missing until the first one. */
  passage: RecordedPassage | undefined;
  readonly #limit: number;
  readonly #chunks: ChunkedReader | undefined;
  readonly #start: number;
  #left: number;

  /**
   * @param limit bytes; a declared larger body is refused by `isTooLarge` before anything is read.
   * @param start when the call began
   */
  constructor(head: RequestHead, limit: number, start: number) {
    this.#start = start;
    this.#limit = limit;
    this.#left = head.contentLength;
    this.#chunks = head.chunked ? new ChunkedReader() : undefined;
    this.done = !head.chunked && head.contentLength === 0;
  }

  /** The field line that tells the worker how the body is framed. */
  get framing(): string {
    if (this.#chunks !== undefined) return "transfer-encoding: chunked\r\n";
    return this.#left > 0 ? `content-length: ${this.#left}\r\n` : "";
  }

  /**
   * Pass on what of `data` belongs to this body.
   * @returns bytes used
   * @throws HamletError `bad_request` (chunk framing), `body_too_large`
   */
  feed(data: Buffer, to: Receiver): number {
    if (this.done) return 0;
    if (this.#chunks !== undefined) return this.#feedChunks(data, this.#chunks, to);
    const part = data.length > this.#left ? data.subarray(0, this.#left) : data;
    this.#left -= part.length;
    this.#count(part.length);
    this.done = this.#left === 0;
    to.send(part);
    return part.length;
  }

  #feedChunks(data: Buffer, chunks: ChunkedReader, to: Receiver): number {
    const used = chunks.read(data, (payload) => {
      this.#count(payload.length);
      if (this.bytes > this.#limit) throw new HamletError("body_too_large");
      sendChunk(to, payload);
    });
    if (used < 0)
      throw new HamletError("bad_request", "The chunked body is not framed as RFC 9112 §7.1 says.");
    if (chunks.done) {
      this.done = true;
      to.send(LAST_CHUNK);
    }
    return used;
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.passage ??= new RecordedPassage();
    this.passage.add(clock() - this.#start, bytes);
  }
}
