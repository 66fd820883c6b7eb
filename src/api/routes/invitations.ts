import type { z } from "@hono/zod-openapi";
import type { Auth } from "../../auth/auth.ts";
import type { Invitation, NewInvitation, Store } from "../../store/store.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  acceptInvitation,
  createInvitation,
  declineInvitation,
  deleteInvitation,
  type invitationSchema,
  listInvitations,
  listMyInvitations,
} from "../contract/orgs.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { ownedOrg } from "./orgs.ts";
import { presentPage } from "./present.ts";
import { ApiError } from "./problem.ts";

const NOT_FOUND = "Invitation not found";

export function addInvitationRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;
  const { invitations } = store.orgs;
  const inviteeOf = async (userId: string) => ({ userId, email: await store.users.verifiedEmail(userId) });

  app.openapi(createInvitation, async (c) => {
    const org = await ownedOrg(c, store, c.req.valid("param").org_id);
    const { role = "member", ...whom } = c.req.valid("json");
    const made = await invitations.create({
      ...{ orgId: org.id, role, invitedBy: viewerOf(c).userId },
      to: await whomOf(store, whom),
    });
    await audit(c, tools, { action: "membership.offer", subject: org.id, detail: { ...whom, role } });
    return c.json(present(made), 201);
  });

  app.openapi(listInvitations, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const org = await ownedOrg(c, store, c.req.valid("param").org_id);
    const { rows, more } = await invitations.listByOrg(org.id, { limit, offset });
    return c.json(presentPage(rows.map(present), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(deleteInvitation, async (c) => {
    const { org_id, invitation_id } = c.req.valid("param");
    const org = await ownedOrg(c, store, org_id);
    if (!(await invitations.remove(org.id, invitation_id))) throw new ApiError(404, NOT_FOUND);
    return c.body(null, 204);
  });

  app.openapi(listMyInvitations, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const page = { limit, offset };
    const { rows, more } = await invitations.listFor(await inviteeOf(viewerOf(c).userId), page);
    return c.json(presentPage(rows.map(present), c.get("links"), more, page), 200);
  });

  app.openapi(acceptInvitation, async (c) => {
    const { userId } = viewerOf(c);
    const { orgId, orgName } = await invitations.accept(
      c.req.valid("param").invitation_id,
      await inviteeOf(userId),
    );
    auth.forget(userId);
    await audit(c, tools, { action: "membership.begin", subject: orgId });
    return c.json({ id: orgId, username: orgName }, 201);
  });

  app.openapi(declineInvitation, async (c) => {
    const invitee = await inviteeOf(viewerOf(c).userId);
    if (!(await invitations.decline(c.req.valid("param").invitation_id, invitee)))
      throw new ApiError(404, NOT_FOUND);
    return c.body(null, 204);
  });
}

async function whomOf(
  store: Store,
  { username, email }: { username?: string | undefined; email?: string | undefined },
): Promise<NewInvitation["to"]> {
  if (email !== undefined) return { email };
  const user = await store.users.findByName(username ?? "");
  if (user?.type !== "user") throw new ApiError(404, `There is no user ${username}`);
  return { userId: user.id };
}

function present(one: Invitation): z.infer<typeof invitationSchema> {
  const { id, orgId, orgName, role, username, email, invitedBy, createdAt } = one;
  const org = { id: orgId, username: orgName };
  return { id, org, role, username, email, invitedBy, createdAt: new Date(createdAt).toISOString() };
}
