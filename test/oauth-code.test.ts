/** Apps ask a person in the browser: authorization code with PKCE, and what the tokens may do. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as openid from "openid-client";
import { API, APP, CALLBACK, makeOAuthTown, type OAuthTown } from "./support/oauth.ts";

let town: OAuthTown;

beforeAll(async () => {
  town = await makeOAuthTown();
});
afterAll(() => town[Symbol.asyncDispose]());

/** Of RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = {
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

/** The URL at which a browser asks; without a value, a parameter is left out. */
function authorization(client: string, more: Readonly<Record<string, string | undefined>> = {}): string {
  const usual = {
    client_id: client,
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: "user_r",
    state: "s",
  };
  const all = Object.entries({ ...usual, ...CHALLENGE, ...more }).filter(([, value]) => value !== undefined);
  return `${APP}/oauth/auth?${new URLSearchParams(all as [string, string][])}`;
}

/** The error with which a client is answered at its address, or which a page shows. */
async function errorOf(url: string): Promise<string> {
  const page = await town.browser("ann").open(url);
  if (page.status !== 0) return `page ${page.status}`;
  expect(page.url).toStartWith(CALLBACK);
  return new URL(page.url).searchParams.get("error") ?? "none";
}

test("an app that asks by code and PKCE gets tokens that last, bound to who allowed it", async () => {
  const { config, tokens } = await town.signIn("openid profile email offline_access project_r user_r");
  expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
  expect(tokens).toMatchObject({ expires_in: 86_400, scope: "project_r user_r" });
  expect(tokens.claims()).toMatchObject({
    sub: town.town.ann.id,
    iss: `${APP}/oauth`,
    preferred_username: "ann",
    email: "ann@example.org",
  });
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token!);
  expect((await town.me(again.access_token)).status).toBe(200);
});

test("the page names the app, where it asks from, and what it asks for, in plain words", async () => {
  const evil = '<script>alert(1)</script>"';
  const client = await town.registered({ client_name: evil, logo_uri: "https://evil.example/x.png" });
  const page = await town
    .browser("ann")
    .open(authorization(client, { scope: "blob_r blob_rw offline_access" }));
  expect(page.text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;");
  expect(page.text).toContain("<strong>app.example</strong>");
  expect(page.text).toContain("read, change and delete your blobs");
  expect(page.text).not.toContain("read your blobs");
  expect(page.text).toContain("until you take it back");
  expect(page.text).not.toMatch(/<script(?! src="\/assets\/theme-\w+\.js">)|evil\.example|style=/);
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("x-frame-options")).toBe("DENY");
});

test("an answer as a form is a page with nothing but that form and its own script", async () => {
  const client = await town.registered();
  const browser = town.browser("ann");
  const asked = await browser.open(authorization(client, { response_mode: "form_post" }));
  const page = await browser.submit(asked, { answer: "allow" });
  expect(page.text).toContain(`action="${CALLBACK}"`);
  const policy = page.headers.get("content-security-policy");
  expect(policy).toMatch(
    /^default-src 'none';script-src 'sha256-[^;]+;base-uri 'none';frame-ancestors 'none'$/,
  );
});

test("who refuses sends the app away with that, and nothing is granted", async () => {
  const client = await town.registered();
  const browser = town.browser("bob");
  const back = await browser.submit(await browser.open(authorization(client)), { answer: "refuse" });
  expect(new URL(back.url).searchParams.get("error")).toBe("access_denied");
  expect(
    (await town.town.expect(200, "GET", "/v3/me/grants", { token: town.town.bob.token })).json.data,
  ).toEqual([]);
});

test("every request is asked for, though the same was allowed a moment ago", async () => {
  const client = await town.registered();
  const browser = town.browser("ann");
  await browser.allow(authorization(client));
  expect((await browser.open(authorization(client))).text).toContain("Allow An app to use your account?");
  expect(
    new URL((await browser.open(authorization(client, { prompt: "none" }))).url).searchParams.get("error"),
  ).toBe("login_required");
});

test("who signs in as somebody else between two requests is who allows the second", async () => {
  const client = await town.registered();
  const browser = town.browser("ann");
  await browser.allow(authorization(client));
  browser.signIn("bob");
  const page = await browser.open(authorization(client));
  expect(page.text).toContain("You are <strong>Bob</strong>");
  expect((await browser.submit(page, { answer: "allow" })).url).toStartWith(`${CALLBACK}?code=`);
});

