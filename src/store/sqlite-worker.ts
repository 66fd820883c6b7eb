/**
 * The thread that owns one SQLite file. Everything that may block on the disk happens here, so that an fsync never
 * holds the gateway's event loop back. `sqlite.ts` is the other half; it starts one thread per file.
 */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";

/** One request to the thread; it answers each with a `Reply` of the same id, in order. */
export type Call =
  | { id: number; kind: "open"; file: string; pragmas: readonly string[] }
  | { id: number; kind: "query"; sql: string; parameters: readonly unknown[] }
  /** Each statement once per row, all in a transaction of its own. */
  | {
      id: number;
      kind: "many";
      steps: readonly { sql: string; rows: readonly (readonly unknown[])[] }[];
      /** Whether foreign keys are not looked at. */
      unlinked?: boolean;
    }
  | { id: number; kind: "close" };

/** The thread's answer. `code` of an error is SQLite's, for example `SQLITE_CONSTRAINT_UNIQUE`. */
export type Reply =
  | { id: number; rows: unknown[]; changes: number; lastId: number }
  | { id: number; error: { message: string; code: string } };

declare const self: Worker;

const MAX_STATEMENTS = 256;
const OPEN_MS = 5000;
const statements = new Map<string, Statement>();
let database: Database | undefined;

self.onmessage = (event: MessageEvent<Call>) => {
  const call = event.data;
  let reply: Reply;
  try {
    reply = { id: call.id, ...answer(call) };
  } catch (cause) {
    const error = cause as { message?: string; code?: string };
    reply = { id: call.id, error: { message: error.message ?? String(cause), code: error.code ?? "ERROR" } };
  }
  self.postMessage(reply);
};

/** The switch to WAL does not wait for others who open the same new file: SQLite refuses it at once, whatever the timeout. */
function setPragma(database: Database, pragma: string): void {
  const until = performance.now() + OPEN_MS;
  for (;;) {
    try {
      database.run(pragma);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "SQLITE_BUSY" || performance.now() > until) throw error;
      Bun.sleepSync(5);
    }
  }
}

type Answer = { rows: unknown[]; changes: number; lastId: number };
const NOTHING: Answer = { rows: [], changes: 0, lastId: 0 };

function answer(call: Call): Answer {
  switch (call.kind) {
    case "open":
      database = new Database(call.file, { create: true, strict: true });
      for (const pragma of call.pragmas) setPragma(database, `pragma ${pragma}`);
      return NOTHING;
    case "query":
      return query(call.sql, call.parameters as SQLQueryBindings[]);
    case "many":
      return call.unlinked ? unlinked(() => runMany(call.steps)) : runMany(call.steps);
    case "close":
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      database?.close(true);
      database = undefined;
      return NOTHING;
  }
}

function query(sql: string, parameters: SQLQueryBindings[]): Answer {
  const statement = prepare(sql);
  if (statement.columnNames.length > 0) {
    const rows = statement.all(...parameters);
    return { rows, changes: rows.length, lastId: 0 };
  }
  const done = statement.run(...parameters);
  return { rows: [], changes: done.changes, lastId: Number(done.lastInsertRowid) };
}

function runMany(steps: Extract<Call, { kind: "many" }>["steps"]): Answer {
  opened().transaction(() => {
    for (const { sql, rows } of steps) {
      const statement = prepare(sql);
      for (const row of rows) statement.run(...(row as SQLQueryBindings[]));
    }
  })();
  return NOTHING;
}

/** SQLite takes note of this outside of transactions only. */
function unlinked(work: () => Answer): Answer {
  opened().run("pragma foreign_keys = off");
  try {
    return work();
  } finally {
    opened().run("pragma foreign_keys = on");
  }
}

/** Compiled statements are kept, the least recently used go first. */
function prepare(sql: string): Statement {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = opened().prepare(sql);
    if (statements.size >= MAX_STATEMENTS) {
      const [oldest, gone] = statements.entries().next().value as [string, Statement];
      gone.finalize();
      statements.delete(oldest);
    }
  } else {
    statements.delete(sql);
  }
  statements.set(sql, statement);
  return statement;
}

function opened(): Database {
  if (database === undefined) throw new Error("The database is closed.");
  return database;
}
