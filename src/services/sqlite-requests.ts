/** The requests of a Hrana pipeline, from untrusted JSON. Its shape is checked as a whole before anything runs. */

import { parseJson } from "./json.ts";
import type { Arguments } from "./sqlite-arguments.ts";
import { ProtocolError, SqlError } from "./sqlite-problems.ts";
import { type Form, LIMITS } from "./sqlite-protocol.ts";
import { parseValue, type SqlValue } from "./sqlite-values.ts";

/** An SQL text, or the number under which the stream keeps one. */
export interface Source {
  readonly sql?: string;
  readonly id?: number;
}

/** A statement with its arguments. */
export interface Query extends Source {
  /** An error is the query's own: only it fails. */
  readonly args: Arguments | SqlError;
  readonly wantRows: boolean;
}

/** On what a step of a batch depends. */
export type Condition =
  | { readonly type: "ok" | "error"; readonly step: number }
  | { readonly type: "not"; readonly cond: Condition }
  | { readonly type: "and" | "or"; readonly conds: readonly Condition[] }
  | { readonly type: "is_autocommit" };

/** One statement of a batch. */
export interface Step {
  readonly query: Query;
  readonly condition: Condition | undefined;
}

/** What a stream can be asked for. */
export type StreamRequest =
  | { readonly type: "execute"; readonly query: Query }
  | { readonly type: "batch"; readonly steps: readonly Step[] }
  | { readonly type: "sequence" | "describe"; readonly source: Source }
  | { readonly type: "store_sql"; readonly id: number; readonly sql: string }
  | { readonly type: "close_sql"; readonly id: number }
  | { readonly type: "get_autocommit" | "close" };

/** The body of one HTTP request. */
export interface Pipeline {
  readonly baton: string | undefined;
  readonly requests: readonly StreamRequest[];
}

type Json = Readonly<Record<string, unknown>>;
const MAX_CONDITION_DEPTH = 50;

/** @throws ProtocolError */
export function parsePipeline(body: Uint8Array, form: Form): Pipeline {
  let json: unknown;
  try {
    json = parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    throw new ProtocolError(`The request is not valid JSON: ${(error as Error).message}`);
  }
  const root = toObject(json, "The request");
  const { baton } = root;
  if (baton !== undefined && baton !== null && typeof baton !== "string")
    throw new ProtocolError("baton must be a string or null.");
  const list = form === "cursor" ? [{ type: "batch", batch: root.batch }] : root.requests;
  const requests = toArray(list, "requests").map((request) => parseRequest(request, form));
  return { baton: baton ?? undefined, requests };
}

function parseRequest(json: unknown, form: Form): StreamRequest {
  const request = toObject(json, "A request");
  const { type } = request;
  switch (type) {
    case "execute":
      return { type, query: parseQuery(request.stmt) };
    case "batch": {
      const steps = toArray(toObject(request.batch, "batch").steps, "steps");
      return { type, steps: steps.map((step, index) => parseStep(step, index, form)) };
    }
    case "sequence":
    case "describe":
      return { type, source: parseSource(request) };
    case "store_sql":
      if (typeof request.sql !== "string") throw new ProtocolError("store_sql needs a string sql.");
      return { type, id: toId(request.sql_id), sql: request.sql };
    case "close_sql":
      return { type, id: toId(request.sql_id) };
    case "get_autocommit":
      if (form === "v2") throw new ProtocolError("get_autocommit needs version 3 of the protocol.");
      return { type };
    case "close":
      return { type };
    default:
      throw new ProtocolError(`There is no request of type ${JSON.stringify(type)?.slice(0, 50)}.`);
  }
}

function parseStep(json: unknown, index: number, form: Form): Step {
  const { stmt, condition } = toObject(json, "A step");
  const isGiven = condition !== undefined && condition !== null;
  return {
    query: parseQuery(stmt),
    condition: isGiven ? parseCondition(condition, index, form, 0) : undefined,
  };
}

function parseCondition(json: unknown, index: number, form: Form, depth: number): Condition {
  const { type, step, cond, conds } = toObject(json, "A condition");
  if (depth > MAX_CONDITION_DEPTH) throw new ProtocolError("A condition is nested too deeply.");
  const inner = (json: unknown) => parseCondition(json, index, form, depth + 1);
  switch (type) {
    case "ok":
    case "error":
      if (typeof step !== "number" || !Number.isInteger(step) || step < 0 || step >= index)
        throw new ProtocolError("A condition must be about an earlier step.");
      return { type, step };
    case "not":
      return { type, cond: inner(cond) };
    case "and":
    case "or":
      return { type, conds: toArray(conds, "conds").map(inner) };
    case "is_autocommit":
      if (form === "v2")
        throw new ProtocolError("The condition is_autocommit needs version 3 of the protocol.");
      return { type };
    default:
      throw new ProtocolError(`There is no condition of type ${JSON.stringify(type)?.slice(0, 50)}.`);
  }
}

function parseQuery(json: unknown): Query {
  const stmt = toObject(json, "stmt");
  const wantRows = stmt.want_rows ?? true;
  if (typeof wantRows !== "boolean") throw new ProtocolError("want_rows must be true or false.");
  return { ...parseSource(stmt), args: parseArguments(stmt), wantRows };
}

function parseArguments({ args, named_args: named }: Json): Arguments | SqlError {
  const values = toArray(args ?? [], "args", Number.POSITIVE_INFINITY);
  const pairs = toArray(named ?? [], "named_args", Number.POSITIVE_INFINITY);
  try {
    return { positional: values.map(parseValue), named: pairs.map(parsePair) };
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

function parsePair(json: unknown): { name: string; value: SqlValue } {
  const { name, value } = toObject(json, "A named argument");
  if (typeof name !== "string") throw new ProtocolError("A named argument needs a name.");
  return { name, value: parseValue(value) };
}

function parseSource({ sql, sql_id: id }: Json): Source {
  const [hasText, hasId] = [sql !== undefined && sql !== null, id !== undefined && id !== null];
  if (hasText === hasId) throw new ProtocolError("Exactly one of sql and sql_id must be given.");
  if (hasId) return { id: toId(id) };
  if (typeof sql !== "string") throw new ProtocolError("sql must be a string.");
  return { sql };
}

function toObject(json: unknown, what: string): Json {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  throw new ProtocolError(`${what} must be an object.`);
}

function toArray(json: unknown, what: string, max: number = LIMITS.steps): readonly unknown[] {
  if (!Array.isArray(json)) throw new ProtocolError(`${what} must be an array.`);
  if (json.length > max)
    throw new ProtocolError(
      `${what} may have at most ${max} entries, not ${json.length}.`,
      "TOO_MANY_REQUESTS",
    );
  return json;
}

function toId(json: unknown): number {
  if (typeof json === "number" && Number.isInteger(json) && Math.abs(json) < 2 ** 31) return json;
  throw new ProtocolError("sql_id must be a 32-bit integer.");
}