describe("a yes that the person did not give", () => {
  const asked = async () => {
    const browser = town.browser("ann");
    return { browser, page: await browser.open(authorization(await town.registered())) };
  };

  test("is refused from another site's page", async () => {
    const { browser, page } = await asked();
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "same-site" },
      { origin: "null" },
    ];
    for (const headers of foreign)
      expect((await browser.submit(page, { answer: "allow" }, headers)).status).toBe(403);
  });

  test("is asked anew when the form is not of this session", async () => {
    const { browser, page } = await asked();
    browser.signIn("bob");
    expect((await browser.submit(page, { answer: "allow" })).text).toContain("You are <strong>Bob</strong>");
    const guessed = await browser.submit(page, { answer: "allow", token: "x".repeat(43) });
    expect(guessed.text).toContain("You are <strong>Bob</strong>");
  });

  test("is not taken by a browser that did not ask", async () => {
    const { page } = await asked();
    expect((await town.browser("ann").submit(page, { answer: "allow" })).status).toBe(400);
    expect((await town.browser("ann").open(page.url)).status).toBe(400);
  });
});

describe("a request that does not fit is refused", () => {
  test("without PKCE, or with the plain one", async () => {
    const client = await town.registered();
    const none = { code_challenge: undefined, code_challenge_method: undefined };
    expect(await errorOf(authorization(client, none))).toBe("invalid_request");
    expect(await errorOf(authorization(client, { code_challenge_method: "plain" }))).toBe("invalid_request");
    const secret = await town.registered({ token_endpoint_auth_method: "client_secret_basic" });
    expect(await errorOf(authorization(secret, none))).toBe("invalid_request");
  });

  test("to an address that the client did not register: nobody is sent there", async () => {
    const client = await town.registered();
    for (const redirect_uri of ["https://evil.example/", `${CALLBACK}/more`, "javascript:alert(1)"])
      expect(await errorOf(authorization(client, { redirect_uri }))).toBe("page 400");
    expect(await errorOf(authorization("nobody"))).toBe("page 400");
  });

  test("for another resource, or nothing that is known", async () => {
    const client = await town.registered();
    expect(await errorOf(authorization(client, { resource: "https://api.example/" }))).toBe("invalid_target");
    const browser = town.browser("ann");
    const back = await browser.allow(authorization(client, { scope: "everything" }));
    expect(new URL(back).searchParams.get("error")).toBe("invalid_scope");
  });

  test("with the wrong verifier, or a code that was used: then what came of it ends", async () => {
    const client = await town.registered();
    const back = await town.browser("ann").allow(authorization(client));
    const usual = { grant_type: "authorization_code", client_id: client, redirect_uri: CALLBACK };
    const code = new URL(back).searchParams.get("code")!;
    const ask = async (code_verifier: string) => {
      const answer = await town.post("/oauth/token", { ...usual, code, code_verifier });
      return (await answer.json()) as { error?: string; access_token?: string };
    };
    expect((await ask("x".repeat(43))).error).toBe("invalid_grant");
    const { access_token } = await ask(VERIFIER);
    expect((await town.me(access_token!)).status).toBe(200);
    expect((await ask(VERIFIER)).error).toBe("invalid_grant");
    expect((await town.me(access_token!)).status).toBe(401);
  });

  test("at the token endpoint, of another client's code", async () => {
    const [one, other] = [await town.registered(), await town.registered()];
    const back = await town.browser("ann").allow(authorization(one));
    const code = new URL(back).searchParams.get("code")!;
    const form = { grant_type: "authorization_code", client_id: other, redirect_uri: CALLBACK, code };
    const answer = await town.post("/oauth/token", { ...form, code_verifier: VERIFIER });
    expect(await answer.json()).toMatchObject({ error: "invalid_grant" });
  });
});

