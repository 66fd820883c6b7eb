import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { errors, json, link, uuid } from "./common.ts";

/** A person or an organization as anyone may see it. */
export const userSchema = z
  .object({
    id: uuid,
    type: z.enum(["user", "org"]),
    bio: z.string().nullable(),
    username: z.string().nullable().openapi({ example: "ann" }),
    profileImageUrl: z.string().nullable(),
    url: link,
    links: z.object({ self: link }),
  })
  .openapi("User");

/** The token's owner. */
export const meSchema = userSchema
  .extend({ tier: z.enum(["free", "pro", "business"]).nullable(), email: z.string().nullable() })
  .openapi("Me");

/** `GET /v1/me`: whose token is this? */
export const getMe = createRoute({
  method: "get",
  path: "/v1/me",
  operationId: "getMe",
  tags: ["users"],
  summary: "The owner of the token",
  description:
    "The cheapest way to find out whether a token works: it is answered with 401 when it does not.",
  responses: { 200: json(meSchema, "The owner of the token."), ...errors(401, 403) },
});

/** `GET /v1/users/{user_id}` */
export const getUser = createRoute({
  method: "get",
  path: "/v1/users/{user_id}",
  operationId: "getUser",
  tags: ["users"],
  summary: "A user or organization by id",
  description: "A person or an organization.",
  request: { params: z.object({ user_id: uuid }) },
  responses: { 200: json(userSchema, "The user."), ...errors(400, 401, 403, 404) },
});

/** `GET /v1/alias/{username}`: the name is compared without regard to case. */
export const getUserByName = createRoute({
  method: "get",
  path: "/v1/alias/{username}",
  operationId: "getUserByName",
  tags: ["users"],
  summary: "A user or organization by name",
  description: "The name is compared without regard to case.",
  request: { params: z.object({ username: z.string() }) },
  responses: { 200: json(userSchema, "The user."), ...errors(401, 403, 404) },
});
