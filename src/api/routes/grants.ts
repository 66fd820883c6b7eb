import type { Auth } from "../../auth/auth.ts";
import { describeGrant } from "../../store/oauth-grant.ts";
import type { OAuthGrant } from "../../store/store.ts";
import { deleteGrant, listGrants } from "../contract/grants.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { ApiError } from "./problem.ts";

export function addGrantRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;
  app.openapi(listGrants, async (c) => {
    const grants = await store.oauth.grants(viewerOf(c).userId);
    return c.json({ data: grants.map(presentGrant) }, 200);
  });

  app.openapi(deleteGrant, async (c) => {
    const { grant_id: id } = c.req.valid("param");
    const existed = await store.oauth.revokeOf(viewerOf(c).userId, id);
    auth.forgetGrant(id);
    if (!existed) throw new ApiError(404, "Grant not found");
    await audit(c, tools, { action: "grant.revoke", subject: id });
    return c.body(null, 204);
  });
}

function presentGrant(grant: OAuthGrant) {
  const { name, url, scopes } = describeGrant(grant);
  return {
    id: grant.id,
    client: { id: grant.clientId, name: name ?? null, url: url ?? null },
    scopes,
    createdAt: new Date(grant.createdAt).toISOString(),
  };
}
