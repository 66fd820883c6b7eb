/** What a token may do: each route has its scope. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { ACCESS, accessOf, createRoute } from "../src/api/contract/access.ts";
import { SCOPES, type Scope } from "../src/val/scope.ts";
import { play } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
const names: Record<string, string> = { unknown: "b037fb4a-791b-11f0-b97e-0224a6c84d84" };

beforeAll(async () => {
  town = await makeTown();
  names.public = await town.val("public");
  names.publicFile = (await town.file(names.public, "main.ts", "", "http")).id;
  names.ann = town.ann.id;
  names.org = (await town.store.orgs.create({ username: "acme", ownerId: town.ann.id })).id;
  names.main = (await town.expect(200, "GET", `/v2/vals/${names.public}/branches`)).json.data[0].id;
});
afterAll(() => town[Symbol.asyncDispose]());

const ROUTES: readonly [request: string, scope: Scope][] = [
  ["GET /v1/me", "user:read"],
  ["GET /v1/users/{ann}", "user:read"],
  ["GET /v1/alias/ann", "user:read"],
  ["GET /v3/me/tokens", "user:write"],
  ["POST /v3/me/tokens", "user:write"],
  ["DELETE /v3/me/tokens/{unknown}", "user:write"],
  ["GET /v3/me", "user:read"],
  ["PATCH /v3/me", "user:write"],
  ["DELETE /v3/me", "user:write"],
  ["GET /v3/me/sessions", "user:write"],
  ["DELETE /v3/me/sessions", "user:write"],
  ["DELETE /v3/me/sessions/{unknown}", "user:write"],
  ["GET /v3/me/passkeys", "user:write"],
  ["DELETE /v3/me/passkeys/{unknown}", "user:write"],
  ["GET /v3/vals", "val:read"],
  ["GET /v3/me/audit", "user:write"],
  ["GET /v3/admin/users", "user:write"],
  ["PATCH /v3/admin/users/{unknown}", "user:write"],
  ["GET /v3/admin/invites", "user:write"],
  ["POST /v3/admin/invites", "user:write"],
  ["DELETE /v3/admin/invites/{unknown}", "user:write"],
  ["GET /v3/admin/audit", "user:write"],
  ["GET /v3/admin/town", "user:write"],
  ["GET /v3/sqlite/dump", "sqlite:read"],
  ["GET /v3/vals/{public}/sqlite/dump", "sqlite:read"],
  ["GET /v3/orgs/{org}/sqlite/dump", "sqlite:read"],
  ["GET /v3/me/grants", "user:write"],
  ["DELETE /v3/me/grants/{unknown}", "user:write"],
  ["GET /v3/vals/{public}/jobs", "telemetry:read"],
  ["GET /v3/files/{publicFile}/runs", "telemetry:read"],
  ["POST /v3/jobs/{unknown}/retry", "val:write"],
  ["DELETE /v3/jobs/{unknown}", "val:write"],
  ["GET /v2/vals", "val:read"],
  ["GET /v2/me/vals", "val:read"],
  ["GET /v2/vals/{public}", "val:read"],
  ["GET /v2/alias/vals/ann/public", "val:read"],
  ["GET /v2/vals/{public}/branches", "val:read"],
  ["GET /v2/vals/{public}/branches/{main}", "val:read"],
  ["POST /v2/vals/{public}/branches", "val:write"],
  ["DELETE /v2/vals/{public}/branches/{unknown}", "val:write"],
  ["PATCH /v3/vals/{public}/branches/{unknown}", "val:write"],
  ["GET /v3/vals/{public}/branches/{main}/merge", "val:read"],
  ["POST /v3/vals/{public}/branches/{main}/merge", "val:write"],
  ["GET /v3/vals/{public}/versions", "val:read"],
  ["GET /v3/vals/{public}/versions/0", "val:read"],
  ["GET /v3/vals/{public}/diff", "val:read"],
  ["POST /v3/vals/{public}/revert", "val:write"],
  ["POST /v3/vals/{public}/remix", "val:write"],
  ["GET /v3/vals/{public}/pulls", "val:read"],
  ["POST /v3/vals/{public}/pulls", "val:write"],
  ["GET /v3/vals/{public}/pulls/1", "val:read"],
  ["PATCH /v3/vals/{public}/pulls/1", "val:write"],
  ["GET /v3/vals/{public}/pulls/1/diff", "val:read"],
  ["POST /v3/vals/{public}/pulls/1/merge", "val:write"],
  ["POST /v3/vals/{public}/pulls/1/close", "val:write"],
  ["POST /v3/vals/{public}/pulls/1/reopen", "val:write"],
  ["GET /v2/vals/{public}/files?path=", "val:read"],
  ["GET /v2/vals/{public}/files/content?path=main.ts", "val:read"],
  ["POST /v2/vals/{public}/files/email?path=x", "val:write"],
  ["GET /v2/files/{publicFile}", "val:read"],
  ["POST /v2/vals", "val:write"],
  ["DELETE /v2/vals/{unknown}", "val:write"],
  ["POST /v2/vals/{public}/files?path=x", "val:write"],
  ["PUT /v2/vals/{public}/files?path=x", "val:write"],
  ["DELETE /v2/vals/{public}/files?path=x", "val:write"],
  ["GET /v2/vals/{public}/environment_variables", "val:read"],
  ["POST /v2/vals/{public}/environment_variables", "val:write"],
  ["PUT /v2/vals/{public}/environment_variables/x", "val:write"],
  ["DELETE /v2/vals/{public}/environment_variables/x", "val:write"],
  ["GET /v3/vals/{public}/builds", "val:read"],
  ["GET /v3/vals/{public}/versions/0/builds", "val:read"],
  ["POST /v3/vals/{public}/run", "val:write"],
  ["POST /v3/files/{publicFile}/invoke", "val:read"],
  ["GET /v3/files/{publicFile}/trigger", "val:read"],
  ["PATCH /v3/files/{publicFile}/trigger", "val:write"],
  ["GET /v3/domains", "val:read"],
  ["POST /v3/domains", "val:write"],
  ["POST /v3/domains/x/verify", "val:write"],
  ["DELETE /v3/domains/x", "val:write"],
  ["GET /v3/vals/{public}", "val:read"],
  ["PATCH /v3/vals/{public}", "val:write"],
  ["POST /v3/vals/{unknown}/transfer", "val:write"],
  ["PUT /v3/vals/{public}/like", "user:write"],
  ["DELETE /v3/vals/{public}/like", "user:write"],
  ["GET /v3/me/likes", "user:read"],
  ["GET /v2/orgs", "user:read"],
  ["GET /v2/orgs/{org}/memberships", "user:read"],
  ["POST /v3/orgs", "user:write"],
  ["PATCH /v3/orgs/{org}", "user:write"],
  ["DELETE /v3/orgs/{unknown}", "user:write"],
  ["PATCH /v3/orgs/{org}/memberships/{ann}", "user:write"],
  ["DELETE /v3/orgs/{org}/memberships/{ann}", "user:write"],
  ["GET /v3/orgs/{org}/invitations", "user:read"],
  ["POST /v3/orgs/{org}/invitations", "user:write"],
  ["DELETE /v3/orgs/{org}/invitations/{unknown}", "user:write"],
  ["GET /v3/me/invitations", "user:read"],
  ["POST /v3/me/invitations/{unknown}/accept", "user:write"],
  ["POST /v3/me/invitations/{unknown}/decline", "user:write"],
  ["GET /v3/orgs/{org}/blob", "blob:read"],
  ["GET /v3/orgs/{org}/blob/x", "blob:read"],
  ["POST /v3/orgs/{org}/blob/x", "blob:write"],
  ["DELETE /v3/orgs/{org}/blob/x", "blob:write"],
  ["POST /v3/orgs/{org}/sqlite/execute", "sqlite:read"],
  ["POST /v3/orgs/{org}/sqlite/batch", "sqlite:read"],
  ["GET /v1/blob", "blob:read"],
  ["GET /v1/blob/x", "blob:read"],
  ["POST /v1/blob/x", "blob:write"],
  ["DELETE /v1/blob/x", "blob:write"],
  ["GET /v3/vals/{public}/blob", "blob:read"],
  ["GET /v3/vals/{public}/blob/x", "blob:read"],
  ["POST /v3/vals/{public}/blob/x", "blob:write"],
  ["DELETE /v3/vals/{public}/blob/x", "blob:write"],
  ["POST /v1/sqlite/execute", "sqlite:read"],
  ["POST /v1/sqlite/batch", "sqlite:read"],
  ["POST /v3/vals/{public}/sqlite/execute", "sqlite:read"],
  ["POST /v3/vals/{public}/sqlite/batch", "sqlite:read"],
  ["GET /v1/telemetry/traces", "telemetry:read"],
  ["GET /v1/telemetry/logs", "telemetry:read"],
  ["GET /v3/live/logs?val_id=x", "telemetry:read"],
  ["GET /v3/live/traces?val_id=x", "telemetry:read"],
  ["GET /v3/traces/0123456789abcdef0123456789abcdef", "telemetry:read"],
  ["POST /v1/email", "email:write"],
  ["GET /v3/mails", "email:read"],
  ["GET /v3/mails/{unknown}", "email:read"],
  ["GET /v3/vals/{public}/mails", "email:read"],
  ["GET /v3/vals/{public}/mails/{unknown}/raw", "email:read"],
  ["GET /v1/search/vals?query=public", "val:read"],
  ["GET /v3/search?query=public", "val:read"],
  ["GET /v3/me/usage", "user:read"],
  ["GET /v3/orgs/{unknown}/usage", "user:read"],
  ["GET /v3/connections", "user:read"],
  ["PUT /v3/connections/google-docs", "user:write"],
  ["PUT /v3/connections/slack", "user:write"],
  ["DELETE /v3/connections/slack/T1", "user:write"],
  ["POST /v3/connections/google-docs/token", "user:read"],
  ["POST /v3/connections/slack/token", "user:read"],
  ["GET /v3/vals/{public}/export", "val:read"],
  ["GET /v3/me/export", "user:write"],
  ["GET /v3/orgs/{unknown}/export", "user:write"],
  ["POST /v3/import", "val:write"],
  ["POST /v3/import/remote", "val:write"],
  ["GET /v2/blob", "blob:read"],
  ["GET /v2/blob/x", "blob:read"],
  ["POST /v2/blob/x", "blob:write"],
  ["DELETE /v2/blob/x", "blob:write"],
];

/** They refuse in the form of their clients. */
const PIPELINES: typeof ROUTES = [
  ["POST /v3/sqlite/v3/pipeline", "sqlite:write"],
  ["POST /v3/vals/{public}/sqlite/v3/pipeline", "sqlite:write"],
  ["POST /v3/orgs/{org}/sqlite/v3/pipeline", "sqlite:write"],
];

