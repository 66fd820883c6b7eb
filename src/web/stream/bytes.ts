/** Bytes that come piece by piece, kept as they came, up to a bound. */
export class Bytes {
  /** How many came. */
  size = 0;
  /** How many of them are kept, from the beginning. */
  kept = 0;
  readonly #max: number;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  /** Where each piece begins. */
  readonly #starts: number[] = [];
  readonly #times: number[] = [];

  constructor(max = 64 * 1024 * 1024) {
    this.#max = max;
  }

  add(piece: Uint8Array, atMs: number): void {
    const room = this.#max - this.kept;
    this.size += piece.length;
    if (room <= 0) return;
    this.#starts.push(this.kept);
    this.#times.push(atMs);
    const kept = (piece.length <= room ? piece : piece.subarray(0, room)) as Uint8Array<ArrayBuffer>;
    this.#pieces.push(kept);
    this.kept += kept.length;
  }

  /** What is kept of the bytes from `from` to before `to`. */
  slice(from: number, to: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(to, this.kept);
    const result = new Uint8Array(Math.max(0, end - from));
    let at = this.#pieceAt(from);
    for (let filled = 0; filled < result.length; at++) {
      const start = from + filled - this.#starts[at]!;
      const part = this.#pieces[at]!.subarray(start, start + result.length - filled);
      result.set(part, filled);
      filled += part.length;
    }
    return result;
  }

  /** Reads on from the byte `from`, a piece at a time; returns where the next reading begins. */
  read(from: number, take: (piece: Uint8Array<ArrayBuffer>, atMs: number) => void): number {
    if (from >= this.kept) return from;
    for (let at = this.#pieceAt(from); at < this.#pieces.length; at++) {
      take(this.#pieces[at]!.subarray(Math.max(0, from - this.#starts[at]!)), this.#times[at]!);
    }
    return this.kept;
  }

  /** All that is kept, for a download. */
  blob(type: string): Blob {
    return new Blob(this.#pieces, { type });
  }

  /** The piece that the byte `offset` is in. */
  #pieceAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
