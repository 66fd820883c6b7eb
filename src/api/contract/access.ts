/**
 * Who may call which route: the one table that says it. The contract of a route has its `security` from here, and
 * `routes/guarded.ts` enforces it; a route without a row cannot be described, nor served.
 */
import { createRoute as createAnyRoute, type RouteConfig } from "@hono/zod-openapi";
import type { Scope } from "../../val/scope.ts";

/** What a request must prove before its handler is asked. */
export interface Access {
  /** A token, if sent, must have it. Without one any token will do. */
  readonly scope?: Scope;
  /** No token need be sent: what is shown then is what anyone may see. Without a scope none is looked at. */
  readonly anyone?: true;
  /** Served, but not in the document. */
  readonly hidden?: true;
}

/** By method and path, as the document has them. */
export const ACCESS: Readonly<Record<string, Access>> = {
  "GET /documentation": { anyone: true, hidden: true },
  "GET /documentation/{file}": { anyone: true, hidden: true },
  "GET /openapi.json": { anyone: true },
  "GET /v1/alias/{username}": { scope: "user:read", anyone: true },
  "GET /v1/blob": { scope: "blob:read" },
  "GET /v1/blob/{key}": { scope: "blob:read" },
  "POST /v1/blob/{key}": { scope: "blob:write" },
  "DELETE /v1/blob/{key}": { scope: "blob:write" },
  "POST /v1/email": { scope: "email:write" },
  "GET /v1/me": { scope: "user:read" },
  "ALL /v1/openai/*": { hidden: true },
  "GET /v1/search/vals": { scope: "val:read", anyone: true },
  "POST /v1/sqlite/batch": { scope: "sqlite:read" },
  "POST /v1/sqlite/execute": { scope: "sqlite:read" },
  "GET /v1/telemetry/logs": { scope: "telemetry:read" },
  "GET /v1/telemetry/traces": { scope: "telemetry:read" },
  "GET /v1/users/{user_id}": { scope: "user:read", anyone: true },
  "GET /v2/alias/vals/{username}/{val_name}": { scope: "val:read", anyone: true },
  "GET /v2/blob": { scope: "blob:read", hidden: true },
  "GET /v2/blob/{key}": { scope: "blob:read", hidden: true },
  "POST /v2/blob/{key}": { scope: "blob:write", hidden: true },
  "DELETE /v2/blob/{key}": { scope: "blob:write", hidden: true },
  "GET /v2/files/{file_id}": { scope: "val:read", anyone: true },
  "GET /v2/me/vals": { scope: "val:read" },
  "GET /v2/orgs": { scope: "user:read" },
  "GET /v2/orgs/{org_id}/memberships": { scope: "user:read" },
  "GET /v2/vals": { scope: "val:read" },
  "POST /v2/vals": { scope: "val:write" },
  "GET /v2/vals/{val_id}": { scope: "val:read", anyone: true },
  "DELETE /v2/vals/{val_id}": { scope: "val:write" },
  "GET /v2/vals/{val_id}/branches": { scope: "val:read", anyone: true },
  "POST /v2/vals/{val_id}/branches": { scope: "val:write" },
  "GET /v2/vals/{val_id}/branches/{branch_id}": { scope: "val:read", anyone: true },
  "DELETE /v2/vals/{val_id}/branches/{branch_id}": { scope: "val:write" },
  "GET /v2/vals/{val_id}/environment_variables": { scope: "val:read" },
  "POST /v2/vals/{val_id}/environment_variables": { scope: "val:write" },
  "PUT /v2/vals/{val_id}/environment_variables/{key}": { scope: "val:write" },
  "DELETE /v2/vals/{val_id}/environment_variables/{key}": { scope: "val:write" },
  "GET /v2/vals/{val_id}/files": { scope: "val:read", anyone: true },
  "POST /v2/vals/{val_id}/files": { scope: "val:write" },
  "PUT /v2/vals/{val_id}/files": { scope: "val:write" },
  "DELETE /v2/vals/{val_id}/files": { scope: "val:write" },
  "POST /v2/vals/{val_id}/files/email": { scope: "val:write" },
  "GET /v2/vals/{val_id}/files/content": { scope: "val:read", anyone: true },
  "GET /v3/admin/audit": { scope: "user:write" },
  "GET /v3/admin/invites": { scope: "user:write" },
  "POST /v3/admin/invites": { scope: "user:write" },
  "DELETE /v3/admin/invites/{invite_id}": { scope: "user:write" },
  "GET /v3/admin/town": { scope: "user:write" },
  "GET /v3/admin/users": { scope: "user:write" },
  "PATCH /v3/admin/users/{user_id}": { scope: "user:write" },
  "GET /v3/connections": { scope: "user:read" },
  "PUT /v3/connections/google-docs": { scope: "user:write" },
  "POST /v3/connections/google-docs/token": { scope: "user:read" },
  "PUT /v3/connections/slack": { scope: "user:write" },
  "POST /v3/connections/slack/token": { scope: "user:read" },
  "DELETE /v3/connections/{provider}/{account}": { scope: "user:write" },
  "GET /v3/domains": { scope: "val:read" },
  "POST /v3/domains": { scope: "val:write" },
  "GET /v3/domains/ask": { anyone: true },
  "DELETE /v3/domains/{host}": { scope: "val:write" },
  "POST /v3/domains/{host}/verify": { scope: "val:write" },
  "POST /v3/files/{file_id}/invoke": { scope: "val:read" },
  "GET /v3/files/{file_id}/runs": { scope: "telemetry:read" },
  "GET /v3/files/{file_id}/trigger": { scope: "val:read", anyone: true },
  "PATCH /v3/files/{file_id}/trigger": { scope: "val:write" },
  "POST /v3/import": { scope: "val:write" },
  "POST /v3/import/remote": { scope: "val:write" },
  "DELETE /v3/jobs/{job_id}": { scope: "val:write" },
  "POST /v3/jobs/{job_id}/retry": { scope: "val:write" },
  "GET /v3/live/logs": { scope: "telemetry:read" },
  "GET /v3/live/traces": { scope: "telemetry:read" },
  "GET /v3/mails": { scope: "email:read" },
  "GET /v3/mails/{mail_id}": { scope: "email:read" },
  "GET /v3/me": { scope: "user:read" },
  "PATCH /v3/me": { scope: "user:write" },
  "DELETE /v3/me": { scope: "user:write" },
  "GET /v3/me/audit": { scope: "user:write" },
  "GET /v3/me/export": { scope: "user:write" },
  "GET /v3/me/grants": { scope: "user:write" },
  "DELETE /v3/me/grants/{grant_id}": { scope: "user:write" },
  "GET /v3/me/invitations": { scope: "user:read" },
  "POST /v3/me/invitations/{invitation_id}/accept": { scope: "user:write" },
  "POST /v3/me/invitations/{invitation_id}/decline": { scope: "user:write" },
  "GET /v3/me/likes": { scope: "user:read" },
  "GET /v3/me/passkeys": { scope: "user:write" },
  "DELETE /v3/me/passkeys/{passkey_id}": { scope: "user:write" },
  "GET /v3/me/sessions": { scope: "user:write" },
  "DELETE /v3/me/sessions": { scope: "user:write" },
  "DELETE /v3/me/sessions/{session_id}": { scope: "user:write" },
  "GET /v3/me/tokens": { scope: "user:write" },
  "POST /v3/me/tokens": { scope: "user:write" },
  "DELETE /v3/me/tokens/{token_id}": { scope: "user:write" },
  "GET /v3/me/usage": { scope: "user:read" },
  "POST /v3/orgs": { scope: "user:write" },
  "PATCH /v3/orgs/{org_id}": { scope: "user:write" },
  "DELETE /v3/orgs/{org_id}": { scope: "user:write" },
  "GET /v3/orgs/{org_id}/blob": { scope: "blob:read" },
  "GET /v3/orgs/{org_id}/blob/{key}": { scope: "blob:read" },
  "POST /v3/orgs/{org_id}/blob/{key}": { scope: "blob:write" },
  "DELETE /v3/orgs/{org_id}/blob/{key}": { scope: "blob:write" },
  "GET /v3/orgs/{org_id}/export": { scope: "user:write" },
  "GET /v3/orgs/{org_id}/invitations": { scope: "user:read" },
  "POST /v3/orgs/{org_id}/invitations": { scope: "user:write" },
  "DELETE /v3/orgs/{org_id}/invitations/{invitation_id}": { scope: "user:write" },
  "PATCH /v3/orgs/{org_id}/memberships/{user_id}": { scope: "user:write" },
  "DELETE /v3/orgs/{org_id}/memberships/{user_id}": { scope: "user:write" },
  "POST /v3/orgs/{org_id}/sqlite/batch": { scope: "sqlite:read" },
  "GET /v3/orgs/{org_id}/sqlite/dump": { scope: "sqlite:read" },
  "POST /v3/orgs/{org_id}/sqlite/execute": { scope: "sqlite:read" },
  "POST /v3/orgs/{org_id}/sqlite/{version}/pipeline": { scope: "sqlite:write" },
  "GET /v3/orgs/{org_id}/usage": { scope: "user:read" },
  "GET /v3/search": { scope: "val:read", anyone: true },
  "GET /v3/sqlite/dump": { scope: "sqlite:read" },
  "POST /v3/sqlite/{version}/pipeline": { scope: "sqlite:write" },
  "GET /v3/traces/{trace_id}": { scope: "telemetry:read" },
  "GET /v3/vals": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}": { scope: "val:read", anyone: true },
  "PATCH /v3/vals/{val_id}": { scope: "val:write" },
  "GET /v3/vals/{val_id}/blob": { scope: "blob:read" },
  "GET /v3/vals/{val_id}/blob/{key}": { scope: "blob:read" },
  "POST /v3/vals/{val_id}/blob/{key}": { scope: "blob:write" },
  "DELETE /v3/vals/{val_id}/blob/{key}": { scope: "blob:write" },
  "PATCH /v3/vals/{val_id}/branches/{branch_id}": { scope: "val:write" },
  "GET /v3/vals/{val_id}/branches/{branch_id}/merge": { scope: "val:read", anyone: true },
  "POST /v3/vals/{val_id}/branches/{branch_id}/merge": { scope: "val:write" },
  "GET /v3/vals/{val_id}/builds": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}/diff": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}/export": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}/jobs": { scope: "telemetry:read" },
  "PUT /v3/vals/{val_id}/like": { scope: "user:write" },
  "DELETE /v3/vals/{val_id}/like": { scope: "user:write" },
  "GET /v3/vals/{val_id}/mails": { scope: "email:read" },
  "GET /v3/vals/{val_id}/mails/{mail_id}/raw": { scope: "email:read" },
  "GET /v3/vals/{val_id}/pulls": { scope: "val:read", anyone: true },
  "POST /v3/vals/{val_id}/pulls": { scope: "val:write" },
  "GET /v3/vals/{val_id}/pulls/{number}": { scope: "val:read", anyone: true },
  "PATCH /v3/vals/{val_id}/pulls/{number}": { scope: "val:write" },
  "POST /v3/vals/{val_id}/pulls/{number}/close": { scope: "val:write" },
  "GET /v3/vals/{val_id}/pulls/{number}/diff": { scope: "val:read", anyone: true },
  "POST /v3/vals/{val_id}/pulls/{number}/merge": { scope: "val:write" },
  "POST /v3/vals/{val_id}/pulls/{number}/reopen": { scope: "val:write" },
  "POST /v3/vals/{val_id}/remix": { scope: "val:write" },
  "POST /v3/vals/{val_id}/revert": { scope: "val:write" },
  "POST /v3/vals/{val_id}/run": { scope: "val:write" },
  "POST /v3/vals/{val_id}/sqlite/batch": { scope: "sqlite:read" },
  "GET /v3/vals/{val_id}/sqlite/dump": { scope: "sqlite:read" },
  "POST /v3/vals/{val_id}/sqlite/execute": { scope: "sqlite:read" },
  "POST /v3/vals/{val_id}/sqlite/{version}/pipeline": { scope: "sqlite:write" },
  "POST /v3/vals/{val_id}/transfer": { scope: "val:write" },
  "GET /v3/vals/{val_id}/versions": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}/versions/{version}": { scope: "val:read", anyone: true },
  "GET /v3/vals/{val_id}/versions/{version}/builds": { scope: "val:read", anyone: true },
};

/** The row of a route; throws for one that has none. */
export function accessOf(method: string, path: string): Access {
  const name = `${method.toUpperCase()} ${path}`;
  const access = Object.hasOwn(ACCESS, name) ? ACCESS[name] : undefined;
  if (access !== undefined) return access;
  throw new Error(`${name} has no row in src/api/contract/access.ts. Say there who may call it.`);
}

/** The contract of a route, with the `security` that the table says. */
export function createRoute<P extends string, R extends Omit<RouteConfig, "path" | "security"> & { path: P }>(
  route: R,
) {
  return createAnyRoute({ ...route, security: securityOf(accessOf(route.method, route.path)) });
}

function securityOf({ scope, anyone }: Access): Record<string, string[]>[] {
  const token = scope === undefined ? [] : [{ bearerAuth: [scope] }];
  return anyone && scope !== undefined ? [{}, ...token] : token;
}
