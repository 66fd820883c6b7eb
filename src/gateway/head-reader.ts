import { HamletError } from "../errors.ts";
import type { RequestHead } from "./request-head.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";

const MAX_HEAD = 128 * 1024;
const MAX_INTERIM = 8;
/** Larger heads are rare, and thousands of idle connections must not hold one each. */
const MAX_REMEMBERED = 4096;
const CRLF2 = Buffer.from("\r\n\r\n");

/** The last head on one connection: within a second, a val's answers to the same question mostly begin alike. */
export interface HeadMemory {
  last: { readonly text: string; readonly method: string; readonly response: ResponseHead } | undefined;
}

/** Collects a worker's bytes until the head of its final answer is whole. */
export class HeadReader {
  readonly #request: RequestHead;
  readonly #interim: (response: ResponseHead) => void;
  /** The answer comes from a server of ours: its `x-hamlet-` headers are meant. */
  ours = false;
  #received: Buffer | undefined;
  #interims = 0;

  /** @param interim gets each 1xx answer but 101, which is final for HTTP (RFC 9110 §15.2) */
  constructor(request: RequestHead, interim: (response: ResponseHead) => void) {
    this.#request = request;
    this.#interim = interim;
  }

  get empty(): boolean {
    return this.#received === undefined;
  }

  /**
   * @returns the head and what followed it, or undefined while it is not whole
   * @throws HamletError `bad_response`, or `val_threw`, which the guest says of the val
   */
  read(data: Buffer, memory: HeadMemory): { response: ResponseHead; rest: Buffer } | undefined {
    let bytes = this.#received === undefined ? data : Buffer.concat([this.#received, data]);
    this.#received = undefined;
    while (bytes.length > 0) {
      const end = bytes.indexOf(CRLF2);
      if (end > MAX_HEAD || (end < 0 && bytes.length > MAX_HEAD)) {
        throw new HamletError(
          "bad_response",
          `The val's response headers are larger than ${MAX_HEAD} bytes.`,
        );
      }
      if (end < 0) {
        this.#received = bytes;
        return undefined;
      }
      const response = this.#parse(bytes.toString("latin1", 0, end), memory);
      bytes = bytes.subarray(end + 4);
      if (response.status >= 200 || response.status === 101) {
        this.#check(response);
        return { response, rest: bytes };
      }
      if (++this.#interims > MAX_INTERIM)
        throw new HamletError("bad_response", "The val sent too many interim answers.");
      this.#interim(response);
    }
    return undefined;
  }

  #parse(text: string, memory: HeadMemory): ResponseHead {
    const { method } = this.#request;
    if (text.length > MAX_REMEMBERED) return parseResponseHead(text, method, this.ours);
    if (memory.last?.text !== text || memory.last.method !== method)
      memory.last = { text, method, response: parseResponseHead(text, method, this.ours) };
    return memory.last.response;
  }

  #check(response: ResponseHead): void {
    // A thrown preflight is answered for the val, like any other that it refused.
    if (response.error !== undefined && this.#request.preflight === undefined)
      throw new HamletError("val_threw");
    if (response.status === 101 && !(response.websocket && this.#request.websocket))
      throw new HamletError(
        "bad_response",
        "The val switched to a protocol that the visitor did not ask for.",
      );
  }
}
