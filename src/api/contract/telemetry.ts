import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import {
  errors,
  json,
  limit,
  optionalInstant,
  optionalList,
  optionalParam,
  optionalUuid,
  pageOf,
  uuid,
} from "./common.ts";

/** A value as OpenTelemetry writes it in JSON; exactly one of the fields is set. */
export const anyValueSchema = z
  .object({
    stringValue: z.string().optional(),
    intValue: z.string().optional(),
    doubleValue: z.number().optional(),
    boolValue: z.boolean().optional(),
  })
  .openapi("AnyValue");

/** A named value. */
export const attributeSchema = z.object({ key: z.string(), value: anyValueSchema }).openapi("Attribute");

/** One call of a val. `endTimeUnixNano` is `"0"` while it lasts. */
export const traceSchema = z
  .object({
    traceId: z.string(),
    name: z.string(),
    startTimeUnixNano: z.string(),
    endTimeUnixNano: z.string(),
    attributes: z.array(attributeSchema),
    status: z.object({ code: z.int(), message: z.string() }),
  })
  .openapi("Trace");

/** One line of output; `severityText` is the stream it was written to. */
export const logSchema = z
  .object({
    timeUnixNano: z.string(),
    traceId: z.string(),
    severityText: z.enum(["stdout", "stderr"]),
    body: anyValueSchema,
    attributes: z.array(attributeSchema),
  })
  .openapi("Log");

const window = {
  direction: optionalParam(z.enum(["asc", "desc"]), {
    enum: ["asc", "desc"],
    description: "By time; desc, the newest first, unless told otherwise.",
  }),
  limit,
  start: optionalInstant("Nothing before it."),
  end: optionalInstant("Only what is before it."),
  val_id: optionalUuid("Only of this val."),
  file_id: optionalUuid("Only of this file."),
  branch_ids: optionalList(uuid, 20, {
    items: { type: "string", format: "uuid" },
    description: "Only of these branches.",
  }),
};

/**
 * `GET /v1/telemetry/traces`: calls of the token owner's vals. With `direction=asc` every page that is not empty has a
 * `next` whose `start` is the first millisecond after it, so that one can go on asking for what is new; a page may
 * exceed `limit` when more calls than that share one millisecond.
 */
export const listTraces = createRoute({
  method: "get",
  path: "/v1/telemetry/traces",
  operationId: "listTraces",
  tags: ["telemetry"],
  summary: "Calls of one's vals",
  description:
    "Of the vals of one's own and of one's organizations. With `direction=asc` each page that is not empty has a `links.next`, whose `start` is just behind the page: so one can go on asking for what is new. A page may exceed `limit` when more calls than that fall into one millisecond. The form is OpenTelemetry's; `endTimeUnixNano` is `0` while a call lasts.",
  request: {
    query: z.object({
      ...window,
      order_by: optionalParam(z.enum(["start_time", "end_time"]), {
        enum: ["start_time", "end_time"],
        description: "Which time the window and the order are about; start_time unless told otherwise.",
      }),
    }),
  },
  responses: { 200: json(pageOf(traceSchema), "A page of traces."), ...errors(400, 401, 403) },
});

/** `GET /v1/telemetry/logs`: what the token owner's vals wrote. With `direction=asc` paged as traces are. */
export const listLogs = createRoute({
  method: "get",
  path: "/v1/telemetry/logs",
  operationId: "listLogs",
  tags: ["telemetry"],
  summary: "Output of one's vals",
  description: "Paged like traces.",
  request: {
    query: z.object({
      ...window,
      trace_ids: optionalList(z.string().length(32), 100, {
        items: { type: "string", minLength: 32, maxLength: 32 },
        description: "Only of these traces.",
      }),
    }),
  },
  responses: { 200: json(pageOf(logSchema), "A page of log lines."), ...errors(400, 401, 403) },
});

const followed = {
  val_id: optionalUuid("Only of this val."),
  file_id: optionalUuid("Only of this file."),
  branch_ids: optionalList(uuid, 20, {
    items: { type: "string", format: "uuid" },
    description: "Only of these branches.",
  }),
  trace_ids: optionalList(z.string().length(32), 100, {
    items: { type: "string", minLength: 32, maxLength: 32 },
    description: "Only of these traces.",
  }),
};
const position = z.object({
  "last-event-id": z
    .string()
    .regex(/^\d{1,15}$/, "must be the id of an event")
    .optional()
    .openapi({ description: "Go on after this event; without it, what is new is shown." }),
});
const LIVE =
  "Server-sent events whose data are items as in the lists, each with an id from which a new request goes on. `dropped` says that some were removed before they could be sent, `end` that the token is no longer good.";

/** `GET /v3/live/traces`: calls of the viewer's vals as they begin to last, and as they end. */
export const liveTraces = createRoute({
  method: "get",
  path: "/v3/live/traces",
  operationId: "liveTraces",
  tags: ["telemetry"],
  summary: "Calls of one's vals, as they come",
  description: `Events \`trace\`. A call that lasts over a second comes twice, first without an end. ${LIVE}`,
  request: { query: z.object(followed), headers: position },
  responses: {
    200: { description: "Events.", content: { "text/event-stream": { schema: z.string() } } },
    ...errors(400, 401, 403, 429),
  },
});

/** `GET /v3/live/logs`: what the viewer's vals write, as they write it. */
export const liveLogs = createRoute({
  method: "get",
  path: "/v3/live/logs",
  operationId: "liveLogs",
  tags: ["telemetry"],
  summary: "Output of one's vals, as it comes",
  description: `Events \`log\`, within a second. ${LIVE}`,
  request: { query: z.object(followed), headers: position },
  responses: {
    200: { description: "Events.", content: { "text/event-stream": { schema: z.string() } } },
    ...errors(400, 401, 403, 429),
  },
});
