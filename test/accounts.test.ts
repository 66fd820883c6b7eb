/** People: they make an account, sign in and out, set passwords, and are gone when they leave. */

import { expect, test } from "bun:test";
import { getMigrations } from "better-auth/db/migration";
import { createEngine } from "../src/accounts/engine.ts";
import { createWindows } from "../src/accounts/limits.ts";
import { Browser, makeLivedIn } from "./support/accounts.ts";

const PASSWORD = Browser.password;

test("better-auth finds nothing to add to the tables that our migration has made", async () => {
  await using home = await makeLivedIn();
  const town = {
    scheme: "http:",
    domain: "localhost",
    webDomain: "web.localhost",
    mailDomain: "mail.example",
    port: ":3000",
  };
  const limits = createWindows();
  const engine = createEngine({ store: home.town.store, town, secret: "s".repeat(40), limits });
  const { toBeCreated, toBeAdded } = await getMigrations(engine.options);
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
});

test("who signs up is signed in, and the API knows them by the cookie alone", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("Eve");
  expect(eve.received.join()).toMatch(
    /^__Host-hamlet_session=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/i,
  );
  const me = await eve.json("/api/v1/me");
  expect(me).toMatchObject({ username: "Eve", email: null });
  const user = await home.town.store.users.findByName("eve");
  expect(me.id).toBe(user?.id);
  const made = await eve.send("POST", "/api/v2/vals", { name: "first", privacy: "private" });
  expect(made.status).toBe(201);
  expect((await eve.json("/api/v2/me/vals")).data).toHaveLength(1);
  expect((await eve.fetch("/auth/password")).status).toBe(200);
  // Links of former times.
  expect((await eve.fetch("/auth/settings")).headers.get("location")).toBe("/settings");
  await eve.submit("/auth/sign-out", {});
  expect(eve.cookies.size).toBe(0);
  expect((await eve.fetch("/api/v1/me")).status).toBe(401);
  expect((await eve.signIn("eVE")).status).toBe(303);
  expect((await eve.fetch("/api/v1/me")).status).toBe(200);
});

test("a session that was ended is good for nothing, though the cookie is still there", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve");
  const other = home.browser("10.1.1.1");
  await other.signIn("eve");
  const sessions = await home.town.store.accounts.sessions.list((await eve.json("/api/v1/me")).id);
  expect(sessions.map(({ address }) => address)).toEqual(["10.1.1.1", "10.0.0.3"]);
  expect((await eve.send("DELETE", "/api/v3/me/sessions", undefined)).status).toBe(204);
  expect((await other.fetch("/api/v1/me")).status).toBe(401);
  expect((await eve.fetch("/api/v1/me")).status).toBe(200);
  const stolen = new Map(eve.cookies);
  const wrong = await eve.submit("/auth/password", { current: "a guess", password: "another horse" });
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("not your password")]);
  await eve.submit("/auth/password", { current: PASSWORD, password: "another horse" });
  expect((await eve.fetch("/api/v1/me")).status).toBe(200);
  const cookie = [...stolen].map(([name, value]) => `${name}=${value}`).join("; ");
  expect((await eve.fetch("/api/v1/me", { headers: { cookie } })).status).toBe(401);
  expect((await home.browser().signIn("eve")).status).toBe(401);
});

test("a cookie that was tampered with is none", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve");
  const [name, value] = [...eve.cookies][0]!;
  for (const forged of [`x${value}`, value.replace(/\.[^.]*$/, ""), value.slice(0, -4), ""]) {
    expect((await eve.fetch("/api/v1/me", { headers: { cookie: `${name}=${forged}` } })).status).toBe(401);
  }
});

test("what is no name, no password or no address makes no account", async () => {
  await using home = await makeLivedIn();
  const CASES = [
    ["reserved", { username: "admin" }, 400],
    ["letter", { username: "a--b" }, 400],
    ["taken", { username: "ANN" }, 409],
    ["at least 8", { password: "1234567" }, 400],
    ["no e-mail address", { email: "nobody" }, 400],
    ["&quot;&gt;&lt;script&gt;", { username: '"><script>' }, 400],
  ] as const;
  for (const [index, [words, fields, status]] of CASES.entries()) {
    const browser = home.browser(`10.9.0.${index}`);
    const answer = await browser.submit("/auth/sign-up", { username: "eve", password: PASSWORD, ...fields });
    const text = await answer.text();
    expect([answer.status, text, browser.cookies.size]).toEqual([status, expect.stringContaining(words), 0]);
    expect(text).not.toContain("<script>");
  }
  expect(await home.town.store.users.list()).toHaveLength(2);
});

test("an address counts once its letter is answered, and nobody learns whose it is before", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = home.browser();
  const mail = "ann@example.org";
  await store.accounts.setPassword(home.town.ann.id, "x");
  await eve.submit("/auth/sign-up", { username: "eve", password: PASSWORD, email: mail });
  const link = await home.link();
  expect(home.letters[0]?.to).toBe(mail);
  const user = (await store.users.findByName("eve"))!;
  expect(user.email).toBeNull();
  expect(await store.users.verifiedEmail(user.id)).toBeUndefined();
  // Mail readers look at links.
  expect((await home.browser().fetch(link)).status).toBe(200);
  const token = new URLSearchParams(link.split("?")[1]).get("token")!;
  const refused = await home.browser().submit("/auth/verify", { token });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("another account")]);
  await store.accounts.setEmail(home.town.ann.id, null);
  expect((await home.browser().submit("/auth/verify", { token })).status).toBe(303);
  expect((await store.users.findByName("eve"))?.email).toBe(mail);
  expect((await home.browser().submit("/auth/verify", { token })).status).toBe(400);
  expect((await home.browser().signIn("ANN@example.org")).status).toBe(303);
});

