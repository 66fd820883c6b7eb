/** One Hrana stream in a database process: a connection, its open transaction, and the SQL texts it keeps. */

import { statementsOf } from "../val/sql-tokens.ts";
import type { Budget, Connection, Outcome } from "./sqlite-connection.ts";
import { Busy, ProtocolError, SqlError } from "./sqlite-problems.ts";
import { LIMITS } from "./sqlite-protocol.ts";
import type { Condition, Query, Source, Step, StreamRequest } from "./sqlite-requests.ts";

/** Yields while the write lock is another's; goes on when told whether this is the last try. */
export type Running<T> = Generator<"busy", T, boolean>;

interface Problem {
  readonly message: string;
  readonly code: string;
}
type StepResult = { readonly outcome: Outcome } | { readonly error: Problem } | undefined;

/** The state of one client, from its first request to `close`. */
export class Stream {
  readonly number: number;
  /** How often it was asked for, to tell whether it is still idle. */
  uses = 0;
  /** Undefined while no order needs it by that. */
  baton: string | undefined;
  isClosed = false;
  /** Statements that ran since the order began. */
  ran = 0;
  lastTry = false;
  budget: Budget = { bytes: 0 };
  readonly #lend: () => Connection;
  readonly #texts = new Map<number, string>();
  #characters = 0;
  #connection: Connection | undefined;

  /** @param lend gives a connection once one is needed */
  constructor(number: number, lend: () => Connection) {
    this.number = number;
    this.#lend = lend;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Run one request; returns an entry of `results`, as JSON text. */
  *run(request: StreamRequest): Running<string> {
    try {
      const fields = yield* this.#respond(request);
      return `{"type":"ok","response":{"type":"${request.type}"${fields}}}`;
    } catch (error) {
      return `{"type":"error","error":${JSON.stringify(toProblem(error))}}`;
    }
  }

  /** Run a batch for a cursor; returns its entries, each as JSON text. */
  *runCursor(steps: readonly Step[]): Running<string[]> {
    const results = yield* this.#batch(steps);
    return results.flatMap((result, step) => {
      if (result === undefined) return [];
      if ("error" in result)
        return [`{"type":"step_error","step":${step},"error":${JSON.stringify(result.error)}}`];
      const { columns, rows, affected, lastRowid } = result.outcome;
      return [
        `{"type":"step_begin","step":${step},"cols":${columns}}`,
        ...rows.map((row) => `{"type":"row","row":${row}}`),
        `{"type":"step_end","affected_row_count":${affected},"last_insert_rowid":${lastRowid}}`,
      ];
    });
  }

  *#respond(request: StreamRequest): Running<string> {
    if (this.isClosed && request.type !== "close") throw new ProtocolError("The stream was closed before.");
    switch (request.type) {
      case "execute":
        return `,"result":${renderOutcome(yield* this.#execute(request.query))}`;
      case "batch":
        return `,"result":${renderBatch(yield* this.#batch(request.steps))}`;
      case "sequence":
        yield* this.#sequence(this.#textOf(request.source));
        return "";
      case "describe":
        return `,"result":${this.#open().describe(this.#textOf(request.source))}`;
      case "store_sql":
        this.#store(request.id, request.sql);
        return "";
      case "close_sql":
        this.#characters -= this.#texts.get(request.id)?.length ?? 0;
        this.#texts.delete(request.id);
        return "";
      case "get_autocommit":
        return `,"is_autocommit":${!this.#connection?.inTransaction}`;
      case "close":
        this.isClosed = true;
        return "";
    }
  }

  *#execute(query: Query): Running<Outcome> {
    const sql = this.#textOf(query);
    const { args, wantRows } = query;
    if (args instanceof SqlError) throw args;
    for (;;) {
      const left = this.budget.bytes;
      try {
        // Opening a file may have to wait as well: for a process that was ended while it had the file.
        const outcome = this.#open().execute(sql, args, wantRows, this.budget);
        this.ran++;
        return outcome;
      } catch (error) {
        // What failed is not part of the answer.
        this.budget.bytes = left;
        if (!(error instanceof Busy)) throw error;
        if (this.lastTry) throw new SqlError("SQLITE_BUSY", `SQLite error: ${error.message}`);
      }
      this.lastTry = yield "busy";
    }
  }

  *#batch(steps: readonly Step[]): Running<StepResult[]> {
    const results: StepResult[] = [];
    for (const { query, condition } of steps) {
      if (condition !== undefined && !this.#holds(condition, results)) {
        results.push(undefined);
        continue;
      }
      try {
        results.push({ outcome: yield* this.#execute(query) });
      } catch (error) {
        results.push({ error: toProblem(error) });
      }
    }
    return results;
  }

  *#sequence(sql: string): Running<void> {
    const args = { positional: [], named: [] };
    for (const { text } of statementsOf(sql)) yield* this.#execute({ sql: text, args, wantRows: false });
  }

  #holds(condition: Condition, results: readonly StepResult[]): boolean {
    switch (condition.type) {
      case "ok":
        return "outcome" in (results[condition.step] ?? {});
      case "error":
        return "error" in (results[condition.step] ?? {});
      case "not":
        return !this.#holds(condition.cond, results);
      case "and":
        return condition.conds.every((part) => this.#holds(part, results));
      case "or":
        return condition.conds.some((part) => this.#holds(part, results));
      case "is_autocommit":
        return !this.#connection?.inTransaction;
    }
  }

  #open(): Connection {
    this.#connection ??= this.#lend();
    return this.#connection;
  }

  #textOf({ sql, id }: Source): string {
    const text = sql ?? this.#texts.get(id!);
    if (text === undefined) throw new ProtocolError(`The stream keeps no SQL text under ${id}.`);
    return text;
  }

  #store(id: number, sql: string): void {
    if (this.#texts.has(id)) throw new ProtocolError(`The stream keeps an SQL text under ${id} already.`);
    if (this.#texts.size >= LIMITS.storedTexts)
      throw new SqlError(
        "SQL_STORE_TOO_MANY",
        `The server already stores ${this.#texts.size} SQL texts, it cannot store more`,
      );
    if (this.#characters + sql.length > LIMITS.storedCharacters)
      throw new SqlError("SQL_STORE_TOO_LARGE", "The statement is too large to be stored");
    this.#texts.set(id, sql);
    this.#characters += sql.length;
  }
}

/** @throws whatever is not the statement's own fault */
function toProblem(error: unknown): Problem {
  if (error instanceof SqlError) return { message: error.message, code: error.code };
  throw error;
}

function renderOutcome({ columns, rows, affected, lastRowid }: Outcome): string {
  return `{"cols":${columns},"rows":[${rows.join(",")}],"affected_row_count":${affected},"last_insert_rowid":${lastRowid}}`;
}

function renderBatch(results: readonly StepResult[]): string {
  const outcomes = results.map((r) =>
    r !== undefined && "outcome" in r ? renderOutcome(r.outcome) : "null",
  );
  const errors = results.map((r) => (r !== undefined && "error" in r ? JSON.stringify(r.error) : "null"));
  return `{"step_results":[${outcomes.join(",")}],"step_errors":[${errors.join(",")}]}`;
}
