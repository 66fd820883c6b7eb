/** Where one is signed in, and with which keys one can be. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, offset, pageOf, uuid } from "./common.ts";

/** A browser in which somebody is signed in. */
export const sessionSchema = z
  .object({
    id: uuid,
    address: z.string().nullable().openapi({ description: "From where it was begun." }),
    userAgent: z.string().nullable().openapi({ description: "As the browser calls itself." }),
    createdAt: dateTime,
    expiresAt: dateTime,
    current: z.boolean().openapi({ description: "Whether this request was made in it." }),
  })
  .openapi("Session");

/** A key of a device that signs in without a password. */
export const passkeySchema = z
  .object({ id: uuid, name: z.string().nullable(), createdAt: dateTime.nullable() })
  .openapi("Passkey");

/** `GET /v3/me/sessions` */
export const listSessions = createRoute({
  method: "get",
  path: "/v3/me/sessions",
  operationId: "listSessions",
  tags: ["account"],
  summary: "Browsers in which one is signed in, the newest first",
  description: "A session lasts 30 days from its last use.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(sessionSchema), "A page of sessions."), ...errors(400, 401, 403) },
});

/** `DELETE /v3/me/sessions` */
export const deleteSessions = createRoute({
  method: "delete",
  path: "/v3/me/sessions",
  operationId: "deleteSessions",
  tags: ["account"],
  summary: "Sign out everywhere else",
  description: "All sessions end but that in which it was asked for.",
  responses: { 204: { description: "They have ended." }, ...errors(401, 403) },
});

/** `DELETE /v3/me/sessions/{session_id}` */
export const deleteSession = createRoute({
  method: "delete",
  path: "/v3/me/sessions/{session_id}",
  operationId: "deleteSession",
  tags: ["account"],
  summary: "Sign out one browser",
  description: "Its cookie is good for nothing from this answer on.",
  request: { params: z.object({ session_id: uuid.openapi({ description: "Which session." }) }) },
  responses: { 204: { description: "It has ended." }, ...errors(400, 401, 403, 404) },
});

/** `GET /v3/me/passkeys` */
export const listPasskeys = createRoute({
  method: "get",
  path: "/v3/me/passkeys",
  operationId: "listPasskeys",
  tags: ["account"],
  summary: "Passkeys with which one can sign in, the oldest first",
  description: "They are added at `/api/auth/passkey/…`, by the browser that holds the key.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(passkeySchema), "A page of passkeys."), ...errors(400, 401, 403) },
});

/** `DELETE /v3/me/passkeys/{passkey_id}` */
export const deletePasskey = createRoute({
  method: "delete",
  path: "/v3/me/passkeys/{passkey_id}",
  operationId: "deletePasskey",
  tags: ["account"],
  summary: "Remove a passkey",
  description: "Nobody can sign in with it any more; sessions that it began go on.",
  request: { params: z.object({ passkey_id: uuid.openapi({ description: "Which passkey." }) }) },
  responses: { 204: { description: "It is removed." }, ...errors(400, 401, 403, 404) },
});
