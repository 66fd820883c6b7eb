/** Who asks for tokens: clients that register, and those that mean ill. */

import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import * as openid from "openid-client";
import { createOAuth } from "../src/oauth/oauth.ts";
import { API, APP, CALLBACK, makeOAuthTown, type OAuthTown } from "./support/oauth.ts";

let town: OAuthTown;

beforeAll(async () => {
  town = await makeOAuthTown();
});
afterAll(() => town[Symbol.asyncDispose]());

const fresh = () => crypto.randomUUID();
const get = async (url: string) => {
  const answer = await town.fetch(url);
  return { status: answer.status, headers: answer.headers, json: JSON.parse(await answer.text()) };
};

describe("where clients find what they need", () => {
  test("the server's metadata is where each RFC puts it, and says what vt looks for", async () => {
    const places = [
      "/oauth/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server",
      "/.well-known/oauth-authorization-server/oauth",
      "/oauth/.well-known/oauth-authorization-server",
    ];
    for (const place of places) {
      const { json } = await get(APP + place);
      expect(json).toMatchObject({
        issuer: `${APP}/oauth`,
        authorization_endpoint: `${APP}/oauth/auth`,
        token_endpoint: `${APP}/oauth/token`,
        registration_endpoint: `${APP}/oauth/reg`,
        device_authorization_endpoint: `${APP}/oauth/device/auth`,
        revocation_endpoint: `${APP}/oauth/token/revocation`,
        code_challenge_methods_supported: ["S256"],
        response_types_supported: ["code"],
      });
      expect(json.scopes_supported).toContain("project_rw");
    }
    expect((await get(`${API}/.well-known/oauth-authorization-server`)).json.issuer).toBe(`${APP}/oauth`);
    expect((await town.fetch(`${APP}/.well-known/anything`)).status).toBe(404);
  });

  test("a 401 of the API leads to the API's own metadata, by whatever address it was asked", async () => {
    for (const base of [API, `${APP}/api`, APP]) {
      const { status, headers } = await get(`${base}/v1/me`);
      expect([status, headers.get("access-control-expose-headers")?.includes("www-authenticate")]).toEqual([
        401,
        true,
      ]);
      const url = /^Bearer resource_metadata="([^"]+)"$/.exec(headers.get("www-authenticate")!)![1]!;
      const { json, headers: open } = await get(url);
      expect(json).toMatchObject({ resource: base, authorization_servers: [`${APP}/oauth`] });
      expect(json.scopes_supported).toContain("project_rw");
      expect(open.get("access-control-allow-origin")).toBe("*");
    }
  });

  test("a token that is no good is told to be that, beside where to get another", async () => {
    const { headers } = await town.me("x".repeat(43));
    expect(headers.get("www-authenticate")).toStartWith(
      'Bearer error="invalid_token", resource_metadata="http',
    );
  });

  test("pages are on the app's own host only, where its cookies are", async () => {
    const answer = await town.fetch(`${API}/oauth/device?user_code=BBBB-BBBB`);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      307,
      `${APP}/oauth/device?user_code=BBBB-BBBB`,
    ]);
  });
});

test("behind a proxy, clients hear of the public address alone, and cookies are for https", async () => {
  const { store, folder, auth } = town.town;
  const oauth = createOAuth({
    ...{ store, folder, socketPath: join(folder, "proxied.sock"), forget: auth.forgetGrant },
    town: {
      scheme: "https:",
      domain: "town.example",
      webDomain: "vals.example",
      mailDomain: "mail.example",
      port: "",
    },
    identify: async () => undefined,
  });
  try {
    const ask = (path: string) =>
      oauth.fetch(new Request(`http://town.example${path}`, { headers: { "x-forwarded-proto": "http" } }));
    const text = await (await ask("/oauth/.well-known/openid-configuration")).text();
    expect(JSON.parse(text).issuer).toBe("https://town.example/oauth");
    expect(text).not.toMatch(/http:|localhost/);
    const form = await ask("/oauth/device");
    const cookies = form.headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/; secure/);
  } finally {
    await oauth.close();
  }
});

