import type { Context } from "hono";
import type { Auth } from "../../auth/auth.ts";
import type { Member, Store, User } from "../../store/store.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  createOrg,
  deleteMembership,
  deleteOrg,
  listMemberships,
  listOrgs,
  updateMembership,
  updateOrg,
} from "../contract/orgs.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentPage, presentUser } from "./present.ts";
import { ApiError, ORG_NOT_FOUND } from "./problem.ts";

/** Those who do not belong to it are told the same as when there is none. */
export async function orgOf(c: Context<Env>, store: Store, orgId: string): Promise<User> {
  const { userId } = viewerOf(c);
  const org = await store.users.find(orgId);
  const isInside = userId === orgId || (await store.orgs.member(orgId, userId)) !== undefined;
  if (org?.type !== "org" || !isInside) throw new ApiError(404, ORG_NOT_FOUND);
  return org;
}

/** The organization, if the caller is one of its owners. */
export async function ownedOrg(c: Context<Env>, store: Store, orgId: string): Promise<User> {
  const org = await orgOf(c, store, orgId);
  if ((await store.orgs.member(orgId, viewerOf(c).userId))?.role === "owner") return org;
  throw new ApiError(403, "Not authorized: only an owner of the organization may do this");
}

export function addOrgRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;

  app.openapi(listOrgs, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.orgs.list(viewerOf(c).userId, { limit, offset });
    const data = rows.map(({ id, username }) => ({ id, username }));
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(listMemberships, async (c) => {
    const org = await orgOf(c, store, c.req.valid("param").org_id);
    return c.json((await store.orgs.members(org.id)).map(presentMember), 200);
  });

  app.openapi(createOrg, async (c) => {
    const { userId } = viewerOf(c);
    const { username, bio } = c.req.valid("json");
    const made = await store.orgs.create({ username, ownerId: userId });
    auth.forget(userId);
    await audit(c, tools, { action: "org.create", subject: made.id, detail: { username } });
    const org = bio == null ? made : ((await store.users.change(made.id, { bio })) ?? made);
    return c.json(presentUser(org, c.get("links")), 201);
  });

  app.openapi(updateOrg, async (c) => {
    const { id } = await ownedOrg(c, store, c.req.valid("param").org_id);
    const { bio, profileImageUrl: imageUrl } = c.req.valid("json");
    const org = await store.users.change(id, { bio, imageUrl });
    if (org === undefined) throw new ApiError(404, ORG_NOT_FOUND);
    return c.json(presentUser(org, c.get("links")), 200);
  });

  app.openapi(deleteOrg, async (c) => {
    const org = await ownedOrg(c, store, c.req.valid("param").org_id);
    await tools.removal.account(org);
    await audit(c, tools, { action: "org.delete", subject: org.id, detail: { username: org.username } });
    return c.body(null, 204);
  });

  app.openapi(updateMembership, async (c) => {
    const { org_id, user_id } = c.req.valid("param");
    const org = await ownedOrg(c, store, org_id);
    const member = await store.orgs.setRole(org.id, user_id, c.req.valid("json").role);
    auth.forget(user_id);
    const detail = { userId: user_id, role: member.role };
    await audit(c, tools, { action: "membership.change", subject: org.id, detail });
    return c.json(presentMember(member), 200);
  });

  app.openapi(deleteMembership, async (c) => {
    const { org_id, user_id } = c.req.valid("param");
    const isLeaving = user_id === viewerOf(c).userId;
    const org = await (isLeaving ? orgOf : ownedOrg)(c, store, org_id);
    await store.orgs.removeMember(org.id, user_id);
    auth.forget(user_id);
    await audit(c, tools, { action: "membership.end", subject: org.id, detail: { userId: user_id } });
    return c.body(null, 204);
  });
}

function presentMember({ id, role, userId, username }: Member) {
  return { id, role, user: { id: userId, username } };
}
