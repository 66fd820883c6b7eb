import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, offset, pageOf, uuid } from "./common.ts";
import { userSchema } from "./users.ts";

/** Owners manage the organization and its members; both roles read and change its vals. */
export const ROLES = ["owner", "member"] as const;

const username = z.string().min(1).max(64).openapi({ example: "bakery" });
const role = z.enum(ROLES);
const orgParams = z.object({ org_id: uuid });
const FOR_OWNERS = "Only an owner may.";

/** An organization that the caller is a member of. */
export const orgSchema = z.object({ id: uuid, username: z.string() }).openapi("Org");

/** Who belongs to an organization, and as what. */
export const membershipSchema = z
  .object({
    id: uuid,
    role: role.nullable(),
    user: z.object({ id: uuid, username: z.string().nullable() }),
  })
  .openapi("Membership");

/** An offer to become a member. */
export const invitationSchema = z
  .object({
    id: uuid,
    org: orgSchema,
    role,
    username: z.string().nullable().openapi({ description: "Whom it is for, when it is for a user." }),
    email: z.string().nullable().openapi({ description: "Whom it is for, when it is for an address." }),
    invitedBy: z.string().nullable().openapi({ description: "A username; null once that account is gone." }),
    createdAt: dateTime,
  })
  .openapi("Invitation");

/** `GET /v2/orgs` */
export const listOrgs = createRoute({
  method: "get",
  path: "/v2/orgs",
  operationId: "listOrgs",
  tags: ["orgs"],
  summary: "Organizations that one is a member of",
  description: "As owner or as member.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(orgSchema), "A page of them, by name."), ...errors(400, 401, 403) },
});

/** `GET /v2/orgs/{org_id}/memberships` */
export const listMemberships = createRoute({
  method: "get",
  path: "/v2/orgs/{org_id}/memberships",
  operationId: "listMemberships",
  tags: ["orgs"],
  summary: "Members of an organization",
  description: "Those who do not belong to it are told that there is no such organization.",
  request: { params: orgParams },
  responses: {
    200: json(z.array(membershipSchema), "All of them, the oldest first."),
    ...errors(400, 401, 403, 404),
  },
});

/** `POST /v3/orgs` */
export const createOrg = createRoute({
  method: "post",
  path: "/v3/orgs",
  operationId: "createOrg",
  tags: ["orgs"],
  summary: "Make an organization, of which one is the first owner",
  description: "Its name is from the same space as the names of people: it begins the addresses of its vals.",
  request: {
    body: body(z.object({ username, bio: z.string().max(1024).nullish() }).openapi("NewOrg")),
  },
  responses: { 201: json(userSchema, "The new organization."), ...errors(400, 401, 403, 409, 413, 415) },
});