describe("a client registers itself", () => {
  test("as openid-client does it", async () => {
    const metadata = { redirect_uris: [CALLBACK], client_name: "By library" };
    const config = await openid.dynamicClientRegistration(new URL(`${APP}/oauth`), metadata, undefined, {
      execute: [openid.allowInsecureRequests],
      [openid.customFetch]: (url, init) => town.fetch(url, init as RequestInit),
    });
    expect(config.clientMetadata()).toMatchObject({
      client_id: expect.any(String),
      client_secret: expect.any(String),
      grant_types: ["authorization_code"],
      response_types: ["code"],
    });
  });

  test("and from a page of another site", async () => {
    const asked = await town.fetch(`${APP}/oauth/reg`, { method: "OPTIONS" });
    expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    expect((await town.register({}, fresh())).headers.get("access-control-allow-origin")).toBe("*");
  });

  const GOOD: readonly (readonly string[])[] = [
    ["https://app.example/a?b=c"],
    ["http://localhost:6274/callback", "http://127.0.0.1/callback"],
    ["com.example.app:/callback"],
    ["cursor://anysphere.cursor-mcp/oauth"],
  ];
  test.each(GOOD)("with %s", async (...redirect_uris) => {
    expect((await town.register({ redirect_uris }, fresh())).status).toBe(201);
  });

  const BAD: readonly (readonly [title: string, metadata: object])[] = [
    ["no redirect_uris", { redirect_uris: undefined }],
    ["an empty list of them", { redirect_uris: [] }],
    ["one that is no text", { redirect_uris: [1] }],
    ["http that is not this computer", { redirect_uris: ["http://app.example/callback"] }],
    ["a script", { redirect_uris: ["javascript:alert(1)"] }],
    ["a script in other letters", { redirect_uris: ["JavaScript:alert(1)"] }],
    ["data", { redirect_uris: ["data:text/html,<script>alert(1)</script>"] }],
    ["a file", { redirect_uris: ["file:///etc/passwd"] }],
    ["a fragment", { redirect_uris: ["https://app.example/#a"] }],
    ["a path", { redirect_uris: ["/callback"] }],
    ["a script among good ones", { redirect_uris: [CALLBACK, "javascript:alert(1)"] }],
    [
      "more than anyone needs",
      { redirect_uris: Array.from({ length: 21 }, (_, i) => `https://a.example/${i}`) },
    ],
    ["the implicit grant", { grant_types: ["implicit"], response_types: ["token"] }],
    ["a scope that is none", { scope: "everything" }],
    ["a secret that we could not keep", { token_endpoint_auth_method: "tls_client_auth" }],
    ["client_credentials, for which nobody was asked", { grant_types: ["client_credentials"] }],
  ];
  test.each(BAD)("not with %s", async (_, metadata) => {
    const answer = await town.register(metadata, fresh());
    const body = (await answer.json()) as { error: string };
    expect(answer.status).toBe(400);
    expect(body.error).toMatch(/^invalid_(client_metadata|redirect_uri)$/);
  });

  test("not with a text that is no JSON object, nor with a huge one", async () => {
    for (const body of ["", "[]", "null", "{", "1"]) {
      const answer = await town.fetch(`${APP}/oauth/reg`, { method: "POST", body, headers: address() });
      expect(answer.status).toBe(400);
    }
    expect((await town.register({ client_name: "x".repeat(17_000) }, fresh())).status).toBe(413);
    const deep = `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`;
    const nested = await town.fetch(`${APP}/oauth/reg`, { method: "POST", body: deep, headers: address() });
    expect(nested.status).toBe(413);
  });

  test("ten times a minute from one address", async () => {
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await town.register({}, "203.0.113.9")).status);
    expect(statuses).toEqual([...Array(10).fill(201), 429]);
    expect((await town.register({}, "203.0.113.10")).status).toBe(201);
    town.now += 60_000;
    expect((await town.register({}, "203.0.113.9")).status).toBe(201);
  });

  test("with a secret, which it then needs", async () => {
    const answer = await town.register({ token_endpoint_auth_method: "client_secret_basic" }, fresh());
    const { client_id, client_secret } = (await answer.json()) as {
      client_id: string;
      client_secret: string;
    };
    const ask = (secret: string) =>
      town.post(
        "/oauth/token",
        { grant_type: "refresh_token", refresh_token: "x" },
        { authorization: `Basic ${btoa(`${client_id}:${secret}`)}` },
      );
    expect([(await ask("wrong")).status, (await ask(client_secret)).status]).toEqual([401, 400]);
  });
});

