/** What all routes share: ids, errors, pages, and how query parameters are read. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { parseInstant } from "./instant.ts";

/** Says on an answer to a save whether the new version could be built: `ok` or `failed`. */
export const BUILD_HEADER = "x-hamlet-build";

// Without a flag, because a JSON schema's pattern has none.
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** A UUID of any version, in lower case once it is parsed. */
export const uuid = z.string().regex(UUID, "must be a UUID").toLowerCase().openapi({ format: "uuid" });

/** An ISO 8601 date-time in UTC. */
export const dateTime = z.string().openapi({ format: "date-time" });

/** An absolute URL. */
export const link = z.string().openapi({ format: "uri" });

/** Every error that the API answers with. `code` is there when a parameter or the body is not valid. */
export const errorSchema = z
  .object({
    statusCode: z.int().openapi({ example: 404 }),
    error: z.string().openapi({ example: "Not Found" }),
    message: z.string().openapi({ example: "This val could not be found" }),
    code: z.string().optional().openapi({ example: "FST_ERR_VALIDATION" }),
  })
  .openapi("Error");

/** A page of a list. Follow `links.next` as it is; it is missing on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item),
    links: z.object({ self: link, prev: link.optional(), next: link.optional() }),
  });

const ERRORS = {
  400: "A parameter or the body is not valid.",
  401: "The token is missing, unknown, expired or revoked.",
  403: "The token lacks a scope, or the val belongs to someone else.",
  404: "There is no such thing, or it may not be seen.",
  409: "The name or path is taken.",
  413: "The body is too large.",
  415: "The body is not JSON, or does not say so.",
  422: "What was asked for is well-formed, but cannot be done.",
  429: "Too many requests in a short time; `retry-after` says when to come again.",
  502: "What is needed for it elsewhere could not be had.",
  503: "Too much is waiting; `retry-after` says when to come again.",
} as const;

type ErrorStatus = keyof typeof ERRORS;

/** The error answers of a route, for its contract. */
export function errors<S extends ErrorStatus>(...statuses: S[]) {
  const entries = statuses.map((status) => [
    status,
    { description: ERRORS[status], content: { "application/json": { schema: errorSchema } } },
  ]);
  return Object.fromEntries(entries) as Record<
    S,
    { description: string; content: { "application/json": { schema: typeof errorSchema } } }
  >;
}

/** The JSON answer of a route, for its contract. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** The JSON body of a request, for its contract. */
export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});

/** Clients send an option that was not set as the text `undefined` or as nothing at all. */
function dropAbsent(value: unknown): unknown {
  return value === "undefined" || value === "" ? undefined : value;
}

type Documentation = Record<string, unknown>;

/** An optional query parameter. `documentation` is its JSON schema, because that of a transformation is not derived. */
export function optionalParam<T extends z.ZodType>(schema: T, documentation: Documentation) {
  const reader = z.preprocess(dropAbsent, schema.optional());
  return reader.openapi({ type: "string", ...documentation, param: { required: false } });
}

const digits = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number, 0 or more")
  .transform(Number);

/** An optional whole number in the query. */
export const optionalInteger = (description: string, minimum = 0, maximum?: number) =>
  optionalParam(
    digits.pipe(maximum === undefined ? z.number().min(minimum) : z.number().min(minimum).max(maximum)),
    { type: "integer", minimum, ...(maximum === undefined ? {} : { maximum }), description },
  );

/** An optional `true` or `false` in the query. */
export const optionalBoolean = (description: string) =>
  optionalParam(
    z.enum(["true", "false"], "must be true or false").transform((text) => text === "true"),
    { type: "boolean", description },
  );

/** An optional UUID in the query. */
export const optionalUuid = (description: string) => optionalParam(uuid, { format: "uuid", description });

/** An optional date-time in the query, as epoch nanoseconds. */
export const optionalInstant = (description: string) =>
  optionalParam(
    z.string().transform((text, context) => {
      const instant = parseInstant(text);
      if (instant !== undefined) return instant;
      context.addIssue({ code: "custom", message: "must be an ISO 8601 date-time" });
      return z.NEVER;
    }),
    { format: "date-time", description },
  );

/** An optional list in the query, its name repeated for each item. */
export const optionalList = <T extends z.ZodType>(item: T, maximum: number, documentation: Documentation) => {
  const reader = z.preprocess((value) => {
    const items = (Array.isArray(value) ? value : [value]).filter((one) => dropAbsent(one) !== undefined);
    return items.length === 0 ? undefined : items;
  }, z.array(item).max(maximum).optional());
  return reader.openapi({ type: "array", maxItems: maximum, ...documentation, param: { required: false } });
};

/** `limit` of every list: 1 to 100, 20 unless told otherwise. */
export const limit = optionalInteger("How many items at most; 20 unless told otherwise.", 1, 100);

/** `offset` of lists that are paged by position. */
export const offset = optionalInteger("How many items to pass over; 0 unless told otherwise.");

/** The size of a page when none was asked for. */
export const DEFAULT_LIMIT = 20;
