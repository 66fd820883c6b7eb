/**
 * The main module of a database process. It does one order after the other, and nothing besides: it reads, runs and
 * answers without an event loop, so that a small query costs little more than two system calls. Waiting, time limits and
 * queues are the host's (`sqlite-lanes.ts`), which kills this process when a statement does not end.
 */

import { readSync, writeSync } from "node:fs";
import { Database, type Work } from "./sqlite-database.ts";
import { ProtocolError, toSqlError } from "./sqlite-problems.ts";
import { encodeFrame, FrameReader, type Order, type Report } from "./sqlite-protocol.ts";

const EMPTY = new Uint8Array(0);
const databases = new Map<string, Database>();
/** Orders that wait for a write lock, by their number. */
const waiting = new Map<number, Work>();

interface Answer {
  readonly report: Report;
  readonly body: Uint8Array;
}
type Details = Partial<Omit<Report, "id" | "open" | "locked">>;

function handle(order: Order, body: Uint8Array): Answer {
  const database = databaseOf(order.file);
  switch (order.kind) {
    case "run":
      database.quota = order.quota;
      return begin(order, database, body);
    case "resume": {
      const work = waiting.get(order.order);
      waiting.delete(order.order);
      if (work !== undefined) return goOn(order.id, order.order, database, work, order.lastTry);
      return answer(order.id, database);
    }
    case "expire":
      return answer(
        order.id,
        database,
        database.expire(order.stream, order.uses) ? { closed: order.stream } : {},
      );
    case "forget":
      databases.delete(order.file);
      database.close(order.tidy);
      return answer(order.id, database);
  }
}

function begin(order: Extract<Order, { kind: "run" }>, database: Database, body: Uint8Array): Answer {
  try {
    const work = database.begin(body, order.form, order.lastTry);
    return goOn(order.id, order.id, database, work, order.lastTry);
  } catch (error) {
    return fail(order.id, database, error);
  }
}

function goOn(id: number, order: number, database: Database, work: Work, lastTry: boolean): Answer {
  const { stream } = work;
  try {
    const step = work.running.next(lastTry);
    if (!step.done) return wait(id, order, database, work);
    database.watchLog();
    const isOpen = database.isOpen(stream);
    const about = isOpen
      ? { stream: { number: stream.number, uses: stream.uses } }
      : { closed: stream.number };
    return answer(id, database, about, Buffer.from(step.value));
  } catch (error) {
    database.end(stream);
    return fail(id, database, error, stream.number);
  }
}

/** The write lock is another's. What has done nothing yet is forgotten, not to hold a connection meanwhile. */
function wait(id: number, order: number, database: Database, work: Work): Answer {
  const { stream } = work;
  if (work.isNew && stream.ran === 0) {
    database.end(stream);
    return answer(id, database, { state: "again", closed: stream.number });
  }
  waiting.set(order, work);
  return answer(id, database, { state: "waits", stream: { number: stream.number, uses: stream.uses } });
}

function fail(id: number, database: Database, error: unknown, closed?: number): Answer {
  const problem = error instanceof ProtocolError ? error : toSqlError(error, "", () => undefined);
  const code = "code" in problem ? problem.code : "SQLITE_BUSY";
  const text = JSON.stringify({ message: problem.message, code });
  const about = closed === undefined ? {} : { closed };
  return answer(id, database, { status: 400, ...about }, Buffer.from(text));
}

function answer(id: number, database: Database, details: Details = {}, body: Uint8Array = EMPTY): Answer {
  const { open, locked } = database;
  return { report: { id, state: "done", status: 200, open, locked, ...details }, body };
}

function databaseOf(file: string): Database {
  let database = databases.get(file);
  if (database === undefined) {
    database = new Database(file);
    databases.set(file, database);
  }
  return database;
}

function send({ report, body }: Answer): void {
  for (const piece of encodeFrame(report, body)) {
    for (let at = 0; at < piece.length; ) at += writeSync(1, piece, at);
  }
}

function main(): void {
  const reader = new FrameReader<Order>();
  const room = Buffer.allocUnsafe(65_536);
  for (let size = readSync(0, room); size > 0; size = readSync(0, room)) {
    for (const { head, body } of reader.push(Buffer.from(room.subarray(0, size)))) send(handle(head, body));
  }
  for (const database of databases.values()) database.close(false);
}

main();
