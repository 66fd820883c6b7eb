/** What only the operator of the town may do. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, offset, pageOf, uuid } from "./common.ts";
import { auditSchema, inviteSchema, newInviteSchema } from "./me.ts";
import { userSchema } from "./users.ts";

const MAX_PERIOD_SECONDS = 366 * 24 * 60 * 60;
const tier = z.enum(["free", "pro", "business"]);

/** A person or an organization as the operator sees it. */
export const townUserSchema = userSchema
  .extend({
    email: z.string().nullable(),
    tier: tier.nullable(),
    admin: z.boolean(),
    suspendedAt: dateTime.nullable(),
    minPeriodSeconds: z
      .int()
      .nullable()
      .openapi({ description: "Shortest time between two runs of one of its schedules; null: the town's." }),
    createdAt: dateTime,
  })
  .openapi("TownUser");

/** `GET /v3/admin/users` */
export const listUsers = createRoute({
  method: "get",
  path: "/v3/admin/users",
  operationId: "listUsers",
  tags: ["admin"],
  summary: "All users, the oldest first",
  description: "Organizations too.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(townUserSchema), "A page of users."), ...errors(400, 401, 403) },
});

/** `PATCH /v3/admin/users/{user_id}` */
export const updateUser = createRoute({
  method: "patch",
  path: "/v3/admin/users/{user_id}",
  operationId: "updateUser",
  tags: ["admin"],
  summary: "Change what a user may do",
  description:
    "`suspended` ends all sessions and refuses all tokens, those of running vals too, until it is taken back. Schedules that are faster than `minPeriodSeconds` leave out the slots that come too soon. The town keeps one operator at least.",
  request: {
    params: z.object({ user_id: uuid }),
    body: body(
      z.object({
        admin: z.boolean().optional(),
        tier: tier.nullish(),
        suspended: z.boolean().optional(),
        minPeriodSeconds: z.int().min(60).max(MAX_PERIOD_SECONDS).nullish(),
      }),
    ),
  },
  responses: { 200: json(townUserSchema, "The user."), ...errors(400, 401, 403, 404, 409, 413, 415) },
});

/** `GET /v3/admin/invites` */
export const listInvites = createRoute({
  method: "get",
  path: "/v3/admin/invites",
  operationId: "listInvites",
  tags: ["admin"],
  summary: "Invitations, the newest first",
  description: "Those that cannot be used any more are among them.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(inviteSchema), "A page of invitations."), ...errors(400, 401, 403) },
});

/** `POST /v3/admin/invites` */
export const createInvite = createRoute({
  method: "post",
  path: "/v3/admin/invites",
  operationId: "createInvite",
  tags: ["admin"],
  summary: "Invite somebody",
  description:
    "The link in the answer is for you to pass on. With `email` it is good once, and brings that address.",
  request: {
    body: body(
      z.object({
        email: z.string().max(254).optional(),
        maxUses: z.int().min(1).max(1000).optional().openapi({ description: "1 unless told otherwise." }),
        expiresAt: z.iso
          .datetime({ offset: true })
          .optional()
          .openapi({ description: "A week from now unless told otherwise." }),
      }),
    ),
  },
  responses: { 201: json(newInviteSchema, "The invitation."), ...errors(400, 401, 403, 413, 415) },
});

/** `DELETE /v3/admin/invites/{invite_id}` */
export const deleteInvite = createRoute({
  method: "delete",
  path: "/v3/admin/invites/{invite_id}",
  operationId: "deleteInvite",
  tags: ["admin"],
  summary: "Withdraw an invitation",
  description: "Accounts that were made with it stay.",
  request: { params: z.object({ invite_id: uuid }) },
  responses: { 204: { description: "It is withdrawn." }, ...errors(400, 401, 403, 404) },
});

/** `GET /v3/admin/audit` */
export const listAudit = createRoute({
  method: "get",
  path: "/v3/admin/audit",
  operationId: "listAudit",
  tags: ["admin"],
  summary: "What was done in this town, the newest first",
  description:
    "Sign-ins and those that failed, tokens, passwords, deletions, transfers, and what the operator has changed; of the last 400 days.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(auditSchema), "A page of events."), ...errors(400, 401, 403) },
});