test.each(ROUTES)("%s needs %s, and no other scope will do", async (request, scope) => {
  const refused = { title: "", request, options: { token: await without(scope) }, status: 403 };
  await play(town, { ...refused, has: ['"Token does not have the required permissions"'] }, names);
  const { status } = await call(request, await town.token(scope));
  expect([401, 403]).not.toContain(status);
});

test.each(PIPELINES)("%s needs %s, and says so to its clients", async (request, scope) => {
  const refused = await call(request, await without(scope));
  expect([refused.status, refused.json]).toEqual([
    403,
    { message: "Token does not have the required permissions", code: "FORBIDDEN" },
  ]);
  expect((await call(request, "")).json.code).toBe("UNAUTHORIZED");
  const { status } = await call(request, await town.token(scope));
  expect([401, 403]).not.toContain(status);
});

test("the table of access, the document and the tables above are of the same routes and scopes", async () => {
  const { paths } = (await town.expect(200, "GET", "/openapi.json")).json;
  const described = Object.entries<Record<string, { security: unknown }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, security]),
  );
  const shown = Object.entries(ACCESS).filter(([, { hidden }]) => !hidden);
  const table = shown.map(([name, { scope, anyone }]) => {
    const token = scope === undefined ? [] : [{ bearerAuth: [scope] }];
    return [name, anyone && scope !== undefined ? [{}, ...token] : token];
  });
  expect(described.sort()).toEqual(table.sort());

  const tried = [...ROUTES, ...PIPELINES].map(([request, scope]) => `${rowOf(request)} ${scope}`);
  const scoped = Object.entries(ACCESS).flatMap(([name, { scope }]) => (scope ? [`${name} ${scope}`] : []));
  expect(tried.sort()).toEqual(scoped.sort());
});

