/** What lives in the town, for whoever looks around. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { errors, json, limit, optionalParam, optionalUuid, pageOf } from "./common.ts";
import { cursor, valSchema } from "./vals.ts";

/** `GET /v3/vals`: as `GET /v2/vals`, but that needs a token. */
export const listTownVals = createRoute({
  method: "get",
  path: "/v3/vals",
  operationId: "listTownVals",
  tags: ["vals"],
  summary: "Public vals of the town or of one account, and one's own, the newest first",
  description: "Without a token: what is public. With one also what is the caller's.",
  request: {
    query: z.object({
      limit,
      cursor,
      username: optionalParam(z.string(), { description: "Only vals of this user or organization." }),
      user_id: optionalUuid("The same by id."),
    }),
  },
  responses: { 200: json(pageOf(valSchema), "A page of vals."), ...errors(400, 401, 403, 404) },
});
