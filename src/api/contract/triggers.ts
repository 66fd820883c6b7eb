import { z } from "@hono/zod-openapi";
import { FILE_TYPES } from "../../val/file.ts";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, link, offset, pageOf, uuid } from "./common.ts";

const fileParams = z.object({ file_id: uuid });
const domainParams = z.object({ host: z.string().min(1).max(300) });

/** What starts a file, and where. */
export const triggerSchema = z
  .object({
    type: z.enum(FILE_TYPES),
    endpoints: z
      .array(link)
      .openapi({ description: "Every address that leads to it; empty unless its type is http." }),
    subdomain: z.string().nullable(),
    emailAddresses: z.array(z.string()).openapi({
      description:
        "Every address at which it gets mail, the one for life first; empty unless its type is email.",
      example: ["ann-0198a3b4111172228333444455556666@mail.example", "ann.letters@mail.example"],
    }),
    emailName: z
      .string()
      .nullable()
      .openapi({ description: "What its owner chose to stand before the @ of one of them." }),
    customDomains: z
      .array(z.object({ host: z.string(), verified: z.boolean() }))
      .openapi({ description: "Those that are not verified are shown to their owner only." }),
    schedule: z
      .string()
      .nullable()
      .openapi({ description: "Of an interval file, null of any other.", example: "every 15 minutes" }),
    timeZone: z.string().nullable().openapi({ example: "Europe/Berlin" }),
    paused: z.boolean().nullable(),
    nextRuns: z.array(dateTime).openapi({
      description: "The next five, in the time zone; none while it is paused.",
      example: ["2026-10-25T02:30:00+02:00"],
    }),
    lastRunAt: dateTime
      .nullable()
      .openapi({ description: "When a run of an interval file began last, by the clock or by hand." }),
  })
  .openapi("Trigger");

/** `GET /v3/files/{file_id}/trigger` */
export const getTrigger = createRoute({
  method: "get",
  path: "/v3/files/{file_id}/trigger",
  operationId: "getTrigger",
  tags: ["triggers"],
  summary: "What starts a file, and where",
  description:
    "All addresses of an endpoint: of its id, of its val, its subdomain and its domains. Or all of an email file: of its id, of its val, of its owner's choice. Or the schedule of an interval file, and when it runs next.",
  request: { params: fileParams },
  responses: { 200: json(triggerSchema, "The trigger."), ...errors(400, 401, 403, 404) },
});

/** `PATCH /v3/files/{file_id}/trigger` */
export const updateTrigger = createRoute({
  method: "patch",
  path: "/v3/files/{file_id}/trigger",
  operationId: "updateTrigger",
  tags: ["triggers"],
  summary: "Change what starts a file",
  description:
    "An endpoint gets a subdomain, of 3 to 63 letters, digits and single dashes; an email file a name to stand before the @ of an address, of 1 to 64 letters, digits, - and _. Both are first come, first served, and null gives them up. One that is given up stays its last owner's for 90 days. An account has at most 20 of each. `schedule`, `timeZone` and `paused` are for interval files: `every 15 minutes`, `every 2 hours`, `every day`, or five fields, which are minute, hour, day of the month, month and day of the week. A new schedule counts from then on; one that is no longer paused begins with its next time, and makes up for nothing.",
  request: {
    params: fileParams,
    body: body(
      z
        .object({
          subdomain: z.string().max(100).nullable().optional().openapi({ example: "shop" }),
          emailName: z.string().max(100).nullable().optional().openapi({ example: "letters" }),
          schedule: z.string().max(1000).optional().openapi({ example: "30 9 * * 1-5" }),
          timeZone: z.string().max(100).optional().openapi({
            description: "As the IANA calls it; UTC unless told otherwise.",
            example: "Europe/Berlin",
          }),
          paused: z.boolean().optional(),
        })
        // The rest is for files of other types.
        .openapi({ example: { schedule: "30 9 * * 1-5", timeZone: "Europe/Berlin", paused: false } }),
    ),
  },
  responses: {
    200: json(triggerSchema, "The trigger as it is now."),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** A domain of somebody's own. */
export const domainSchema = z
  .object({
    host: z.string(),
    fileId: uuid,
    verified: z.boolean(),
    verification: z
      .object({ type: z.literal("TXT"), name: z.string(), value: z.string() })
      .openapi({ description: "The record of its DNS that shows that it is yours; leave it there." }),
    target: z.string().openapi({
      description: "Where a CNAME record of the host must lead, so that visitors arrive.",
      example: "domains.web.example.net",
    }),
    createdAt: dateTime,
    verifiedAt: dateTime.nullable(),
  })
  .openapi("Domain");

/** `GET /v3/domains` */
export const listDomains = createRoute({
  method: "get",
  path: "/v3/domains",
  operationId: "listDomains",
  tags: ["domains"],
  summary: "One's domains",
  description: "Those of one's organizations too, verified or not.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(domainSchema), "A page of domains."), ...errors(400, 401, 403) },
});

/** `POST /v3/domains` */
export const createDomain = createRoute({
  method: "post",
  path: "/v3/domains",
  operationId: "createDomain",
  tags: ["domains"],
  summary: "Let a domain lead to an endpoint",
  description:
    "It is served once it is verified; what is not verified within 7 days is forgotten. A domain that the account has already leads to the new file from then on. An account has at most 10.",
  request: {
    body: body(
      z.object({ host: z.string().max(300).openapi({ example: "shop.example.org" }), fileId: uuid }),
    ),
  },
  responses: { 201: json(domainSchema, "The domain."), ...errors(400, 401, 403, 404, 413, 415, 422) },
});

/** `POST /v3/domains/{host}/verify` */
export const verifyDomain = createRoute({
  method: "post",
  path: "/v3/domains/{host}/verify",
  operationId: "verifyDomain",
  tags: ["domains"],
  summary: "Look whether a domain's TXT record is there",
  description:
    "Where another account has the domain, it changes hands only if that account's record is gone.",
  request: { params: domainParams },
  responses: {
    200: json(domainSchema, "It is verified and served."),
    ...errors(400, 401, 403, 404, 409, 422, 429),
  },
});

/** `DELETE /v3/domains/{host}` */
export const deleteDomain = createRoute({
  method: "delete",
  path: "/v3/domains/{host}",
  operationId: "deleteDomain",
  tags: ["domains"],
  summary: "Give a domain up",
  description: "It is free at once.",
  request: { params: domainParams },
  responses: { 204: { description: "It leads nowhere." }, ...errors(400, 401, 403, 404) },
});

/** `GET /v3/domains/ask`: for a proxy that makes certificates on demand. */
export const askDomain = createRoute({
  method: "get",
  path: "/v3/domains/ask",
  operationId: "askDomain",
  tags: ["domains"],
  summary: "Whether a host is served here",
  description: "For a proxy in front that makes certificates on demand, such as Caddy's `on_demand_tls`.",
  request: { query: z.object({ domain: z.string().min(1).max(300) }) },
  responses: {
    200: json(z.object({ host: z.string() }), "It is."),
    404: errors(404)[404],
    400: errors(400)[400],
  },
});
