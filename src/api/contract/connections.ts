import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json } from "./common.ts";

const token = z.string().min(1).max(8192);
const email = z.string().min(1).max(320).openapi({ example: "me@example.org" });
const teamId = z.string().min(1).max(32).openapi({ example: "T0123456789" });

/** A third-party account. Its tokens are never told here. */
export const connectionSchema = z
  .object({
    provider: z.enum(["google-docs", "slack"]),
    account: z.string().openapi({ description: "The e-mail address, or the id of the workspace." }),
    scopes: z.array(z.string()),
    expiresAt: dateTime
      .nullable()
      .openapi({ description: "When its access token ends; it is renewed then." }),
    createdAt: dateTime,
    updatedAt: dateTime,
  })
  .openapi("Connection");

const tokens = {
  accessToken: token,
  refreshToken: token
    .optional()
    .openapi({ description: "With it the access token is renewed when it has ended." }),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  scopes: z.array(z.string().min(1).max(256)).max(100).optional(),
};

const BASE = "/v3/connections";
const describePut = (summary: string) => ({
  method: "put" as const,
  tags: ["connections"],
  summary,
  description:
    "The tokens are kept encrypted with the town's own key. Where they are renewed is the operator's choice, and no part of the request.",
});
const stored = { 200: json(connectionSchema, "It is stored."), ...errors(400, 401, 403, 413, 415) };

/** `GET /v3/connections` */
export const listConnections = createRoute({
  method: "get",
  path: BASE,
  operationId: "listConnections",
  tags: ["connections"],
  summary: "Third-party accounts of one's own, without their tokens",
  description: "Google accounts and Slack workspaces whose tokens are stored here.",
  responses: { 200: json(z.array(connectionSchema), "All of them."), ...errors(401, 403) },
});

/** `PUT /v3/connections/google-docs` */
export const putGoogle = createRoute({
  ...describePut("Store the tokens of a Google account"),
  path: `${BASE}/google-docs`,
  operationId: "putGoogleConnection",
  request: { body: body(z.object({ email, ...tokens }).openapi("NewGoogleConnection")) },
  responses: stored,
});

/** `PUT /v3/connections/slack` */
export const putSlack = createRoute({
  ...describePut("Store the tokens of a Slack workspace"),
  path: `${BASE}/slack`,
  operationId: "putSlackConnection",
  request: { body: body(z.object({ teamId, ...tokens }).openapi("NewSlackConnection")) },
  responses: stored,
});

/** `DELETE /v3/connections/{provider}/{account}` */
export const deleteConnection = createRoute({
  method: "delete",
  path: `${BASE}/{provider}/{account}`,
  operationId: "deleteConnection",
  tags: ["connections"],
  summary: "Forget a third-party account",
  description: "Its tokens are removed here, not at the provider.",
  request: { params: z.object({ provider: z.enum(["google-docs", "slack"]), account: z.string() }) },
  responses: { 204: { description: "It is forgotten." }, ...errors(400, 401, 403, 404) },
});

const describeToken = (summary: string) => ({
  method: "post" as const,
  tags: ["connections"],
  summary,
  description:
    "Renews it first when it has ended. For one's own API tokens, sessions and vals; applications that act by OAuth are refused.",
});

/** `POST /v3/connections/google-docs/token` */
export const googleToken = createRoute({
  ...describeToken("An access token of a Google account"),
  path: `${BASE}/google-docs/token`,
  operationId: "getGoogleToken",
  request: { body: body(z.object({ email }).openapi("GoogleTokenRequest")) },
  responses: {
    200: json(
      z.object({ access_token: z.string(), granted_scopes: z.array(z.string()).optional() }),
      "The access token.",
    ),
    ...errors(400, 401, 403, 404, 413, 415, 502),
  },
});

/** `POST /v3/connections/slack/token` */
export const slackToken = createRoute({
  ...describeToken("An access token of a Slack workspace"),
  path: `${BASE}/slack/token`,
  operationId: "getSlackToken",
  request: { body: body(z.object({ team_id: teamId }).openapi("SlackTokenRequest")) },
  responses: {
    200: json(z.object({ access_token: z.string() }), "The access token."),
    ...errors(400, 401, 403, 404, 413, 415, 502),
  },
});
