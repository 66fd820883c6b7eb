/** Single statements and batches for the REST API: to Hrana, and back to result sets. */

import { SqliteError } from "./sqlite-error.ts";
import type { Answer } from "./sqlite-home.ts";
import type { Form } from "./sqlite-protocol.ts";

/** A value of JSON, or one that a caller within Hamlet may give besides. */
export type ArgumentValue = null | string | number | boolean | bigint | Uint8Array;

/** A statement as the REST API takes it: names of arguments with or without their sign. */
export type StatementInput =
  | string
  | {
      readonly sql: string;
      readonly args?: readonly ArgumentValue[] | Readonly<Record<string, ArgumentValue>>;
    };

/** How a batch begins. */
export type BatchMode = "write" | "read" | "deferred";

/** What a statement gave, as the REST API tells it. */
export interface ResultSet {
  readonly columns: readonly string[];
  /** As declared; empty for expressions. */
  readonly columnTypes: readonly string[];
  /** Integers beyond 2^53 are strings, blobs are base64. */
  readonly rows: readonly (readonly (null | string | number)[])[];
  readonly rowsAffected: number;
  readonly lastInsertRowid: string | null;
}

type Send = (form: Form, body: Uint8Array) => Promise<Answer>;

interface WireResult {
  readonly cols: readonly { readonly name: string | null; readonly decltype: string | null }[];
  readonly rows: readonly (readonly WireValue[])[];
  readonly affected_row_count: number;
  readonly last_insert_rowid: string | null;
}
interface WireError {
  readonly message: string;
  readonly code?: string;
}
interface WireValue {
  readonly type: string;
  readonly value?: string | number | null;
  readonly base64?: string;
}
type WireEntry =
  | { readonly type: "ok"; readonly response: { readonly result: unknown } }
  | { readonly type: "error"; readonly error: WireError };

/** Run one statement. @throws SqliteError */
export async function execute(send: Send, statement: StatementInput): Promise<ResultSet> {
  const result = await request(send, { type: "execute", stmt: toStmt(statement) });
  return toResultSet(result as WireResult);
}

const BEGIN: Readonly<Record<BatchMode, string>> = {
  write: "BEGIN IMMEDIATE",
  read: "BEGIN TRANSACTION READONLY",
  deferred: "BEGIN DEFERRED",
};

/** Run statements in one transaction: all of them, or none. @throws SqliteError, of the first that failed */
export async function batch(
  send: Send,
  statements: readonly StatementInput[],
  mode: BatchMode,
): Promise<ResultSet[]> {
  const stmts = [{ sql: BEGIN[mode] }, ...statements.map(toStmt), { sql: "COMMIT" }];
  const steps = stmts.map((stmt, index) =>
    index === 0 ? { stmt } : { stmt, condition: { type: "ok", step: index - 1 } },
  );
  const failed = { type: "not", cond: { type: "ok", step: stmts.length - 1 } };
  const all = [...steps, { stmt: { sql: "ROLLBACK" }, condition: failed }];
  const result = await request(send, { type: "batch", batch: { steps: all } });
  const { step_results: results, step_errors: errors } = result as {
    step_results: readonly (WireResult | null)[];
    step_errors: readonly (WireError | null)[];
  };
  for (const index of stmts.keys()) {
    const error = errors[index];
    if (error) throw toError(error);
    if (!results[index])
      throw new SqliteError(400, "TRANSACTION_CLOSED", "A statement of the batch ended its transaction.");
  }
  return results.slice(1, stmts.length - 1).map((result) => toResultSet(result!));
}

async function request(send: Send, json: object): Promise<unknown> {
  const body = Buffer.from(JSON.stringify({ baton: null, requests: [json, { type: "close" }] }));
  const answer = await send("v2", body);
  const reply = JSON.parse(Buffer.from(answer.body).toString());
  if (answer.status !== 200) throw toError(reply, answer.status);
  const [entry] = reply.results as readonly WireEntry[];
  if (entry?.type !== "ok") throw toError(entry!.error);
  return entry.response.result;
}

function toError({ message, code }: WireError, status = 400): SqliteError {
  return new SqliteError(status, code ?? "SQLITE_UNKNOWN", message);
}

function toStmt(statement: StatementInput): object {
  if (typeof statement === "string") return { sql: statement };
  const { sql, args = [] } = statement;
  if (Array.isArray(args)) return { sql, args: args.map(toWire) };
  return { sql, named_args: Object.entries(args).map(([name, value]) => ({ name, value: toWire(value) })) };
}

/** As the client library does it: a number is a float, whole or not. */
function toWire(value: ArgumentValue): object {
  if (value === null) return { type: "null" };
  if (typeof value === "string") return { type: "text", value };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "boolean") return { type: "integer", value: value ? "1" : "0" };
  if (typeof value === "bigint") return { type: "integer", value: `${value}` };
  if (value instanceof Uint8Array) return { type: "blob", base64: Buffer.from(value).toString("base64") };
  throw new SqliteError(
    400,
    "ARGS_INVALID",
    "An argument must be null, a string, a number or true or false.",
  );
}

function toResultSet(result: WireResult): ResultSet {
  return {
    columns: result.cols.map(({ name }) => name ?? ""),
    columnTypes: result.cols.map(({ decltype }) => decltype ?? ""),
    rows: result.rows.map((row) => row.map(fromWire)),
    rowsAffected: result.affected_row_count,
    lastInsertRowid: result.last_insert_rowid,
  };
}

function fromWire({ type, value, base64 }: WireValue): null | string | number {
  // sqld leaves the padding out.
  if (type === "blob") return Buffer.from(base64 ?? "", "base64").toString("base64");
  if (type !== "integer") return value ?? null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
