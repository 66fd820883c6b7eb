/**
 * Decodes the bodies of a mail's parts, line by line, each byte kept once: the package's own decoders keep an object for
 * each line, and three copies of a file, which a worker has no memory for. What is broken is decoded as far as it can be.
 */

/** What the package wants of a decoder. A line comes without its end, which can be found behind it in the mail. */
export interface Decoder {
  update(line: Uint8Array<ArrayBuffer>): void;
  finalize(): ArrayBuffer;
}

/** By the name that a part's head gives its encoding, in lower case. */
export function decoderFor(encoding: string): Decoder {
  if (encoding === "base64") return new Base64();
  return encoding === "quoted-printable" ? new QuotedPrintable() : new AsItIs();
}

const FIRST_BYTES = 256;
const MOST_BYTES = 256 * 1024;
const LF = 10;
const CR = 13;
const EQUALS = 61;

/** Grows in pieces, that are put together once. */
class Bytes {
  #full: Uint8Array<ArrayBuffer>[] = [];
  #fullBytes = 0;
  #piece = new Uint8Array(FIRST_BYTES);
  #used = 0;

  push(byte: number): void {
    if (this.#used === this.#piece.length) this.#next();
    this.#piece[this.#used++] = byte;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#used === this.#piece.length) this.#next();
      const some = bytes.subarray(at, at + this.#piece.length - this.#used);
      this.#piece.set(some, this.#used);
      this.#used += some.length;
      at += some.length;
    }
  }

  join(): ArrayBuffer {
    const whole = new Uint8Array(this.#fullBytes + this.#used);
    let at = 0;
    for (const piece of this.#full) {
      whole.set(piece, at);
      at += piece.length;
    }
    whole.set(this.#piece.subarray(0, this.#used), at);
    this.#full = [];
    return whole.buffer;
  }

  #next(): void {
    this.#full.push(this.#piece);
    this.#fullBytes += this.#piece.length;
    this.#piece = new Uint8Array(Math.min(this.#piece.length * 2, MOST_BYTES));
    this.#used = 0;
  }
}

/** What is between two lines stays as it was; what is after the last one belongs to the boundary. */
class Lines {
  readonly bytes = new Bytes();
  #end: Uint8Array | undefined;

  /** Before a line is written. */
  begin(): void {
    if (this.#end) this.bytes.add(this.#end);
    this.#end = undefined;
  }

  /** It is to be followed by what follows it in the mail. */
  end({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): void {
    const start = byteOffset + length;
    const mail = new Uint8Array(buffer);
    let end = start;
    while (mail[end] === CR) end++;
    this.#end = mail.subarray(start, mail[end] === LF ? end + 1 : end);
  }
}

/** 7bit, 8bit, binary, and what nobody knows. */
class AsItIs implements Decoder {
  readonly #lines = new Lines();

  update(line: Uint8Array<ArrayBuffer>): void {
    this.#lines.begin();
    this.#lines.bytes.add(line);
    this.#lines.end(line);
  }

  finalize(): ArrayBuffer {
    return this.#lines.bytes.join();
  }
}

/** RFC 2045 6.7; what is no escape stays as it is. */
class QuotedPrintable implements Decoder {
  readonly #lines = new Lines();

  update(line: Uint8Array<ArrayBuffer>): void {
    const { bytes } = this.#lines;
    this.#lines.begin();
    const isSoft = line.at(-1) === EQUALS;
    const end = isSoft ? line.length - 1 : line.length;
    for (let at = 0; at < end; at++) {
      const byte = line[at] as number;
      const escaped = byte === EQUALS ? hexAt(line, at + 1, end) : -1;
      bytes.push(escaped < 0 ? byte : escaped);
      if (escaped >= 0) at += 2;
    }
    if (!isSoft) this.#lines.end(line);
  }

  finalize(): ArrayBuffer {
    return this.#lines.bytes.join();
  }
}

/** The byte of two hexadecimal digits, or -1. */
function hexAt(line: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return -1;
  const [high, low] = [hexOf(line[at] as number), hexOf(line[at + 1] as number)];
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const upper = byte & ~32;
  return upper >= 65 && upper <= 70 ? upper - 55 : -1;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(256).fill(-1);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** What is not of the alphabet is passed over; `=` ends a group wherever it is, for some pad each line. */
class Base64 implements Decoder {
  readonly #bytes = new Bytes();
  #held = 0;
  #bits = 0;

  update(line: Uint8Array): void {
    for (let at = 0; at < line.length; at++) {
      const byte = line[at] as number;
      const value = VALUES[byte] as number;
      if (byte === EQUALS) this.#bits = 0;
      if (value < 0) continue;
      this.#held = ((this.#held << 6) | value) & 0xffff;
      this.#bits += 6;
      if (this.#bits < 8) continue;
      this.#bits -= 8;
      this.#bytes.push((this.#held >> this.#bits) & 0xff);
    }
  }

  finalize(): ArrayBuffer {
    return this.#bytes.join();
  }
}
