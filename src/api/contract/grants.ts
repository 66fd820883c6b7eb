import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, uuid } from "./common.ts";

/** What the caller allowed an app. */
export const grantSchema = z
  .object({
    id: uuid,
    client: z.object({
      id: z.string().openapi({ example: "val_town_vt" }),
      name: z.string().nullable().openapi({ description: "What the app calls itself.", example: "vt" }),
      url: z.string().nullable().openapi({ description: "Where it says that it is at home." }),
    }),
    scopes: z.array(z.string()).openapi({ example: ["project_rw", "user_r"] }),
    createdAt: dateTime,
  })
  .openapi("Grant");

/** `GET /v3/me/grants` */
export const listGrants = createRoute({
  method: "get",
  path: "/v3/me/grants",
  operationId: "listGrants",
  tags: ["account"],
  summary: "Apps that may use the account",
  description:
    "What the caller allowed apps by OAuth, the newest first. One app may have several, one for each device.",
  responses: {
    200: json(z.object({ data: z.array(grantSchema) }), "The grants."),
    ...errors(401, 403),
  },
});

/** `DELETE /v3/me/grants/{id}` */
export const deleteGrant = createRoute({
  method: "delete",
  path: "/v3/me/grants/{grant_id}",
  operationId: "deleteGrant",
  tags: ["account"],
  summary: "Take back what an app was allowed",
  description: "Its tokens are refused from now on.",
  request: { params: z.object({ grant_id: uuid }) },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});
