/** One's own account: tokens, profile, deletion, what was done. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { SCOPES } from "../../val/scope.ts";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, link, offset, pageOf, uuid } from "./common.ts";
import { meSchema } from "./users.ts";

const scope = z.enum(SCOPES);

/** An API token without its secret. */
export const tokenSchema = z
  .object({
    id: uuid,
    label: z.string().openapi({ example: "my laptop" }),
    scopes: z.array(scope),
    createdAt: dateTime,
    lastUsedAt: dateTime.nullable().openapi({ description: "To the minute." }),
    expiresAt: dateTime.nullable(),
    current: z.boolean().openapi({ description: "Whether this request was made with it." }),
  })
  .openapi("Token");

/** A new API token. */
export const newTokenSchema = tokenSchema
  .extend({ token: z.string().openapi({ description: "The secret, told this once.", example: "vtwn_…" }) })
  .openapi("NewToken");

/** `GET /v3/me/tokens` */
export const listTokens = createRoute({
  method: "get",
  path: "/v3/me/tokens",
  operationId: "listTokens",
  tags: ["account"],
  summary: "One's API tokens, the newest first",
  description: "Their secrets are not kept, and so not told.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(tokenSchema), "A page of tokens."), ...errors(400, 401, 403) },
});

/** `POST /v3/me/tokens` */
export const createToken = createRoute({
  method: "post",
  path: "/v3/me/tokens",
  operationId: "createToken",
  tags: ["account"],
  summary: "Make an API token",
  description:
    "Never with more scopes than the caller has; without `scopes`, with as many. Neither a val nor an app that was let in by OAuth can make one.",
  request: {
    body: body(
      z.object({
        label: z.string().max(100).optional().openapi({ example: "my laptop" }),
        scopes: z.array(scope).min(1).max(SCOPES.length).optional(),
        expiresAt: z.iso.datetime({ offset: true }).nullish().openapi({ description: "Without it, never." }),
      }),
    ),
  },
  responses: { 201: json(newTokenSchema, "The token."), ...errors(400, 401, 403, 409, 413, 415) },
});

/** `DELETE /v3/me/tokens/{token_id}` */
export const deleteToken = createRoute({
  method: "delete",
  path: "/v3/me/tokens/{token_id}",
  operationId: "deleteToken",
  tags: ["account"],
  summary: "Revoke an API token",
  description: "It is good for nothing from this answer on.",
  request: { params: z.object({ token_id: uuid }) },
  responses: { 204: { description: "It is revoked." }, ...errors(400, 401, 403, 404) },
});

/** One's profile with what one has chosen. */
export const profileSchema = meSchema.extend({ failureMails: z.boolean() }).openapi("Profile");

/** `GET /v3/me` */
export const getProfile = createRoute({
  method: "get",
  path: "/v3/me",
  operationId: "getProfile",
  tags: ["account"],
  summary: "One's profile with what one has chosen",
  description: "As `GET /v1/me`, and what `PATCH` can change besides.",
  responses: { 200: json(profileSchema, "The profile."), ...errors(401, 403) },
});

/** `PATCH /v3/me` */
export const updateMe = createRoute({
  method: "patch",
  path: "/v3/me",
  operationId: "updateMe",
  tags: ["account"],
  summary: "Change one's profile",
  description:
    "What is left out stays as it is. A new `email` counts once the letter that is sent there has been answered; the answer still shows the former one. To change it takes the `password`, or a session that has just begun: whoever has the address can set the password.",
  request: {
    body: body(
      z.object({
        bio: z.string().max(500).nullish(),
        profileImageUrl: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .nullish(),
        email: z.string().max(254).nullish(),
        password: z.string().max(1024).optional(),
        failureMails: z
          .boolean()
          .optional()
          .openapi({ description: "Whether to be told by mail of runs that failed." }),
      }),
    ),
  },
  responses: { 200: json(profileSchema, "The profile."), ...errors(400, 401, 403, 413, 415, 429) },
});

/** `DELETE /v3/me` */
export const deleteMe = createRoute({
  method: "delete",
  path: "/v3/me",
  operationId: "deleteMe",
  tags: ["account"],
  summary: "Delete one's account",
  description:
    "Everything of it goes: vals with their endpoints, blobs, databases, tokens, sessions, mails, and the organizations without another member. It needs the password, or a session that began within the last ten minutes. Refused for the last owner of an organization that has other members, and for the only operator.",
  request: {
    body: {
      required: false,
      content: { "application/json": { schema: z.object({ password: z.string().max(1000).optional() }) } },
    },
  },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 409, 413, 415, 429) },
});

/** Something that was done. */
export const auditSchema = z
  .object({
    id: uuid,
    userId: uuid.nullable(),
    action: z.string().openapi({ example: "token.create" }),
    subject: z.string().nullable().openapi({ description: "Id or name of what it was done to." }),
    detail: z.record(z.string(), z.unknown()).nullable(),
    address: z.string().nullable().openapi({ description: "From where." }),
    createdAt: dateTime,
  })
  .openapi("AuditEvent");

/** `GET /v3/me/audit` */
export const listMyAudit = createRoute({
  method: "get",
  path: "/v3/me/audit",
  operationId: "listMyAudit",
  tags: ["account"],
  summary: "What was done with one's account, the newest first",
  description: "Sign-ins and those that failed, tokens, passwords, deletions, transfers.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(auditSchema), "A page of events."), ...errors(400, 401, 403) },
});

/** An invitation without its secret. */
export const inviteSchema = z
  .object({
    id: uuid,
    email: z.string().nullable().openapi({ description: "The address that whoever uses it gets." }),
    maxUses: z.int(),
    uses: z.int(),
    createdAt: dateTime,
    expiresAt: dateTime,
  })
  .openapi("Invite");

/** A new invitation. */
export const newInviteSchema = inviteSchema
  .extend({ url: link.openapi({ description: "Where to make the account; told this once." }) })
  .openapi("NewInvite");