const address = () => ({ "x-hamlet-client": fresh(), "content-type": "application/json" });

test("no client makes the server fetch anything", async () => {
  const fetched: string[] = [];
  const { fetch } = globalThis;
  const spy = spyOn(globalThis, "fetch").mockImplementation(((...args: Parameters<typeof fetch>) => {
    const [url, init] = args;
    // The way to the server behind is a unix socket.
    if (!(init as { unix?: string }).unix) fetched.push(String(url));
    return fetch(...args);
  }) as typeof fetch);
  try {
    const url = "http://169.254.169.254/latest/meta-data";
    const inner = "https://internal.example/keys";
    const hostile = [
      { jwks_uri: inner, token_endpoint_auth_method: "private_key_jwt" },
      { jwks_uri: inner },
      { sector_identifier_uri: inner },
      { request_uris: [inner] },
      { backchannel_logout_uri: inner },
      { logo_uri: inner, client_uri: inner, policy_uri: inner, tos_uri: inner, initiate_login_uri: inner },
      { logo_uri: url },
      { software_statement: "eyJhbGciOiJub25lIn0.e30.", subject_type: "pairwise" },
    ];
    const statuses = [];
    for (const metadata of hostile) {
      const answer = await town.register(metadata, fresh());
      statuses.push(answer.status);
      if (answer.status !== 201) continue;
      const { client_id } = (await answer.json()) as { client_id: string };
      const query = { client_id, response_type: "code", redirect_uri: CALLBACK, scope: "user_r" };
      const pkce = {
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
      };
      const ways: Record<string, string>[] = [
        {},
        { request_uri: inner },
        { request: "eyJhbGciOiJub25lIn0.e30." },
      ];
      for (const more of ways)
        await town
          .browser("ann")
          .open(`${APP}/oauth/auth?${new URLSearchParams({ ...query, ...pkce, ...more })}`);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 201, 201, 400]);
    for (const client_id of [inner, `${inner}?a`, url])
      await town
        .browser("ann")
        .open(`${APP}/oauth/auth?${new URLSearchParams({ client_id, response_type: "code" })}`);
    expect(fetched).toEqual([]);
  } finally {
    spy.mockRestore();
  }
});

test("what is not of the protocol is refused, and the server goes on", async () => {
  const odd: readonly [path: string, init: RequestInit][] = [
    ["/oauth/token", { method: "POST", body: "x".repeat(70_000) }],
    ["/oauth/token", { method: "POST", body: "\0\u0001", headers: { "content-type": "application/json" } }],
    ["/oauth/token", { method: "PUT" }],
    ["/oauth/auth?client_id=a&client_id=b", {}],
    ["/oauth/auth?client_id[]=a&__proto__=b", {}],
    ["/oauth/interaction/..%2f..%2f", {}],
    ["/oauth/device/x", {}],
    ["/oauth/reg/x", {}],
    ["/oauth/session/end/confirm", { method: "POST" }],
    ["/oauth/", {}],
    ["/oauth/interaction/x", { method: "POST", body: "answer=allow" }],
  ];
  for (const [path, init] of odd) {
    const { status } = await town.fetch(APP + path, init);
    expect([path, status >= 400 && status < 500]).toEqual([path, true]);
  }
  expect((await get(`${APP}/oauth/.well-known/openid-configuration`)).status).toBe(200);
});

test("a copy of the database lets nobody in", async () => {
  const { tokens } = await town.signIn("openid user_r offline_access");
  const { folder } = town.town;
  const files = [...new Bun.Glob("hamlet.db*").scanSync(folder)];
  const bytes = await Promise.all(files.map((file) => Bun.file(`${folder}/${file}`).text()));
  for (const secret of [tokens.access_token, tokens.refresh_token!, CALLBACK])
    expect(bytes.some((text) => text.includes(secret))).toBe(false);
});
