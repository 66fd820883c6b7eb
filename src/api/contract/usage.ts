import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { errors, json, uuid } from "./common.ts";

const count = z.int().min(0);
const limitOf = (description: string) =>
  z
    .number()
    .nullable()
    .openapi({ description: `${description} \`null\`: there is no limit.` });

/** What an account has, beside what it may have. */
export const usageSchema = z
  .object({
    vals: z.object({ total: count, public: count, unlisted: count, private: count }),
    files: count.openapi({ description: "In all branches of all vals, without directories." }),
    blobs: z.object({ count, bytes: count, quota: limitOf("Bytes of all blobs together.") }),
    databases: z
      .array(
        z.object({
          scope: z.enum(["account", "val"]),
          valId: uuid.nullable(),
          name: z.string().nullable().openapi({ description: "Of the val." }),
          bytes: count,
          quota: limitOf("The largest that it may become, bytes."),
        }),
      )
      .openapi({ description: "Those that there are; of vals, those of the latest thousand." }),
    runs: z
      .object({ today: count, last30Days: count })
      .openapi({ description: "Calls of the vals; days are those of UTC." }),
    mails: z.object({
      today: count,
      received: z
        .object({ today: count, waiting: count, bytes: count, quota: limitOf("Bytes of those that wait.") })
        .openapi({ description: "Mails that came for vals; one to several files counts for each." }),
    }),
    tokens: count.openapi({ description: "API tokens that are good." }),
    limits: z.object({
      mailsPerMinute: limitOf("Mails of a user in a minute."),
      modelCallsPerMinute: limitOf("Calls of the model server by a user in a minute."),
      requestBytes: limitOf("Largest request body that a visitor may send to a val."),
      workersPerFile: limitOf("Workers at once of one file of a val."),
      workerMemoryBytes: limitOf("Memory of one worker."),
      requestsInFlightPerVal: limitOf("Requests in flight at once in one val."),
      minPeriodSeconds: limitOf("Shortest time between two runs of one schedule."),
    }),
  })
  .openapi("Usage");

/** `GET /v3/me/usage` */
export const getMyUsage = createRoute({
  method: "get",
  path: "/v3/me/usage",
  operationId: "getMyUsage",
  tags: ["users"],
  summary: "What one's account has and may have",
  description: "What there is, beside the limits that the operator has set.",
  responses: { 200: json(usageSchema, "The account's usage."), ...errors(401, 403) },
});

/** `GET /v3/orgs/{org_id}/usage` */
export const getOrgUsage = createRoute({
  method: "get",
  path: "/v3/orgs/{org_id}/usage",
  operationId: "getOrgUsage",
  tags: ["orgs"],
  summary: "What an organization has and may have",
  description: "For its members. What is not one of theirs is answered as one that does not exist.",
  request: { params: z.object({ org_id: uuid }) },
  responses: { 200: json(usageSchema, "The organization's usage."), ...errors(400, 401, 403, 404) },
});
