import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, errors, json, uuid } from "./common.ts";

/** Longest SQL text, in UTF-16 code units. */
export const MAX_SQL = 100_000;
/** Most arguments of a statement, and most statements of a batch. */
export const MAX_ITEMS = 500;

const argument = z.union([z.null(), z.string(), z.number(), z.boolean()]);

/** One statement, with or without arguments. */
export const statementSchema = z
  .union([
    z.string().max(MAX_SQL),
    z.object({
      sql: z.string().max(MAX_SQL),
      args: z
        .union([
          z.array(argument).max(MAX_ITEMS),
          z
            .record(z.string(), argument)
            .refine(
              (args) => Object.keys(args).length <= MAX_ITEMS,
              `must have at most ${MAX_ITEMS} entries`,
            ),
        ])
        .optional()
        .openapi({
          description: "By position, or by name without the sign that stands before it in the SQL.",
        }),
    }),
  ])
  .openapi("Statement", { example: { sql: "select * from visits where id = ?", args: [1] } });

/** What a statement gave. Integers beyond 2^53 are strings, blobs are base64. */
export const resultSetSchema = z
  .object({
    columns: z.array(z.string()),
    columnTypes: z
      .array(z.string())
      .openapi({ description: "As they were declared; empty for expressions." }),
    rows: z.array(z.array(argument)),
    rowsAffected: z.int(),
    lastInsertRowid: z.union([z.string(), z.number()]).nullable(),
  })
  .openapi("ResultSet");

const READS = "A token that only reads can send what begins with SELECT, VALUES, WITH or EXPLAIN.";

/** The calls on one database. */
function describe(base: string, id: string, whose: string, params: Record<string, z.ZodType>) {
  const common = { method: "post" as const, tags: ["sqlite"] };
  const failures = errors(400, 401, 403, 404, 413, 415);
  return {
    execute: createRoute({
      ...common,
      path: `${base}/execute`,
      operationId: `execute${id}Sql`,
      summary: `Run a statement on the database of ${whose}`,
      description: READS,
      request: { params: z.object(params), body: body(z.object({ statement: statementSchema })) },
      responses: { 200: json(resultSetSchema, "What it gave."), ...failures },
    }),
    batch: createRoute({
      ...common,
      path: `${base}/batch`,
      operationId: `batch${id}Sql`,
      summary: `Run statements in one transaction on the database of ${whose}: all of them, or none`,
      description: READS,
      request: {
        params: z.object(params),
        body: body(
          z.object({
            statements: z.array(statementSchema).max(MAX_ITEMS),
            mode: z.enum(["write", "read", "deferred"]).optional(),
          }),
        ),
      },
      responses: { 200: json(z.array(resultSetSchema), "What each of them gave."), ...failures },
    }),
  };
}

const refusal = (description: string) =>
  json(z.object({ message: z.string(), code: z.string() }), description);

const PIPELINE_REFUSALS = {
  400: refusal("The body is not a pipeline, or its stream has ended."),
  401: refusal("The token is missing, unknown, expired or revoked."),
  403: refusal("The token lacks a scope, or the database belongs to someone else."),
  404: refusal("There is no such val, or it may not be seen."),
  413: refusal("The body is too large."),
};

/** What a client library of libSQL is pointed at; `base` is the URL to give it, with a slash at its end. */
function describePipeline(base: string, id: string, whose: string, params: Record<string, z.ZodType>) {
  return createRoute({
    method: "post",
    path: `${base}/{version}/pipeline`,
    operationId: `pipe${id}Sql`,
    tags: ["sqlite"],
    summary: `Hrana over HTTP on the database of ${whose}`,
    description: `For client libraries of libSQL, whose URL is \`${base}/\`. Errors are \`{message, code}\`.`,
    request: { params: z.object({ ...params, version: z.enum(["v2", "v3"]) }) },
    responses: {
      200: json(z.looseObject({}), "A result for each request."),
      ...PIPELINE_REFUSALS,
    },
  });
}

/** Whose val's database. */
export const sqliteValId = z
  .union([uuid, z.literal("self")])
  .openapi({ type: "string", description: "The val's id, or `self` with the token that a val is given." });
const valId = { val_id: sqliteValId };

/** The database of the token's owner's account, which all their vals share. */
export const globalSqlite = {
  ...describe("/v1/sqlite", "", "one's account", {}),
  pipeline: describePipeline("/v3/sqlite", "", "one's account", {}),
};

/** A val's own database, for the val itself and its owner. */
export const valSqlite = {
  ...describe("/v3/vals/{val_id}/sqlite", "Val", "a val", valId),
  pipeline: describePipeline("/v3/vals/{val_id}/sqlite", "Val", "a val", valId),
};

/** The database of an organization's account, which all its vals share, for its members. */
export const orgSqlite = {
  ...describe("/v3/orgs/{org_id}/sqlite", "Org", "an organization", { org_id: uuid }),
  pipeline: describePipeline("/v3/orgs/{org_id}/sqlite", "Org", "an organization", { org_id: uuid }),
};

/** The one by which values keep their types, by name: what the web app calls. */
export const pipeValSql = valSqlite.pipeline;
