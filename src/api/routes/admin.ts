import type { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Auth } from "../../auth/auth.ts";
import { isAddress } from "../../services/email-mail.ts";
import type { Invite, User } from "../../store/store.ts";
import { appUrl } from "../../val/address.ts";
import {
  createInvite,
  deleteInvite,
  listAudit,
  listInvites,
  listUsers,
  type townUserSchema,
  updateUser,
} from "../contract/admin.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import type { inviteSchema } from "../contract/me.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import type { Links } from "./links.ts";
import { presentAudit } from "./me.ts";
import { presentMe, presentPage } from "./present.ts";
import { ApiError, INVALID } from "./problem.ts";

const WEEK_MS = 7 * 24 * 60 * 60_000;
const YEAR_MS = 366 * 24 * 60 * 60_000;

/** Lets only the operator pass. */
export const operator: MiddlewareHandler<Env> = async (c, next) => {
  if (!viewerOf(c).admin)
    throw new ApiError(403, "Not authorized: only the operator of this town may do this");
  await next();
};

export function addAdminRoutes(app: App, auth: Auth, tools: Tools): void {
  addUserAdmin(app, auth, tools);
  addInviteAdmin(app, tools);
  const { store } = tools;
  app.openapi({ ...listAudit, middleware: operator }, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.audit.list({ limit, offset });
    return c.json(presentPage(rows.map(presentAudit), c.get("links"), more, { limit, offset }), 200);
  });
}

function addUserAdmin(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;
  app.openapi({ ...listUsers, middleware: operator }, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.accounts.list({ limit, offset });
    const links = c.get("links");
    const data = rows.map((user) => presentTownUser(user, links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });

  app.openapi({ ...updateUser, middleware: operator }, async (c) => {
    const { user_id: id } = c.req.valid("param");
    const change = c.req.valid("json");
    const before = await store.users.find(id);
    if (before === undefined) throw new ApiError(404, "User not found");
    if (change.admin && before.type === "org")
      throw new ApiError(400, "body/admin is for people, not for organizations", INVALID);
    const { minPeriodSeconds, ...rest } = change;
    const minPeriodMs = minPeriodSeconds == null ? minPeriodSeconds : minPeriodSeconds * 1000;
    const user = await store.accounts.change(id, {
      ...rest,
      ...(minPeriodMs !== undefined && { minPeriodMs }),
    });
    auth.forget(id);
    await audit(c, tools, { action: "user.change", subject: id, detail: change });
    return c.json(presentTownUser(user, c.get("links")), 200);
  });
}

function addInviteAdmin(app: App, tools: Tools): void {
  const { invites } = tools.store.accounts;

  app.openapi({ ...listInvites, middleware: operator }, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await invites.list({ limit, offset });
    return c.json(presentPage(rows.map(presentInvite), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi({ ...createInvite, middleware: operator }, async (c) => {
    const { email, maxUses = 1, expiresAt } = c.req.valid("json");
    if (email !== undefined && !isAddress(email))
      throw new ApiError(400, "body/email must be an e-mail address", INVALID);
    const until = expiresAt === undefined ? Date.now() + WEEK_MS : Date.parse(expiresAt);
    if (until <= Date.now() || until > Date.now() + YEAR_MS)
      throw new ApiError(400, "body/expiresAt must be in the future, within a year", INVALID);
    const { secret, ...invite } = await invites.create({
      createdBy: viewerOf(c).userId,
      maxUses: email === undefined ? maxUses : 1,
      expiresAt: until,
      ...(email !== undefined && { email }),
    });
    await audit(c, tools, { action: "invite.create", subject: invite.id });
    const url = `${appUrl(c.get("links").town)}/auth/sign-up?invite=${secret}`;
    return c.json({ ...presentInvite(invite), url }, 201);
  });

  app.openapi({ ...deleteInvite, middleware: operator }, async (c) => {
    const { invite_id: id } = c.req.valid("param");
    if (!(await invites.remove(id))) throw new ApiError(404, "Invitation not found");
    await audit(c, tools, { action: "invite.remove", subject: id });
    return c.body(null, 204);
  });
}

function presentTownUser(user: User, links: Links): z.infer<typeof townUserSchema> {
  const suspendedAt = user.suspendedAt === null ? null : new Date(user.suspendedAt).toISOString();
  const createdAt = new Date(user.createdAt).toISOString();
  const minPeriodSeconds = user.minPeriodMs === null ? null : user.minPeriodMs / 1000;
  return { ...presentMe(user, links), admin: user.admin, suspendedAt, createdAt, minPeriodSeconds };
}

function presentInvite(invite: Invite): z.infer<typeof inviteSchema> {
  const { id, email = null, maxUses, uses } = invite;
  const [createdAt, expiresAt] = [invite.createdAt, invite.expiresAt].map((at) => new Date(at).toISOString());
  return { id, email, maxUses, uses, createdAt: createdAt!, expiresAt: expiresAt! };
}
