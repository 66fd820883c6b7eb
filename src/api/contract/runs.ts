import { z } from "@hono/zod-openapi";
import { MAX_PATH } from "../../val/name.ts";
import { createRoute } from "./access.ts";
import { body, dateTime, errorSchema, errors, json, uuid } from "./common.ts";
import { mailTakenSchema, testMailSchema } from "./email.ts";
import { diagnosticSchema } from "./files.ts";

/** One line that a run has written. */
export const runLineSchema = z
  .object({ at: dateTime, level: z.string(), stream: z.enum(["stdout", "stderr"]), text: z.string() })
  .openapi("RunLine");

/** What became of a run. */
export const runSchema = z
  .object({
    status: z.enum(["ok", "failed"]),
    traceId: z.string(),
    version: z.int().min(0).openapi({ description: "That of the branch which was run." }),
    value: z.string().optional().openapi({
      description: "The default export of a script as text, shortened; missing when there is none.",
      example: 'Map(1) { "a" => [ 1, 2 ] }',
    }),
    error: z
      .object({ name: z.string(), message: z.string(), stack: z.string() })
      .optional()
      .openapi({ description: "What was thrown, or why it was stopped." }),
    reason: z.string().optional().openapi({
      description: "The kind of failure: `val_threw`, `val_died`, `time_limit` and others.",
      example: "val_threw",
    }),
    durationMs: z.number(),
    logs: z.array(runLineSchema).openapi({ description: "What it wrote; of very much the beginning." }),
    droppedLogs: z.int().min(0).openapi({ description: "How many more lines there are in its trace." }),
  })
  .openapi("Run");

/** A version that could not be built, where something of it was to be run. */
export const unbuiltSchema = errorSchema
  .extend({ version: z.int().min(0), diagnostics: z.array(diagnosticSchema) })
  .openapi("Unbuilt");

/** The answers of what starts a file and waits for its end. */
export const runOutcomes = {
  200: {
    description: "What became of it; or, while it runs, events.",
    content: { "application/json": { schema: runSchema }, "text/event-stream": { schema: z.string() } },
  },
  422: json(unbuiltSchema, "It could not be built."),
};

/** `POST /v3/vals/{val_id}/run`: runs one file by hand. */
export const runFile = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/run",
  operationId: "runFile",
  tags: ["runs"],
  summary: "Run a file of a val",
  description:
    "Builds the file if need be, imports it in a process of its own with the val's variables, and answers when its evaluation has ended, top-level `await` included, and what it gave to `waitUntil`. " +
    "The handler of a file of type `interval` is called as the clock would call it, and the answer comes when that has ended. " +
    "With `Accept: text/event-stream` its output comes while it runs, as events `start`, `log` and `dropped`; the last one is `result`, or `error` when it failed. " +
    "It is stopped when the caller leaves.",
  request: {
    params: z.object({ val_id: uuid }),
    body: body(
      z.object({
        path: z.string().min(1).max(MAX_PATH).openapi({ example: "main.ts" }),
        branchId: uuid.optional().openapi({ description: "main unless told otherwise." }),
        version: z.int().min(0).optional().openapi({ description: "The newest unless told otherwise." }),
      }),
    ),
  },
  responses: { ...runOutcomes, ...errors(400, 401, 403, 404, 413, 415, 429, 503) },
});

/** The answer of an endpoint. */
export const invokedSchema = z
  .object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    encoding: z.enum(["text", "base64"]).openapi({ description: "base64 when it is no UTF-8." }),
    truncated: z.boolean().openapi({ description: "There is more of the body than is shown." }),
    traceId: z.string().nullable(),
    durationMs: z.number(),
  })
  .openapi("Invoked");

/** `POST /v3/files/{file_id}/invoke`: calls an endpoint as a visitor would, or runs a script or an interval file. */
export const invokeFile = createRoute({
  method: "post",
  path: "/v3/files/{file_id}/invoke",
  operationId: "invokeFile",
  tags: ["runs"],
  summary: "Call an endpoint, or run a script or an interval file now",
  description:
    "An HTTP file gets a request like a visitor's and its answer is shown, up to 1 MB of the body. An email file gets a mail as by `POST /v2/vals/{val_id}/files/email`, any other file of code, one of type `interval` too, is run as by `POST /v3/vals/{val_id}/run`; both need the scope `val:write` and the right to change the val.",
  request: {
    params: z.object({ file_id: uuid }),
    body: body(
      z.object({
        method: z
          .string()
          // Those that fetch knows: it sends others as GET.
          .regex(
            /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|get|head|post|put|patch|delete|options)$/,
            "must be a method such as POST",
          )
          .optional(),
        path: z.string().startsWith("/").max(8192).optional().openapi({ example: "/?name=ann" }),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.string().optional(),
        encoding: z
          .enum(["text", "base64"])
          .optional()
          .openapi({ description: "Of `body`; text unless told otherwise." }),
        email: testMailSchema.optional().openapi({ description: "What an email file gets." }),
      }),
    ),
  },
  responses: {
    200: {
      description: "The endpoint's answer, or what became of the run.",
      content: {
        "application/json": { schema: z.union([invokedSchema, runSchema]) },
        "text/event-stream": { schema: z.string() },
      },
    },
    202: json(mailTakenSchema, "A mail is kept, and delivered soon."),
    422: runOutcomes[422],
    ...errors(400, 401, 403, 404, 413, 415, 429, 503),
  },
});
