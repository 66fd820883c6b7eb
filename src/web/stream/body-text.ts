/** The text of an answer, read on from where the last reading ended. */

import type { Bytes } from "./bytes.ts";
import { Lines } from "./lines.ts";
import { EventReader } from "./sse.ts";

export class BodyText {
  readonly lines = new Lines();
  readonly reader = new EventReader();
  readonly #bytes: Bytes;
  readonly #decoder: TextDecoder;
  #at: number;

  /** From the byte `from` on, which may be within a character. */
  constructor(bytes: Bytes, from: number, contentType: string | undefined) {
    this.#bytes = bytes;
    this.#at = from;
    this.#decoder = decoderOf(contentType);
  }

  /** Reads what has come since. */
  advance(): void {
    this.#at = this.#bytes.read(this.#at, (piece, atMs) => {
      const text = this.#decoder.decode(piece, { stream: true });
      this.lines.push(text);
      this.reader.push(text, atMs);
    });
  }

  /** Bytes that have come and are not read. */
  get behind(): number {
    return this.#bytes.kept - this.#at;
  }
}

function decoderOf(contentType: string | undefined): TextDecoder {
  const charset = /;\s*charset="?([\w-]+)/i.exec(contentType ?? "")?.[1];
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