test("a forgotten password is set by a letter, once, and everybody who was in is out", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = await home.newcomer("eve");
  await store.accounts.setEmail((await store.users.findByName("eve"))!.id, "eve@example.org");
  const unknown = await (await home.browser("10.2.0.1").submit("/auth/forgot", { name: "nobody" })).text();
  const known = await (
    await home.browser("10.2.0.2").submit("/auth/forgot", { name: "eve@example.org" })
  ).text();
  expect(known).toBe(unknown);
  const token = new URLSearchParams((await home.link()).split("?")[1]).get("token")!;
  expect(home.letters.map(({ to }) => to)).toEqual(["eve@example.org"]);
  const fresh = home.browser("10.2.0.3");
  const short = await fresh.submit("/auth/reset", { token, password: "short" });
  expect(short.status).toBe(400);
  expect((await fresh.submit("/auth/reset", { token, password: "a new horse" })).status).toBe(303);
  expect((await fresh.json("/api/v1/me")).username).toBe("eve");
  expect((await eve.fetch("/api/v1/me")).status).toBe(401);
  expect((await home.browser().submit("/auth/reset", { token, password: "one more" })).status).toBe(400);
  expect((await home.browser().signIn("eve", "a new horse")).status).toBe(303);
});

test("without a mail relay the operator finds the link in the log", async () => {
  await using home = await makeLivedIn({ relay: false });
  await home.newcomer("eve");
  const asked = await home.browser().submit("/auth/forgot", { name: "@Eve" });
  expect(await asked.text()).toContain("This town sends no mail");
  expect(await home.link()).toStartWith("/auth/reset?token=");
  expect(home.lines.at(-1)).toMatch(/^Set a new password, for eve: http/);
});

test("a link that sets a password lasts as long as it says, and is not in the database", async () => {
  await using home = await makeLivedIn();
  const { store, ann } = home.town;
  const secret = await store.accounts.makeLink({ kind: "password", userId: ann.id, lastsMs: 0 });
  expect(await store.accounts.findLink("password", secret)).toBeUndefined();
  const good = await store.accounts.makeLink({ kind: "password", userId: ann.id, lastsMs: 1000 });
  expect(await store.accounts.findLink("email", good)).toBeUndefined();
  expect((await store.accounts.findLink("password", good))?.username).toBe("ann");
  const rows = await store.authDatabase.db.selectFrom("one_time_links").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(good);
  // Ann was made by a command and has no row of better-auth's: her first password makes it.
  const browser = home.browser();
  expect((await browser.submit("/auth/reset", { token: good, password: PASSWORD })).status).toBe(303);
  expect((await browser.json("/api/v1/me")).email).toBe("ann@example.org");
});

test("the apps that were allowed in are their person's to see and to send away", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = await home.newcomer("eve");
  const userId = (await store.users.findByName("eve"))!.id;
  const grantId = Bun.randomUUIDv7();
  const common = { userId, clientId: "app", grantId };
  const [scope, aud] = ["openid project_rw telemetry_r", "http://api.localhost:3000"];
  await store.oauth.put("Client", "app", { payload: { client_name: "<b>An app" }, clientId: "app" });
  await store.oauth.put("Grant", grantId, { ...common, payload: { openid: { scope } } });
  const expiresAt = Date.now() + 60_000;
  await store.oauth.put("AccessToken", "t", { ...common, payload: { scope: "project_rw", aud }, expiresAt });
  const apps = async (who: Browser) => (await who.json("/api/v3/me/grants")).data;
  expect(await apps(eve)).toMatchObject([
    { id: grantId, client: { name: "<b>An app" }, scopes: expect.arrayContaining(["project_rw"]) },
  ]);
  const mallory = await home.newcomer("mallory");
  expect(await apps(mallory)).toEqual([]);
  const remove = (who: Browser) => who.send("DELETE", `/api/v3/me/grants/${grantId}`, undefined);
  expect((await remove(mallory)).status).toBe(404);
  expect(await store.oauth.findToken("t")).toBeDefined();
  expect((await remove(eve)).status).toBe(204);
  expect([await apps(eve), await store.oauth.findToken("t")]).toEqual([[], undefined]);
});

test("the link of a first start welcomes the operator and leads to a first val, once", async () => {
  await using home = await makeLivedIn();
  const { store, ann } = home.town;
  const token = await store.accounts.makeLink({ kind: "password", userId: ann.id, lastsMs: 60_000 });
  const browser = home.browser();
  const page = await (await browser.fetch(`/auth/welcome?token=${token}`)).text();
  expect([page, page]).toEqual([
    expect.stringContaining("Welcome to your town"),
    expect.stringContaining("<strong>ann</strong>"),
  ]);
  expect((await browser.submit("/auth/welcome", { token, password: "short" })).status).toBe(400);
  const done = await browser.submit("/auth/welcome", { token, password: PASSWORD });
  expect([done.status, done.headers.get("location")]).toEqual([303, "/new?template=streaming"]);
  expect((await browser.json("/api/v1/me")).username).toBe("ann");
  const again = await home.browser().submit("/auth/welcome", { token, password: "one more horse" });
  expect([again.status, await again.text()]).toEqual([400, expect.stringContaining("hamlet user password")]);
});