test("what is not a question of a scope is this", () => {
  const free = Object.entries(ACCESS).filter(([, { scope }]) => scope === undefined);
  expect(Object.fromEntries(free)).toEqual({
    "GET /v3/domains/ask": { anyone: true },
    "GET /openapi.json": { anyone: true },
    "GET /documentation": { anyone: true, hidden: true },
    "GET /documentation/{file}": { anyone: true, hidden: true },
    "ALL /v1/openai/*": { hidden: true },
  });
});

test("a route without a row can be neither described nor served", () => {
  expect(() => createRoute({ method: "get", path: "/v9/forgotten", responses: {} })).toThrow(
    "GET /v9/forgotten has no row in src/api/contract/access.ts",
  );
  expect(() => accessOf("post", "/v1/me")).toThrow("POST /v1/me has no row");
});

/** A token with all scopes but those that would do. */
async function without(scope: Scope): Promise<string> {
  const write = scope.replace(/:read$/, ":write");
  return await town.token(...SCOPES.filter((one) => one !== scope && one !== write));
}

async function call(request: string, token: string) {
  const filled = request.replace(/\{(\w+)\}/g, (_, name: string) => names[name]!);
  const [method = "", path = ""] = filled.split(" ");
  return await town.call(method, path, { token });
}

/** The row that a request is of: the one with the most fixed parts. */
function rowOf(request: string): string | undefined {
  const [wanted = ""] = request.split("?");
  const rows = Object.keys(ACCESS).filter((name) => {
    const pattern = name.replace(/\{\w+\}/g, "[^/ ]+");
    return new RegExp(`^${pattern}$`).test(wanted);
  });
  return rows.sort((a, b) => variables(a) - variables(b))[0];
}

const variables = (name: string) => name.split("{").length;
