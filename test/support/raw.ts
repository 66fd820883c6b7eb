/** A visitor that writes exact bytes to a TCP connection and reads exact bytes, as they come. */

import { connect as connectSocket, type Socket } from "node:net";

/** No answer within this time is a failure; far above what any machine needs. */
const PATIENCE_MS = 30_000;

export interface RawHead {
  readonly status: number;
  readonly reason: string;
  /** As they came, order and case kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The values of one header, joined by `, `; undefined if it was not there. */
  header(name: string): string | undefined;
  /** Everything up to and including the empty line. */
  readonly text: string;
}

export interface RawResponse extends RawHead {
  readonly body: Uint8Array;
  readonly bodyText: string;
}

/** One connection to `port` on the loopback address. */
export async function connectRaw(port: number, address = "127.0.0.1"): Promise<RawConnection> {
  const socket = connectSocket({ port, host: address, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new RawConnection(socket);
}

export class RawConnection implements AsyncDisposable {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  /** Settles when the other side has closed: `end` for a clean end, `reset` for anything else. */
  readonly closed: Promise<"end" | "reset">;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    const { promise, resolve } = Promise.withResolvers<"end" | "reset">();
    this.closed = promise;
    const finish = (how: "end" | "reset", error?: Error) => {
      this.#ended = true;
      this.#error ??= error;
      resolve(how);
      this.#wake?.();
    };
    socket.on("data", (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#length += bytes.length;
      this.#wake?.();
    });
    socket.on("end", () => finish("end"));
    socket.on("error", (error) => finish("reset", error));
    socket.on("close", () => finish("reset"));
  }

  /** Resolves when the bytes have been handed to the system; a string is written as latin-1. */
  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** No more bytes from us; the other side may go on. */
  end(): void {
    this.#socket.end();
  }

  /** Leave without a goodbye, as a visitor does who closes the tab. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Stop and go on reading from the system's buffers, so that the other side feels back-pressure. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** What came and was not read yet. */
  get pending(): Uint8Array {
    return this.#flat();
  }

  /** At least one byte; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    await this.#until(() => this.#length > 0 || this.#ended);
    return this.#length > 0 ? this.#take(this.#length) : undefined;
  }

  async readExactly(length: number): Promise<Uint8Array> {
    await this.#until(() => this.#length >= length || this.#ended);
    if (this.#length < length) throw this.#failure(`${length} bytes`);
    return this.#take(length);
  }

  /** Up to and including `mark`, as latin-1. */
  async readUntil(mark: string): Promise<string> {
    const needle = Buffer.from(mark, "latin1");
    await this.#until(() => this.#flat().includes(needle) || this.#ended);
    const at = this.#flat().indexOf(needle);
    if (at < 0) throw this.#failure(JSON.stringify(mark));
    return Buffer.from(this.#take(at + needle.length)).toString("latin1");
  }

  /** Everything until the other side ends the connection. */
  async readToEnd(): Promise<Uint8Array> {
    await this.#until(() => this.#ended);
    return this.#take(this.#length);
  }

  async readHead(): Promise<RawHead> {
    return parseHead(await this.readUntil("\r\n\r\n"));
  }

  /** One chunk of a chunked body; undefined for the last one, with its trailers read. */
  async readChunk(): Promise<Uint8Array | undefined> {
    const size = Number.parseInt(await this.readUntil("\r\n"), 16);
    if (!Number.isInteger(size)) throw new Error("The chunk size is not a number.");
    if (size > 0) {
      const chunk = await this.readExactly(size);
      await this.readUntil("\r\n");
      return chunk;
    }
    while ((await this.readUntil("\r\n")) !== "\r\n");
    return undefined;
  }

  /** A whole response, skipping interim ones. `method` matters for HEAD, whose answers have no body. */
  async readResponse(method = "GET"): Promise<RawResponse> {
    let head = await this.readHead();
    while (head.status >= 100 && head.status < 200 && head.status !== 101) head = await this.readHead();
    const body = await this.readBody(head, method);
    return Object.assign(head, { body, bodyText: new TextDecoder().decode(body) });
  }

  /** The body that belongs to a head that was read. */
  async readBody(head: RawHead, method: string): Promise<Uint8Array> {
    if (method === "HEAD" || head.status === 204 || head.status === 304) return new Uint8Array();
    if (head.header("transfer-encoding") === "chunked") {
      const chunks: Uint8Array[] = [];
      for (let chunk = await this.readChunk(); chunk; chunk = await this.readChunk()) chunks.push(chunk);
      return Buffer.concat(chunks);
    }
    const length = head.header("content-length");
    return length === undefined ? this.readToEnd() : this.readExactly(Number(length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #take(length: number): Uint8Array {
    const all = this.#flat();
    this.#chunks = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  /** One buffer of all that is here; made only when it is looked at, as a body may come in thousands of pieces. */
  #flat(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #failure(wanted: string): Error {
    const got = JSON.stringify(this.#flat().subarray(0, 500).toString("latin1"));
    return new Error(`The connection ended before ${wanted} came. Received: ${got}`, { cause: this.#error });
  }

  async #until(done: () => boolean): Promise<void> {
    const timer = setTimeout(
      () => this.#socket.destroy(new Error(`Nothing came for ${PATIENCE_MS} ms.`)),
      PATIENCE_MS,
    );
    try {
      while (!done()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function parseHead(text: string): RawHead {
  const [start = "", ...lines] = text.slice(0, -4).split("\r\n");
  const [, status, reason = ""] = /^HTTP\/1\.1 (\d{3})(?: (.*))?$/.exec(start) ?? [];
  if (!status) throw new Error(`This is no HTTP/1.1 status line: ${JSON.stringify(start)}`);
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string) => {
    const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    return values.length > 0 ? values.join(", ") : undefined;
  };
  return { status: Number(status), reason, headers, header, text };
}