test("of many that use one refresh token at the same time, one gets tokens at most, and then all ends", async () => {
  const { config, tokens } = await town.signIn("user_r offline_access");
  const form = {
    ...{ grant_type: "refresh_token", client_id: config.clientMetadata().client_id },
    refresh_token: tokens.refresh_token!,
  };
  const answers = await Promise.all(Array.from({ length: 8 }, () => town.post("/oauth/token", form)));
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { access_token?: string }[];
  const got = bodies.flatMap(({ access_token }) => access_token ?? []);
  expect(got.length).toBeLessThanOrEqual(1);
  expect(bodies.filter((body) => body.access_token === undefined)).toEqual(
    Array(8 - got.length).fill(expect.objectContaining({ error: "invalid_grant" })),
  );
  for (const token of [...got, tokens.access_token]) expect((await town.me(token)).status).toBe(401);
});

test("an app takes back its own tokens, and no other app's", async () => {
  const { config, tokens } = await town.signIn("user_r");
  const stranger = await town.client(await town.registered());
  await openid.tokenRevocation(stranger, tokens.access_token);
  expect((await town.me(tokens.access_token)).status).toBe(200);
  await openid.tokenRevocation(config, tokens.access_token);
  expect((await town.me(tokens.access_token)).status).toBe(401);
});

describe("the API as a resource", () => {
  test.each([API, `${API}/`, `${APP}/api`, `${APP}/api/`, APP])("is known as %s", async (resource) => {
    const { config, tokens } = await town.signIn("openid user_r offline_access", { resource });
    expect((await town.me(tokens.access_token)).status).toBe(200);
    const again = await openid.refreshTokenGrant(config, tokens.refresh_token!, { resource: `${API}/` });
    expect(again.scope).toBe("user_r");
  });

  test("gets its own scopes only, whatever else was allowed", async () => {
    const { tokens } = await town.signIn("openid profile user_r unheard_of", { resource: API });
    expect(tokens.scope).toBe("user_r");
    expect((await town.me(tokens.access_token)).status).toBe(200);
  });

  test("takes no token that was given for a person's identity alone", async () => {
    const { config, tokens } = await town.signIn("openid email");
    expect((await town.me(tokens.access_token)).status).toBe(401);
    const info = await openid.fetchUserInfo(config, tokens.access_token, town.town.ann.id);
    expect(info.email).toBe("ann@example.org");
  });
});

test("a token may do what was allowed and no more; the old names of scopes mean today's", async () => {
  const { tokens } = await town.signIn("user_r val_r");
  expect(tokens.scope).toBe("project_r user_r");
  const status = async (path: string, method = "GET") =>
    (await town.me(tokens.access_token, path, method)).status;
  expect(await status("/v1/me")).toBe(200);
  expect(await status("/v2/me/vals")).toBe(200);
  const beyond = await town.me(tokens.access_token, "/v1/blob");
  expect([beyond.status, await beyond.json()]).toMatchObject([
    403,
    { message: "Token does not have the required permissions" },
  ]);
  // Not even an app that may do all else manages the account.
  const { tokens: all } = await town.signIn(
    "user_r user_rw project_rw blob_rw sqlite_rw email_rw telemetry_r",
  );
  expect(all.scope).not.toContain("user_rw");
  expect((await town.me(all.access_token, "/v3/me/grants")).status).toBe(403);
});

test("a person sees what was allowed and takes it back, at once; another's is not there", async () => {
  const { config, tokens } = await town.signIn("user_r offline_access");
  expect((await town.me(tokens.access_token)).status).toBe(200);
  const { data } = (await town.town.expect(200, "GET", "/v3/me/grants")).json;
  expect(data[0]).toMatchObject({
    client: { id: config.clientMetadata().client_id, name: "An app", url: null },
    scopes: ["offline_access", "user_r"],
  });
  const path = `/v3/me/grants/${data[0].id}`;
  await town.town.expect(404, "DELETE", path, { token: town.town.bob.token });
  expect((await town.me(tokens.access_token)).status).toBe(200);
  await town.town.expect(204, "DELETE", path);
  expect((await town.me(tokens.access_token)).status).toBe(401);
  const refused = await openid.refreshTokenGrant(config, tokens.refresh_token!).catch((error) => error.error);
  expect(refused).toBe("invalid_grant");
  await town.town.expect(404, "DELETE", path);
  const { rows } = await town.town.store.audit.list({ userId: town.town.ann.id, limit: 2, offset: 0 });
  expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
    ["grant.revoke", data[0].id],
    ["grant.create", data[0].id],
  ]);
});
