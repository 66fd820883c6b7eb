/** What others try with somebody's cookie, address or link. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { guessOf } from "../src/accounts/guesses.ts";
import { createWindows } from "../src/accounts/limits.ts";
import { ownPath } from "../src/accounts/origin.ts";
import type { Context } from "../src/accounts/types.ts";
import { Browser, type LivedIn, makeLivedIn } from "./support/accounts.ts";

const PASSWORD = Browser.password;
const VAL = { name: "forged", privacy: "public" };

describe("a cookie is used by the app's own pages alone", () => {
  let home: LivedIn;
  let eve: Browser;
  beforeAll(async () => {
    home = await makeLivedIn();
    eve = await home.newcomer("eve");
  });
  afterAll(() => home[Symbol.asyncDispose]());

  test.each([
    ["another site", { origin: "https://evil.example" }],
    ["a val of this town", { origin: "http://me-evil.web.localhost:3000" }],
    ["another port of this host", { origin: "http://localhost:9999" }],
    ["a frame without an origin", { origin: "null" }],
    ["a page that the browser calls cross-site", { "sec-fetch-site": "cross-site" }],
    ["a page that the browser calls same-site", { "sec-fetch-site": "same-site" }],
    ["nobody who says where they are", {}],
  ])("what %s sends with it changes nothing", async (_, from) => {
    const type = { "content-type": "application/json" };
    const headers = { ...type, ...(from as Record<string, string>) };
    const attempts = [
      eve.fetch("/api/v2/vals", { method: "POST", headers, body: JSON.stringify(VAL) }),
      eve.fetch("/api/v3/me", { method: "DELETE", headers }),
      eve.fetch("/api/v3/me/tokens", { method: "POST", headers, body: "{}" }),
      eve.fetch("/auth/password", {
        method: "POST",
        headers: from,
        body: new URLSearchParams({ current: PASSWORD, password: "mallory's horse" }),
      }),
      eve.fetch("/auth/sign-out", { method: "POST", headers: from }),
      eve.fetch("/api/auth/sign-out", { method: "POST", headers, body: "{}" }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(attempts.map(() => 403));
    const { data } = await eve.json("/api/v2/me/vals");
    expect(data).toEqual([]);
    expect((await eve.json("/api/v3/me/tokens")).data).toEqual([]);
  });

  test("the browser's own word for it is enough", async () => {
    const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
    const body = JSON.stringify(VAL);
    expect((await eve.fetch("/api/v2/vals", { method: "POST", headers, body })).status).toBe(201);
  });

  test("it is nothing on the API's host, a val's, the module host or by a number", async () => {
    for (const host of ["api.localhost:3000", "127.0.0.1:3000", "localhost.evil.example"]) {
      const answer = await eve.fetch(`http://${host}/v1/me`);
      expect([host, answer.status, answer.headers.getSetCookie()]).toEqual([host, 401, []]);
      expect((await eve.fetch(`http://${host}/auth/sign-in`)).status).toBe(404);
    }
  });

  test("a request with a token never uses it, not even when the token is no good", async () => {
    const me = async (authorization: string) => {
      const answer = await eve.fetch("/api/v1/me", { headers: { authorization } });
      return answer.status === 200 ? ((await answer.json()) as { username: string }).username : answer.status;
    };
    expect(await me(`Bearer ${home.town.bob.token}`)).toBe("Bob");
    expect(await me("Bearer nonsense")).toBe(401);
    expect(await me("Basic YTpi")).toBe(401);
    const inQuery = await home
      .browser()
      .fetch(`/api/v1/me?token=${home.town.bob.token}&access_token=${home.town.bob.token}`);
    expect(inQuery.status).toBe(401);
  });

  test("no shared cache keeps what it got, nor what a token got", async () => {
    const { token } = home.town.bob;
    for (const answer of [
      await eve.fetch("/api/v1/me"),
      await home.town.call("GET", "/v1/me", { token }),
      await home.town.call("GET", "/v2/vals/x", { token }),
    ]) {
      expect(answer.headers.get("cache-control")).toBe("private, no-cache");
      expect(answer.headers.get("vary")).toBe("authorization, cookie");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
    const anonymous = await home.town.call("GET", "/v2/vals", { token: "" });
    expect([anonymous.headers.get("vary"), anonymous.headers.get("cache-control")]).toEqual([
      "authorization, cookie",
      null,
    ]);
    expect((await eve.fetch("/auth/password")).headers.get("cache-control")).toBe("no-store");
  });

  test("other sites' scripts are not let read answers that a cookie had a part in", async () => {
    const answer = await eve.fetch("/api/v1/me", { headers: { origin: "https://evil.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
  });

  test("signing somebody else's browser in as oneself is refused too", async () => {
    const browser = home.browser();
    const fields = { name: "eve", password: PASSWORD };
    expect((await browser.submit("/auth/sign-in", fields, { origin: "https://evil.example" })).status).toBe(
      403,
    );
    const json = { username: "eve", password: PASSWORD };
    const answer = await browser.send("POST", "/api/auth/sign-in/username", json, {
      origin: "https://evil.example",
    });
    expect(answer.status).toBe(403);
    expect(browser.cookies.size).toBe(0);
  });
});

test("behind https only the configured address is the app's own", async () => {
  await using home = await makeLivedIn({ address: { scheme: "https:", domain: "hamlet.example", port: "" } });
  const eve = await home.newcomer("eve");
  expect(eve.received[0]).toMatch(/^__Host-hamlet_session=.*Secure/);
  expect((await eve.fetch("/auth/password")).headers.get("strict-transport-security")).toBe(
    "max-age=31536000",
  );
  const plain = await eve.send("POST", "/api/v2/vals", VAL, { origin: "http://hamlet.example" });
  expect(plain.status).toBe(403);
  expect((await eve.send("POST", "/api/v2/vals", VAL)).status).toBe(201);
});

test("at plain http on another host than localhost it works without protection, and the operator is told", async () => {
  await using home = await makeLivedIn({ address: { domain: "town.example" } });
  expect(home.lines[0]).toContain("--public-url");
  const eve = await home.newcomer("eve");
  expect(eve.received[0]).toMatch(/^hamlet_session=/);
  expect(eve.received[0]).not.toMatch(/Secure|Domain/i);
  expect((await eve.fetch("/api/v1/me")).status).toBe(200);
});

test("a letter leads to the address that is configured, wherever it was asked for", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = await home.newcomer("eve");
  await store.accounts.setEmail((await store.users.findByName("eve"))!.id, "eve@example.org");
  const fields = { body: new URLSearchParams({ name: "eve" }), method: "POST" };
  const origin = "http://localhost:6666";
  await eve.fetch(`${origin}/auth/forgot`, { ...fields, headers: { origin } });
  await home.accounts.close();
  expect(home.letters.at(-1)?.text).toContain("http://localhost:3000/auth/reset?token=");
  const json = { email: "new@example.org", password: PASSWORD };
  expect((await eve.send("PATCH", `${origin}/api/v3/me`, json, { origin })).status).toBe(200);
  await home.accounts.close();
  expect(home.letters.at(-1)?.text).toContain("http://localhost:3000/auth/verify?token=");
});

test("neither a session that was left open nor a token is enough to change the address to which passwords go", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = await home.newcomer("eve");
  const { id } = (await store.users.findByName("eve"))!;
  const { token } = await store.tokens.create({ userId: id });
  const createdAt = new Date(Date.now() - 11 * 60_000).toISOString();
  await store.authDatabase.db.updateTable("auth_session").set({ createdAt }).execute();
  for (const email of ["mallory@example.org", ""]) {
    await store.accounts.setEmail(id, "eve@example.org");
    const json = { email: email === "" ? null : email };
    expect((await eve.send("PATCH", "/api/v3/me", json)).status).toBe(400);
    const answer = await home.town.call("PATCH", "/v3/me", { token, json });
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringContaining("password")]);
  }
  const wrong = { email: null, password: "another guess" };
  expect((await home.town.call("PATCH", "/v3/me", { token, json: wrong })).status).toBe(403);
  await home.accounts.close();
  expect(home.letters).toEqual([]);
  expect((await store.users.find(id))?.email).toBe("eve@example.org");
  const right = await home.town.call("PATCH", "/v3/me", { token, json: { email: null, password: PASSWORD } });
  expect([right.status, right.json.email]).toEqual([200, null]);
});

test("guesses are counted by address: the fourth is not looked at, and nobody else waits", async () => {
  await using home = await makeLivedIn();
  await home.newcomer("eve");
  const guesser = home.browser("203.0.113.5");
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await guesser.signIn("eve", `guess ${i}…`)).status);
  expect(statuses).toEqual([401, 401, 401, 429]);
  const late = await guesser.signIn("eve");
  expect([late.status, Number(late.headers.get("retry-after")) > 0]).toEqual([429, true]);
  const forged = await guesser.submit(
    "/auth/sign-in",
    { name: "eve", password: PASSWORD },
    { "x-forwarded-for": "6.6.6.6" },
  );
  expect(forged.status).toBe(429);
  expect((await home.browser("203.0.113.6").signIn("eve")).status).toBe(303);
  // A customer of IPv6 has as many addresses as he likes.
  const six = [];
  for (let i = 1; i < 5; i++)
    six.push((await home.browser(`2001:db8::${i}`).signIn("eve", "wrong one")).status);
  expect(six).toEqual([401, 401, 401, 429]);
  const { rows } = await home.town.store.audit.list({ limit: 20, offset: 0 });
  const failed = rows.filter(({ action }) => action === "session.fail");
  expect(failed).toHaveLength(6);
  expect(failed[0]?.userId).toBe((await home.town.store.users.findByName("eve"))!.id);
});

test("guesses are counted by account too, whatever address they come from; who is at home there may still sign in", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve", "10.7.0.1");
  await home.newcomer("mallory", "10.7.0.2");
  const { id } = (await home.town.store.users.findByName("eve"))!;
  const limits = createWindows();
  const guess = (address: string, username = "EVE") => {
    const headers = { "x-hamlet-client": address };
    const request = new Request("http://localhost:3000/api/auth/sign-in/username", { headers });
    const context = { store: home.town.store, limits } as unknown as Context;
    return guessOf(request, JSON.stringify({ username }), context);
  };
  const fail = async (address: string, times: number) => {
    for (let i = 0; i < times; i++) await (await guess(address)).failed();
  };
  await fail("192.0.2.1", 10);
  expect(await (await guess("192.0.2.1")).wait()).toBeGreaterThan(500);
  expect(await (await guess("192.0.2.2")).wait()).toBe(0);
  for (let i = 2; i < 11; i++) await fail(`192.0.2.${i}`, 10);
  expect(await (await guess("192.0.2.99")).wait()).toBeGreaterThan(3000);
  expect(await (await guess("10.7.0.1")).wait()).toBe(0);
  expect(await (await guess("192.0.2.99", "mallory")).wait()).toBe(0);
  expect((await guess("192.0.2.99")).userId).toBe(id);
  expect(eve.cookies.size).toBe(1);
});

test("only what pages need of better-auth can be reached", async () => {
  await using home = await makeLivedIn();
  const browser = home.browser();
  const json = { email: "eve@example.org", password: PASSWORD, name: "eve", username: "eve" };
  for (const path of [
    "sign-up/email",
    "update-user",
    "delete-user",
    "is-username-available",
    "change-email",
    "link-social",
  ]) {
    expect((await browser.send("POST", `/api/auth/${path}`, json)).status).toBe(404);
  }
  const huge = await browser.submit("/auth/sign-in", { name: "a".repeat(70_000) });
  expect(huge.status).toBe(413);
});

test.each([
  ["/x/me/hello?a=1#b", "/x/me/hello?a=1#b"],
  ["/oauth/authorize?client_id=a", "/oauth/authorize?client_id=a"],
  ["https://evil.example/", "/safe"],
  ["//evil.example/", "/safe"],
  ["/\\evil.example", "/safe"],
  ["/\t/evil.example", "/safe"],
  ["\\\\evil.example", "/safe"],
  ["/.//evil.example", "/safe"],
  ["/a/..//evil.example", "/safe"],
  ["javascript:alert(1)", "/safe"],
  ["evil", "/safe"],
  ["", "/safe"],
  [null, "/safe"],
])("%p leads to %s", (written, path) => {
  expect(ownPath(written, "/safe")).toBe(path);
});

test("after signing in one is led to a page of the app, nowhere else", async () => {
  await using home = await makeLivedIn();
  await home.newcomer("eve");
  const signIn = (next: string) =>
    home.browser(`10.3.0.${next.length}`).submit("/auth/sign-in", { name: "eve", password: PASSWORD, next });
  expect((await signIn("//evil.example")).headers.get("location")).toBe("/");
  expect((await signIn("/x/eve/a")).headers.get("location")).toBe("/x/eve/a");
  // A redirect that would go on to another origin is not followed after a form.
  const forward = await signIn("/oauth/authorize?x=1");
  expect([forward.status, forward.headers.get("refresh")]).toEqual([200, "0; url=/oauth/authorize?x=1"]);
});
