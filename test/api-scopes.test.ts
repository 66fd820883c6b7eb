/** What a token may do: each route has its scope. */

import { afterAll, beforeAll, expect, test } from "bun:test";
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
  names.main = (await town.expect(200, "GET", `/v2/vals/${names.public}/branches`)).json.data[0].id;
});
afterAll(() => town[Symbol.asyncDispose]());

const ROUTES: readonly [request: string, scope: Scope][] = [
  ["GET /v1/me", "user:read"],
  ["GET /v1/users/{ann}", "user:read"],
  ["GET /v1/alias/ann", "user:read"],
  ["GET /v2/vals", "val:read"],
  ["GET /v2/me/vals", "val:read"],
  ["GET /v2/vals/{public}", "val:read"],
  ["GET /v2/alias/vals/ann/public", "val:read"],
  ["GET /v2/vals/{public}/branches", "val:read"],
  ["GET /v2/vals/{public}/branches/{main}", "val:read"],
  ["POST /v2/vals/{public}/branches", "val:write"],
  ["DELETE /v2/vals/{public}/branches/{unknown}", "val:write"],
  ["GET /v2/vals/{public}/files?path=", "val:read"],
  ["GET /v2/vals/{public}/files/content?path=main.ts", "val:read"],
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
  ["POST /v3/vals/{public}/run", "val:write"],
  ["POST /v3/files/{publicFile}/invoke", "val:read"],
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
  ["GET /v3/traces/0123456789abcdef0123456789abcdef", "telemetry:read"],
  ["POST /v1/email", "email:write"],
  ["GET /v3/mails", "email:read"],
  ["GET /v3/mails/{unknown}", "email:read"],
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
];

test.each(ROUTES)("%s needs %s, and no other scope will do", async (request, scope) => {
  const area = scope.split(":")[0]!;
  const others = SCOPES.filter(
    (one) => one !== scope && !(scope.endsWith("read") && one === `${area}:write`),
  );
  const without = await town.token(...others);
  const refused = { title: "", request, options: { token: without }, status: 403 };
  await play(town, { ...refused, has: ['"Token does not have the required permissions"'] }, names);
  const filled = request.replace(/\{(\w+)\}/g, (_, name: string) => names[name]!);
  const [method = "", path = ""] = filled.split(" ");
  const { status } = await town.call(method, path, { token: await town.token(scope) });
  expect([401, 403]).not.toContain(status);
});

test("the table above has every route of the contract", async () => {
  const { paths } = (await town.expect(200, "GET", "/openapi.json")).json;
  const described = Object.values<Record<string, unknown>>(paths).flatMap((path) => Object.keys(path));
  // But for the document itself, and two that refuse in another form (api-sqlite.test.ts).
  expect(ROUTES).toHaveLength(described.length - 3);
});
