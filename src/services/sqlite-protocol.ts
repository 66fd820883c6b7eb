/** What the host and its database processes say to each other: frames of a JSON head and a body of bytes. */

/** One thing for a process to do. It does them one by one and answers each with one `Report`. */
export type Order =
  /** Run the pipeline (or the cursor's batch) in the body. */
  | {
      readonly kind: "run";
      readonly id: number;
      readonly file: string;
      /** The largest that the file may become, bytes. */
      readonly quota: number;
      readonly form: Form;
      /** Answer with SQLITE_BUSY instead of asking to be called again. */
      readonly lastTry: boolean;
    }
  /** Go on with what waits for the write lock. */
  | {
      readonly kind: "resume";
      readonly id: number;
      readonly file: string;
      /** The order that waits. */
      readonly order: number;
      readonly lastTry: boolean;
    }
  /** End a stream that was idle, if it was used no more since. */
  | {
      readonly kind: "expire";
      readonly id: number;
      readonly file: string;
      readonly stream: number;
      readonly uses: number;
    }
  /** Close all of a database. `tidy`: nobody else has it open, so give back what it does not need. */
  | { readonly kind: "forget"; readonly id: number; readonly file: string; readonly tidy: boolean };

/** `v2` and `v3`: the pipeline of that version; `cursor`: version 3's batch, answered line by line. */
export type Form = "v2" | "v3" | "cursor";

/** What came of an order; the answer to the client is in the body. */
export interface Report {
  readonly id: number;
  /**
   * `done`: the body is the answer. Another transaction held the write lock: `again`, nothing is done yet, give the
   * same order later; `waits`, resume it.
   */
  readonly state: "done" | "again" | "waits";
  readonly status: number;
  /** Of the database: streams that are open. */
  readonly open: number;
  /** A transaction of an open stream may hold the write lock. */
  readonly locked: boolean;
  /** The stream it was about, while that is open. */
  readonly stream?: { readonly number: number; readonly uses: number };
  /** A stream that is closed now. */
  readonly closed?: number;
}

/** Whether it has the shape of a report: its process works on what is not trusted. */
export function isReport(json: unknown): json is Report {
  const { id, state, status, open, locked, stream, closed } = (json ?? {}) as Record<string, unknown>;
  const { number, uses } = (stream ?? { number: 0, uses: 0 }) as Record<string, unknown>;
  return (
    [id, status, open, number, uses, closed ?? 0].every(Number.isSafeInteger) &&
    (status === 200 || status === 400 || status === 500) &&
    (state === "done" || state === "again" || state === "waits") &&
    typeof locked === "boolean"
  );
}

/** Bounds of one request, and of what one database may hold in a process. */
export const LIMITS = {
  requestBytes: 16 * 2 ** 20,
  responseBytes: 10 * 2 ** 20,
  /** Requests in a pipeline, steps in a batch. */
  steps: 2000,
  streams: 100,
  storedTexts: 256,
  storedCharacters: 2 ** 20,
} as const;

const HEAD = 8;
const MAX_HEAD = 65_536;
const MAX_BODY = 64 * 2 ** 20;

/** What one side sent at once. */
export interface Frame<Head> {
  readonly head: Head;
  readonly body: Uint8Array;
}

/** A frame as bytes, in the pieces in which they lie already. */
export function encodeFrame(head: Order | Report, body: Uint8Array): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(head));
  const first = Buffer.allocUnsafe(HEAD + text.length);
  first.writeUInt32LE(text.length, 0);
  first.writeUInt32LE(body.length, 4);
  text.copy(first, HEAD);
  if (body.length === 0) return [first];
  return body.length < 65_536 ? [Buffer.concat([first, body])] : [first, body];
}

/** Cuts what arrives into frames. Throws when it cannot be one: the other side is not to be believed any more. */
export class FrameReader<Head> {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #wanted = HEAD;

  /** The frames that are whole now. */
  push(piece: Uint8Array): Frame<Head>[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const frames: Frame<Head>[] = [];
    while (this.#size >= this.#wanted) {
      const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
      this.#pieces = [bytes];
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const [headSize, bodySize] = [view.getUint32(0, true), view.getUint32(4, true)];
      if (headSize > MAX_HEAD || bodySize > MAX_BODY) throw new Error("A frame is larger than any can be.");
      const end = HEAD + headSize + bodySize;
      this.#wanted = end;
      if (this.#size < end) break;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + HEAD, headSize).toString();
      frames.push({ head: JSON.parse(text) as Head, body: bytes.subarray(HEAD + headSize, end) });
      this.#pieces = this.#size > end ? [bytes.subarray(end)] : [];
      this.#size -= end;
      this.#wanted = HEAD;
    }
    return frames;
  }
}
