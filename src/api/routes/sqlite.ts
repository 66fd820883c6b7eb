import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { SqliteService } from "../../services/sqlite.ts";
import { SqliteError } from "../../services/sqlite-error.ts";
import { LIMITS } from "../../services/sqlite-protocol.ts";
import type { StatementInput } from "../../services/sqlite-results.ts";
import type { Store } from "../../store/store.ts";
import { statementsOf } from "../../val/sql-tokens.ts";
import { globalSqlite, orgSqlite, valSqlite } from "../contract/sqlite.ts";
import { scopeOf, viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { ApiError, problem, SCOPE_MISSING } from "./problem.ts";
import { addSqliteDumpRoutes } from "./sqlite-dump.ts";

const PIPELINE = /\/sqlite\/(.*)$/;
/** What a client library looks for: exactly this, without a charset. */
const JSON_TYPE = "application/json";
const READING = new Set(["SELECT", "VALUES", "EXPLAIN"]);

export function addSqliteRoutes(app: App, tools: Tools): void {
  const { store, services } = tools;
  const { sqlite } = services;
  if (sqlite === undefined) return;
  addSqliteDumpRoutes(app, tools);
  for (const { execute, batch, pipeline } of [globalSqlite, valSqlite, orgSqlite]) {
    const limited = bodyLimit({
      maxSize: LIMITS.requestBytes,
      onError: () => problem(413, `Request body is too large: at most ${LIMITS.requestBytes} bytes are read`),
    });
    app.openapi({ ...execute, middleware: limited }, async (c) => {
      const { statement } = c.req.valid("json");
      const scope = await scopeOf(c, store);
      if (!onlyReads(c, [statement])) return c.json(present(await sqlite.execute(scope, statement)), 200);
      const [result] = await sqlite.batch(scope, [statement], "read");
      return c.json(present(result!), 200);
    });
    app.openapi({ ...batch, middleware: limited }, async (c) => {
      const { statements, mode } = c.req.valid("json");
      const scope = await scopeOf(c, store);
      const results = await sqlite.batch(scope, statements, onlyReads(c, statements) ? "read" : mode);
      return c.json(results.map(present), 200);
    });
    app.describe(pipeline);
    const base = pipeline.path.replace(/\{(\w+_id)\}/, ":$1").replace("/{version}/pipeline", "");
    // Whatever is asked of it: what a pipeline does is known only to a process that knows nothing of tokens.
    app.byHand({ row: pipeline, method: "ALL", path: `${base}/*`, refuse: toRefusal }, (c) =>
      pipe(c, { store, sqlite }),
    );
  }
}

type ResultSet = Awaited<ReturnType<SqliteService["execute"]>>;

function present({ columns, columnTypes, rows, ...rest }: ResultSet) {
  return { columns: [...columns], columnTypes: [...columnTypes], rows: rows.map((row) => [...row]), ...rest };
}

/**
 * Whether the caller's token only lets them read. Then the statements must be such that nothing ends the transaction
 * that does not write, in which they are run.
 */
function onlyReads(c: Context<Env>, statements: readonly StatementInput[]): boolean {
  if (viewerOf(c).permits("sqlite:write")) return false;
  for (const statement of statements) {
    for (const { verb } of statementsOf(typeof statement === "string" ? statement : statement.sql))
      if (!READING.has(verb)) throw new ApiError(403, SCOPE_MISSING);
  }
  return true;
}

/** One request of a client library. Its errors have another form than those of the API. */
async function pipe(
  c: Context<Env>,
  { store, sqlite }: { store: Store; sqlite: SqliteService },
): Promise<Response> {
  try {
    const [, path = ""] = PIPELINE.exec(c.req.path) ?? [];
    return await sqlite.hrana(await scopeOf(c, store), path, c.req.raw);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof SqliteError)) throw error;
    return answerRefusal(error.status, error.message, error.code ?? "REFUSED");
  }
}

/** What the table of access refuses. */
function toRefusal({ status, message }: ApiError): Response {
  return answerRefusal(status, message, status === 401 ? "UNAUTHORIZED" : "FORBIDDEN");
}

function answerRefusal(status: number, message: string, code: string): Response {
  return new Response(JSON.stringify({ message, code }), {
    status,
    headers: { "content-type": JSON_TYPE },
  });
}
