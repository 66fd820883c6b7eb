/** Longest line of framing; most bytes of extensions and trailers, all together, in one body. */
const MAX_LINE = 4096;
const MAX_DROPPED = 16 * 1024;

type State = "size" | "data" | "data-end" | "trailers" | "done";

/**
 * Incremental reader of a chunked body (RFC 9112 §7.1). Extensions and trailers are read over and dropped;
 * everything that another reader could take otherwise (bare LF, signs, white space in a size) is refused.
 */
export class ChunkedReader {
  #state: State = "size";
  #line = "";
  #left = 0;
  #dropped = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Read from `data`; `payload` gets each run of body bytes.
   * @returns the count of bytes used (fewer than given only when the body has ended), or -1 when it is malformed.
   */
  read(data: Buffer, payload: (bytes: Buffer) => void): number {
    let at = 0;
    while (at < data.length && this.#state !== "done") {
      if (this.#state === "data") {
        const stop = Math.min(data.length, at + this.#left);
        payload(data.subarray(at, stop));
        this.#left -= stop - at;
        at = stop;
        if (this.#left === 0) this.#state = "data-end";
        continue;
      }
      const lf = data.indexOf(0x0a, at);
      const stop = lf < 0 ? data.length : lf + 1;
      this.#line += data.toString("latin1", at, stop);
      at = stop;
      if (this.#line.length > MAX_LINE) return -1;
      if (lf >= 0 && !this.#endLine()) return -1;
      if (lf < 0 && this.#state === "data-end" && this.#line !== "\r") return -1;
    }
    return at;
  }

  #endLine(): boolean {
    const line = this.#line;
    this.#line = "";
    if (!line.endsWith("\r\n") || line.indexOf("\r") !== line.length - 2) return false;
    const text = line.slice(0, -2);
    if (this.#state === "data-end") {
      this.#state = "size";
      return text === "";
    }
    if (this.#state === "trailers") {
      this.#dropped += line.length;
      if (text === "") this.#state = "done";
      return this.#dropped <= MAX_DROPPED;
    }
    return this.#beginChunk(text);
  }

  #beginChunk(text: string): boolean {
    // Extensions may not hold controls: some readers end the line at a lone one.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
    const size = /^([0-9A-Fa-f]{1,12})(?:[ \t]*;[^\0-\x08\x0a-\x1f\x7f]*)?$/.exec(text);
    if (size === null) return false;
    this.#left = Number.parseInt(size[1]!, 16);
    this.#state = this.#left === 0 ? "trailers" : "data";
    this.#dropped += text.length - size[1]!.length;
    return this.#dropped <= MAX_DROPPED;
  }
}

/** Below this a chunk is copied into one write; above, three writes are cheaper than the copy. */
const COPY_BELOW = 16 * 1024;

/** Write `bytes` as one chunk. @returns false when the receiver is congested. */
export function sendChunk(to: { send(data: string | Uint8Array): boolean }, bytes: Uint8Array): boolean {
  const size = `${bytes.length.toString(16)}\r\n`;
  if (bytes.length >= COPY_BELOW) {
    to.send(size);
    to.send(bytes);
    return to.send("\r\n");
  }
  const framed = Buffer.allocUnsafe(size.length + bytes.length + 2);
  framed.write(size, 0, "latin1");
  framed.set(bytes, size.length);
  framed.write("\r\n", size.length + bytes.length, "latin1");
  return to.send(framed);
}

export const LAST_CHUNK = "0\r\n\r\n";
