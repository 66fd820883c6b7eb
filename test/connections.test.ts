/** Tokens of third parties: kept sealed, renewed where the operator says, given to nobody else. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startTokenServer } from "./support/token-server.ts";
import { makeTown, type Town } from "./support/town.ts";

const GOOGLE = "/v3/connections/google-docs";
const EMAIL = "ann@mail.example";
const START = Date.UTC(2026, 0, 1);

const store = (town: Town, more: object = {}) =>
  town.expect(200, "PUT", GOOGLE, { json: { email: EMAIL, accessToken: "first", ...more } });
const ask = (town: Town, token?: string) =>
  town.call("POST", `${GOOGLE}/token`, { json: { email: EMAIL }, token });

test("where none is stored the answer says so in every form that clients read", async () => {
  await using town = await makeTown();
  for (const [path, json] of [
    [`${GOOGLE}/token`, { email: EMAIL }],
    ["/v3/connections/slack/token", { team_id: "T1" }],
  ] as const) {
    const { json: answer } = await town.expect(404, "POST", path, { json });
    expect(answer).toEqual({ statusCode: 404, error: "Not Found", message: expect.any(String) });
  }
});

test("a stored token is told to its owner only, and is in no list and in no file", async () => {
  await using town = await makeTown();
  const secret = "ya29.very-secret-access-token";
  await store(town, { accessToken: secret, refreshToken: "very-secret-refresh", scopes: ["docs"] });
  await town.expect(200, "PUT", "/v3/connections/slack", {
    json: { teamId: "T1", accessToken: "xoxb-very-secret" },
  });
  const { json, text } = await town.expect(200, "GET", "/v3/connections");
  expect(json.map((one: { provider: string; account: string }) => [one.provider, one.account])).toEqual([
    ["google-docs", EMAIL],
    ["slack", "T1"],
  ]);
  expect(text).not.toContain("secret");
  expect((await ask(town)).json).toEqual({ access_token: secret, granted_scopes: ["docs"] });
  const slack = await town.expect(200, "POST", "/v3/connections/slack/token", { json: { team_id: "T1" } });
  expect(slack.json).toEqual({ access_token: "xoxb-very-secret" });
  expect((await ask(town, town.bob.token)).status).toBe(404);
  for (const name of readdirSync(town.folder).filter((one) => one.startsWith("hamlet.db")))
    expect(readFileSync(join(town.folder, name)).includes("very-secret")).toBe(false);
});

test("a token that has ended is renewed where the operator says, once for all who ask meanwhile", async () => {
  using tokens = startTokenServer();
  let now = START;
  await using town = await makeTown({ tokenUrl: tokens.url, now: () => now });
  await store(town, {
    refreshToken: "refresh-0",
    expiresAt: new Date(START + 3600_000).toISOString(),
    tokenUrl: "http://169.254.169.254/steal",
  });
  expect((await ask(town)).json.access_token).toBe("first");
  now += 3600_000;
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(town)));
  expect(answers.map(({ json }) => json)).toEqual(
    Array.from({ length: 5 }, () => ({ access_token: "access-1", granted_scopes: ["docs", "sheets"] })),
  );
  expect(tokens.asked.map((form) => Object.fromEntries(form))).toEqual([
    {
      grant_type: "refresh_token",
      refresh_token: "refresh-0",
      client_id: "town",
      client_secret: "town's secret",
    },
  ]);
  expect((await ask(town)).json.access_token).toBe("access-1");
  now += 3600_000;
  expect((await ask(town)).json.access_token).toBe("access-2");
});

const REFUSALS: readonly [title: string, answer: () => Response | Promise<Response>, says: string][] = [
  ["a refusal", () => Response.json({ error: "invalid_grant" }, { status: 400 }), "(invalid_grant)"],
  [
    "a refusal with status 200",
    () => Response.json({ ok: false, error: "token_revoked" }),
    "(token_revoked)",
  ],
  ["what is no JSON", () => new Response("<html>"), "does not renew"],
  ["JSON that is no object", () => Response.json(null), "does not renew"],
  [
    "an error that is no code",
    () => Response.json({ error: "<script>" }),
    "does not renew the token. Connect",
  ],
  ["a redirect", () => Response.redirect("http://127.0.0.1:9/", 307), "cannot be reached"],
  ["an answer without an end", () => new Response("x".repeat(100_000)), "cannot be reached"],
];

test.each(REFUSALS)("%s is a clear 502, and the stored token stays", async (_, answer, says) => {
  using tokens = startTokenServer();
  await using town = await makeTown({ tokenUrl: tokens.url, now: () => START });
  await store(town, { refreshToken: "refresh-0", expiresAt: new Date(START).toISOString() });
  tokens.answer = answer;
  const refused = await ask(town);
  expect([refused.status, refused.json.message]).toEqual([502, expect.stringContaining(says)]);
  tokens.answer = undefined;
  expect((await ask(town)).status).toBe(200);
});

test("a token that has ended and cannot be renewed is not given", async () => {
  await using town = await makeTown({ now: () => START });
  await store(town, { expiresAt: new Date(START - 1).toISOString() });
  const { status, json } = await ask(town);
  expect([status, json.message]).toEqual([502, expect.stringContaining("Connect it again")]);
});

test("what is deleted is gone; bad ones are not stored", async () => {
  await using town = await makeTown();
  await store(town);
  await town.expect(404, "DELETE", `${GOOGLE}/${EMAIL}`, { token: town.bob.token });
  await town.expect(204, "DELETE", `${GOOGLE}/${encodeURIComponent(EMAIL)}`);
  await town.expect(404, "DELETE", `${GOOGLE}/${EMAIL}`);
  expect((await ask(town)).status).toBe(404);
  for (const json of [
    { email: EMAIL },
    { email: "", accessToken: "x" },
    { email: "x".repeat(321), accessToken: "x" },
    { email: EMAIL, accessToken: "x", expiresAt: "tomorrow" },
  ])
    await town.expect(400, "PUT", GOOGLE, { json });
  await town.expect(400, "PUT", "/v3/connections/slack", {
    json: { teamId: "x".repeat(33), accessToken: "x" },
  });
});

test("a val gets its owner's token; it can store none", async () => {
  await using town = await makeTown();
  await store(town);
  const valId = await town.val("hello");
  const worker = town.auth.mint({ userId: town.ann.id, username: "ann", valId, valName: "hello" });
  expect((await ask(town, worker.token)).json.access_token).toBe("first");
  await town.expect(403, "PUT", GOOGLE, { token: worker.token, json: { email: EMAIL, accessToken: "x" } });
});
