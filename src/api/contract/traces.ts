import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, link, uuid } from "./common.ts";

const headers = z.record(z.string(), z.string()).openapi({
  description:
    "By name in lower case, values of one name joined by a comma. Of each side the first 64 lines, and the first 8 kB. Of credentials (`authorization`, `cookie`, `set-cookie`) only that they were there: `(hidden)`.",
});

const ms = z.number().openapi({ description: "Milliseconds since the call began." });

const passage = z
  .object({
    bars: z.array(z.tuple([ms, z.int().openapi({ description: "Bytes." })])).openapi({
      description:
        "Each piece of the body as it passed through the town: when, and how large. In order, at most 256. Of more pieces, those that passed within `grainMs` are one bar; a pause that is longer is always to be seen. What a val writes at once may come in several pieces.",
      example: [
        [12.5, 4],
        [112.9, 4],
      ],
    }),
    bytes: z.int(),
    pieces: z.int(),
    grainMs: z.int().openapi({ description: "0: each bar is one piece." }),
    firstMs: ms.nullable().openapi({ description: "When the first byte passed." }),
    lastMs: ms.nullable().openapi({ description: "When the last byte passed, so far." }),
  })
  .openapi("Passage");

const timeline = z
  .object({
    headMs: ms.nullable().openapi({ description: "When the head of the answer came; null: not (yet)." }),
    request: passage,
    response: passage,
    end: z.enum(["complete", "visitor_left", "broke_off", "no_answer"]).nullable().openapi({
      description:
        "How it ended: whole; because the visitor left; because the answer broke off; or before there was any of the val. Null: not yet.",
    }),
  })
  .nullable()
  .openapi("Timeline", {
    description:
      "How the bodies of request and answer passed over time. Of a call that lasts, how it was when it had lasted for a second. Null: it is no ordinary web request (`websocket`, `interval`, …), or was on record before this was kept.",
  });

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
    timeline,
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
  summary: "One call with its log lines, stack traces and timeline",
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
