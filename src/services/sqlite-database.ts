/** All of one database within a database process: its streams by baton, and connections that wait for the next one. */

import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { Connection } from "./sqlite-connection.ts";
import { ProtocolError, toSqlError } from "./sqlite-problems.ts";
import { type Form, LIMITS } from "./sqlite-protocol.ts";
import { type Pipeline, parsePipeline } from "./sqlite-requests.ts";
import { type Running, Stream } from "./sqlite-stream.ts";

/** An order under way, from its first try to its answer. */
export interface Work {
  readonly stream: Stream;
  readonly isNew: boolean;
  readonly running: Running<string>;
}

const MAX_SPARE = 2;
/** The log grows beyond it only while a reader holds on to the past. */
const MAX_LOG = 64 * 2 ** 20;
/** Transactions that hold the log back are ended when it has this many times the size of the quota. */
const LOG_FACTOR = 2;

/** What this process has of one database file; nothing is opened before it is needed. */
export class Database {
  /** The largest the file may become, bytes. */
  quota = 0;
  readonly #file: string;
  readonly #streams = new Map<number, Stream>();
  readonly #batons = new Map<string, Stream>();
  readonly #spare: Connection[] = [];
  readonly #lent = new Set<Connection>();
  #nextStream = 1;

  constructor(file: string) {
    this.#file = file;
  }

  get open(): number {
    return this.#streams.size;
  }

  get locked(): boolean {
    for (const { connection } of this.#streams.values()) if (connection?.writing) return true;
    return false;
  }

  /** @throws ProtocolError */
  begin(body: Uint8Array, form: Form, lastTry: boolean): Work {
    const pipeline = parsePipeline(body, form);
    const stream = pipeline.baton === undefined ? this.#openStream() : this.#findStream(pipeline.baton);
    stream.uses++;
    stream.ran = 0;
    stream.lastTry = lastTry;
    stream.budget = { bytes: LIMITS.responseBytes };
    const running = form === "cursor" ? this.#runCursor(stream, pipeline) : this.#run(stream, pipeline);
    return { stream, isNew: pipeline.baton === undefined, running };
  }

  isOpen(stream: Stream): boolean {
    return this.#streams.has(stream.number);
  }

  /** End a stream if it is still as idle as it was after so many uses. */
  expire(number: number, uses: number): boolean {
    const stream = this.#streams.get(number);
    if (stream?.uses !== uses || stream.baton === undefined) return false;
    this.end(stream);
    return true;
  }

  /** Close a stream; what it did not commit is undone. */
  end(stream: Stream): void {
    if (stream.baton !== undefined) this.#batons.delete(stream.baton);
    this.#streams.delete(stream.number);
    stream.isClosed = true;
    if (stream.connection !== undefined) this.#takeBack(stream.connection);
  }

  /** After each order: a log that only grows is cut, at the cost of those transactions that hold it back. */
  watchLog(): void {
    const limit = Math.max(MAX_LOG, this.quota * LOG_FACTOR);
    if ((statSync(`${this.#file}-wal`, { throwIfNoEntry: false })?.size ?? 0) < limit) return;
    for (const stream of [...this.#streams.values()]) {
      if (stream.baton !== undefined && stream.connection?.inTransaction) this.end(stream);
    }
    for (const connection of this.#spare) connection.tidy();
  }

  close(tidy: boolean): void {
    for (const stream of [...this.#streams.values()]) this.end(stream);
    if (tidy) this.#spare.at(-1)?.tidy();
    for (const connection of this.#spare.splice(0)) connection.close();
  }

  *#run(stream: Stream, { requests }: Pipeline): Running<string> {
    const results: string[] = [];
    for (const request of requests) results.push(yield* stream.run(request));
    return `{"baton":${this.#release(stream)},"base_url":null,"results":[${results.join(",")}]}`;
  }

  *#runCursor(stream: Stream, { requests }: Pipeline): Running<string> {
    const [request] = requests;
    const entries = request?.type === "batch" ? yield* stream.runCursor(request.steps) : [];
    return [`{"baton":${this.#release(stream)},"base_url":null}`, ...entries, ""].join("\n");
  }

  /** The stream is at the client's disposal again, under a new baton, unless it was closed. */
  #release(stream: Stream): string {
    if (stream.isClosed) {
      this.end(stream);
      return "null";
    }
    stream.baton = randomBytes(24).toString("base64url");
    this.#batons.set(stream.baton, stream);
    return `"${stream.baton}"`;
  }

  #openStream(): Stream {
    if (this.#streams.size >= LIMITS.streams)
      throw new ProtocolError(
        `The database has ${LIMITS.streams} open streams already. Commit or roll back a transaction, or try again in a moment.`,
        "TOO_MANY_STREAMS",
      );
    const stream = new Stream(this.#nextStream++, () => this.#lend());
    this.#streams.set(stream.number, stream);
    return stream;
  }

  #findStream(baton: string): Stream {
    const stream = this.#batons.get(baton);
    if (stream === undefined)
      throw new ProtocolError(
        "The stream is over: it was idle for too long, its database process was restarted, or the baton was used before. What was not committed is rolled back; begin again.",
        "STREAM_EXPIRED",
      );
    this.#batons.delete(baton);
    stream.baton = undefined;
    return stream;
  }

  #lend(): Connection {
    const connection = this.#spare.pop() ?? this.#connect();
    this.#lent.add(connection);
    connection.limit(this.quota);
    return connection;
  }

  #connect(): Connection {
    try {
      const connection = new Connection(this.#file);
      connection.onSchemaChange = () => {
        for (const other of [...this.#lent, ...this.#spare]) other.forgetCompiled();
      };
      return connection;
    } catch (error) {
      throw toSqlError(error, "", () => undefined);
    }
  }

  #takeBack(connection: Connection): void {
    this.#lent.delete(connection);
    try {
      connection.rollback();
      if (!connection.marked && this.#spare.length < MAX_SPARE) this.#spare.push(connection);
      else connection.close();
    } catch {
      // Closing rolls back what could not be otherwise.
      connection.close();
    }
  }
}
