import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, link, uuid } from "./common.ts";

const headers = z
  .record(z.string(), z.string())
  .openapi({ description: "By name in lower case; empty when there are none on record." });

/** One call and what was logged for it. */
export const callSchema = z
  .object({
    traceId: z.string(),
    val: z
      .object({ id: uuid, name: z.string().nullable() })
      .openapi({ description: "Without a name: it is gone." }),
    file: z.object({ id: uuid, path: z.string().nullable() }),
    branchId: uuid,
    version: z.int(),
    call: z
      .object({
        kind: z.string().openapi({
          description: "What started it: `http`, `websocket`, `interval`, `email` or `script`.",
          example: "http",
        }),
        method: z.string(),
        url: z.string(),
        status: z.int().nullable(),
        requestHeaders: headers,
        responseHeaders: headers,
        error: z
          .string()
          .nullable()
          .openapi({ description: "What kind of failure it was.", example: "val_died" }),
        startedAt: dateTime,
        firstByteAt: dateTime.nullable(),
        endedAt: dateTime.nullable(),
        durationMs: z.number().nullable(),
        cold: z.boolean(),
        aborted: z
          .boolean()
          .openapi({ description: "The visitor left before the end, or nobody wanted it any more." }),
        worker: z.string().nullable(),
        bytesIn: z.int(),
        bytesOut: z.int(),
      })
      .nullable()
      .openapi({ description: "Null when it has just begun, or was one of too many in a second." }),
    logs: z
      .array(
        z.object({
          at: dateTime,
          level: z.string(),
          stream: z.enum(["stdout", "stderr"]),
          text: z.string().openapi({ description: "With the stack, if it is an error." }),
        }),
      )
      .openapi({ description: "In order; of very many the last ones." }),
    moreLogs: z
      .boolean()
      .openapi({ description: "Whether there are earlier ones: `links.logs` has them all." }),
    links: z.object({ self: link, logs: link }),
  })
  .openapi("Call");

/** `GET /v3/traces/{trace_id}`: one call of a val of the token owner's. Anybody else's is not found. */
export const getTrace = createRoute({
  method: "get",
  path: "/v3/traces/{trace_id}",
  operationId: "getTrace",
  tags: ["telemetry"],
  summary: "One call with its log lines and stack traces",
  description:
    "Its id is in the header `x-hamlet-trace` of the val's answer; what the clock, a mail or a person started has one too. With `Accept: text/html` it is a page for people.",
  request: {
    params: z.object({
      trace_id: z
        .string()
        .regex(/^[0-9a-fA-F]{32}$/, "must be 32 hexadecimal digits, as in the header x-hamlet-trace")
        .toLowerCase(),
    }),
  },
  responses: {
    200: {
      description: "The call.",
      content: { "application/json": { schema: callSchema }, "text/html": { schema: z.string() } },
    },
    ...errors(400, 401, 403, 404),
  },
});
