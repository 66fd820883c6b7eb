import { HamletError } from "../errors.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";

const MAX_HEAD = 128 * 1024;
const MAX_INTERIM = 8;
const CRLF2 = Buffer.from("\r\n\r\n");

/** Collects a worker's bytes until the head of its final answer is whole. */
export class HeadReader {
  readonly #method: string;
  readonly #interim: (response: ResponseHead) => void;
  #received: Buffer | undefined;
  #interims = 0;

  /** @param interim gets each 1xx answer but 101, which is final for HTTP (RFC 9110 §15.2) */
  constructor(method: string, interim: (response: ResponseHead) => void) {
    this.#method = method;
    this.#interim = interim;
  }

  get empty(): boolean {
    return this.#received === undefined;
  }

  /**
   * @returns the head and what followed it, or undefined while it is not whole
   * @throws HamletError `bad_response`
   */
  read(data: Buffer): { response: ResponseHead; rest: Buffer } | undefined {
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
      const response = parseResponseHead(bytes.toString("latin1", 0, end), this.#method);
      bytes = bytes.subarray(end + 4);
      if (response.status >= 200 || response.status === 101) return { response, rest: bytes };
      if (++this.#interims > MAX_INTERIM)
        throw new HamletError("bad_response", "The val sent too many interim answers.");
      this.#interim(response);
    }
    return undefined;
  }
}
