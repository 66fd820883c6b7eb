import type { Auth } from "../../auth/auth.ts";
import type { OAuthGrant } from "../../store/store.ts";
import { deleteGrant, listGrants } from "../contract/grants.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { ApiError } from "./problem.ts";

/** Name of a client that did not register. */
const BUILT_IN: Readonly<Record<string, string>> = { val_town_vt: "vt" };

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

function presentGrant({ id, clientId, payload, client, createdAt }: OAuthGrant) {
  const openid = payload.openid as { scope?: string } | undefined;
  return {
    id,
    client: {
      id: clientId,
      name: textOf(client?.client_name) ?? BUILT_IN[clientId] ?? null,
      url: textOf(client?.client_uri) ?? null,
    },
    scopes: openid?.scope?.split(" ") ?? [],
    createdAt: new Date(createdAt).toISOString(),
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