/** `PATCH /v3/orgs/{org_id}` */
export const updateOrg = createRoute({
  method: "patch",
  path: "/v3/orgs/{org_id}",
  operationId: "updateOrg",
  tags: ["orgs"],
  summary: "Change what an organization says of itself",
  description: FOR_OWNERS,
  request: {
    params: orgParams,
    body: body(
      z
        .object({
          bio: z.string().max(1024).nullable().optional(),
          profileImageUrl: z
            .string()
            .max(2048)
            .regex(/^https?:\/\//, "must be a web address")
            .nullable()
            .optional(),
        })
        .openapi("OrgChanges"),
    ),
  },
  responses: { 200: json(userSchema, "As it is now."), ...errors(400, 401, 403, 404, 413, 415) },
});

/** `DELETE /v3/orgs/{org_id}` */
export const deleteOrg = createRoute({
  method: "delete",
  path: "/v3/orgs/{org_id}",
  operationId: "deleteOrg",
  tags: ["orgs"],
  summary: "Delete an organization with its vals, blobs, databases and memberships",
  description: FOR_OWNERS,
  request: { params: orgParams },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});

const memberParams = orgParams.extend({ user_id: uuid });

/** `PATCH /v3/orgs/{org_id}/memberships/{user_id}` */
export const updateMembership = createRoute({
  method: "patch",
  path: "/v3/orgs/{org_id}/memberships/{user_id}",
  operationId: "updateMembership",
  tags: ["orgs"],
  summary: "Make a member an owner, or an owner a member",
  description: `${FOR_OWNERS} The last owner stays one.`,
  request: { params: memberParams, body: body(z.object({ role }).openapi("MembershipChanges")) },
  responses: { 200: json(membershipSchema, "As it is now."), ...errors(400, 401, 403, 404, 409, 413, 415) },
});

/** `DELETE /v3/orgs/{org_id}/memberships/{user_id}` */
export const deleteMembership = createRoute({
  method: "delete",
  path: "/v3/orgs/{org_id}/memberships/{user_id}",
  operationId: "deleteMembership",
  tags: ["orgs"],
  summary: "Remove a member, or leave",
  description:
    "Owners may remove anyone, everyone may leave; the last owner cannot, and deletes the organization instead.",
  request: { params: memberParams },
  responses: {
    204: { description: "Nothing of the organization is open to this person any more." },
    ...errors(400, 401, 403, 404, 409),
  },
});

/** `POST /v3/orgs/{org_id}/invitations` */
export const createInvitation = createRoute({
  method: "post",
  path: "/v3/orgs/{org_id}/invitations",
  operationId: "createInvitation",
  tags: ["orgs"],
  summary: "Invite a user, or whoever has an e-mail address",
  description: `${FOR_OWNERS} An address need not belong to an account yet: the invitation is there once someone has signed up with it and verified it.`,
  request: {
    params: orgParams,
    body: body(
      z
        .object({
          username: username.optional(),
          email: z
            .string()
            .max(320)
            .regex(/^[^\s@]+@[^\s@]+$/, "must be an e-mail address")
            .optional(),
          role: role.optional().openapi({ description: "`member` unless told otherwise." }),
        })
        .refine(
          (one) => (one.username === undefined) !== (one.email === undefined),
          "must have either username or email",
        )
        .openapi("NewInvitation"),
    ),
  },
  responses: {
    201: json(invitationSchema, "The invitation."),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `GET /v3/orgs/{org_id}/invitations` */
export const listInvitations = createRoute({
  method: "get",
  path: "/v3/orgs/{org_id}/invitations",
  operationId: "listInvitations",
  tags: ["orgs"],
  summary: "Invitations to an organization that are open",
  description: FOR_OWNERS,
  request: { params: orgParams, query: z.object({ limit, offset }) },
  responses: {
    200: json(pageOf(invitationSchema), "A page of them, the newest first."),
    ...errors(400, 401, 403, 404),
  },
});

/** `DELETE /v3/orgs/{org_id}/invitations/{invitation_id}` */
export const deleteInvitation = createRoute({
  method: "delete",
  path: "/v3/orgs/{org_id}/invitations/{invitation_id}",
  operationId: "deleteInvitation",
  tags: ["orgs"],
  summary: "Take an invitation back",
  description: FOR_OWNERS,
  request: { params: orgParams.extend({ invitation_id: uuid }) },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});

/** `GET /v3/me/invitations` */
export const listMyInvitations = createRoute({
  method: "get",
  path: "/v3/me/invitations",
  operationId: "listMyInvitations",
  tags: ["orgs"],
  summary: "Invitations that wait for one's answer",
  description: "Those to one's name, and those to the e-mail address that one has verified.",
  request: { query: z.object({ limit, offset }) },
  responses: {
    200: json(pageOf(invitationSchema), "A page of them, the newest first."),
    ...errors(400, 401, 403),
  },
});

const mine = z.object({ invitation_id: uuid });

/** `POST /v3/me/invitations/{invitation_id}/accept` */
export const acceptInvitation = createRoute({
  method: "post",
  path: "/v3/me/invitations/{invitation_id}/accept",
  operationId: "acceptInvitation",
  tags: ["orgs"],
  summary: "Accept an invitation and become a member",
  description: "Whoever accepts may read and change the organization's vals at once.",
  request: { params: mine },
  responses: { 201: json(orgSchema, "The organization."), ...errors(400, 401, 403, 404, 409) },
});

/** `POST /v3/me/invitations/{invitation_id}/decline` */
export const declineInvitation = createRoute({
  method: "post",
  path: "/v3/me/invitations/{invitation_id}/decline",
  operationId: "declineInvitation",
  tags: ["orgs"],
  summary: "Turn an invitation down",
  description: "The organization may invite again.",
  request: { params: mine },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});
