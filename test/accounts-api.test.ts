/** Tokens, the audit log, invitations, what the operator may do, and leaving. */

import { expect, test } from "bun:test";
import { Browser, type LivedIn, makeLivedIn } from "./support/accounts.ts";
import { makeTown } from "./support/town.ts";

const PASSWORD = Browser.password;

test("a token is made with a name, scopes and an end, told once, listed, and revoked for good", async () => {
  await using town = await makeTown();
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const json = { label: "laptop", scopes: ["val:read", "user:read"], expiresAt };
  const made = (await town.expect(201, "POST", "/v3/me/tokens", { json })).json;
  expect(made.token).toMatch(/^vtwn_\w{28}$/);
  expect((await town.expect(200, "GET", "/v1/me", { token: made.token })).json.username).toBe("ann");
  await town.expect(403, "GET", "/v3/me/tokens", { token: made.token });
  // Nobody waits until its use is written down.
  const list = () => town.expect(200, "GET", "/v3/me/tokens?limit=1");
  let listed = await list();
  while (listed.json.data[0].lastUsedAt === null) listed = await list();
  expect(listed.json.data[0]).toMatchObject({
    ...json,
    id: made.id,
    current: false,
    lastUsedAt: expect.any(String),
  });
  expect(listed.text).not.toContain(made.token);
  expect(listed.json.links.next).toContain("offset=1");
  await town.expect(404, "DELETE", `/v3/me/tokens/${made.id}`, { token: town.bob.token });
  await town.expect(204, "DELETE", `/v3/me/tokens/${made.id}`);
  await town.expect(401, "GET", "/v1/me", { token: made.token });
  const past = { expiresAt: "2020-01-01T00:00:00Z" };
  expect((await town.expect(400, "POST", "/v3/me/tokens", { json: past })).text).toContain("body/expiresAt");
});

test("a token makes none that may do more than itself, and a val none at all", async () => {
  await using town = await makeTown();
  const token = await town.token("user:write", "val:read");
  const refused = await town.expect(403, "POST", "/v3/me/tokens", { token, json: { scopes: ["val:write"] } });
  expect(refused.json.message).toContain("val:write");
  const made = (await town.expect(201, "POST", "/v3/me/tokens", { token, json: {} })).json;
  expect(made.scopes).toEqual(["val:read", "user:read", "user:write"]);
  const valId = await town.val("a");
  const worker = town.auth.mint({ userId: town.ann.id, username: "ann", valId, valName: "a" });
  for (const [method, path] of [
    ["POST", "/v3/me/tokens"],
    ["GET", "/v3/me/audit"],
    ["GET", "/v3/admin/users"],
  ] as const)
    await town.expect(403, method, path, { token: worker.token, ...(method === "POST" && { json: {} }) });
});

test("what was done to an account is on record, for its owner alone", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve", "198.51.100.4");
  const { id } = (await (await eve.send("POST", "/api/v3/me/tokens", { label: "t" })).json()) as {
    id: string;
  };
  await eve.fetch(`/api/v3/me/tokens/${id}`, {
    method: "DELETE",
    headers: { "sec-fetch-site": "same-origin" },
  });
  const { data } = await eve.json("/api/v3/me/audit");
  const seen = data.map((one: { action: string; address: string }) => [one.action, one.address]);
  expect(seen).toEqual([
    ["token.revoke", "198.51.100.4"],
    ["token.create", "198.51.100.4"],
    ["session.create", "198.51.100.4"],
    ["account.create", "198.51.100.4"],
  ]);
  const bobs = await home.town.call("GET", "/v3/me/audit", { token: home.town.bob.token });
  expect(bobs.json.data).toEqual([]);
});

test("an invitation is good as often as it says, and brings the address that it was for", async () => {
  await using home = await makeLivedIn({ signUp: "invite" });
  const { town } = home;
  expect((await home.browser().fetch("/auth/sign-up")).status).toBe(403);
  expect((await home.browser().submit("/auth/sign-up", { username: "eve", password: PASSWORD })).status).toBe(
    403,
  );
  const path = async (json: object) =>
    new URL((await town.expect(201, "POST", "/v3/admin/invites", { json })).json.url);
  const url = await path({ email: "eve@example.org" });
  const page = await (await home.browser().fetch(url.pathname + url.search)).text();
  expect(page).toContain("eve@example.org");
  const invite = url.searchParams.get("invite")!;
  // A name that is taken uses nothing up.
  const taken = { username: "ann", password: PASSWORD, invite };
  expect((await home.browser("10.4.0.1").submit("/auth/sign-up", taken)).status).toBe(409);
  const both = ["eve", "eva"].map((username) =>
    home.browser(`10.4.1.${username}`).submit("/auth/sign-up", { username, password: PASSWORD, invite }),
  );
  const statuses = (await Promise.all(both)).map(({ status }) => status).sort();
  expect(statuses).toEqual([303, 409]);
  const people = await town.store.users.list();
  expect(people.map(({ email }) => email)).toEqual(["ann@example.org", null, "eve@example.org"]);
  const listed = (await town.expect(200, "GET", "/v3/admin/invites")).json.data;
  expect(listed).toMatchObject([{ email: "eve@example.org", maxUses: 1, uses: 1 }]);
  await town.expect(204, "DELETE", `/v3/admin/invites/${listed[0].id}`);
  await town.expect(404, "DELETE", `/v3/admin/invites/${listed[0].id}`);
});

test("where accounts are closed an invitation does not help", async () => {
  await using home = await makeLivedIn({ signUp: "closed" });
  const { json } = await home.town.expect(201, "POST", "/v3/admin/invites", { json: {} });
  const url = new URL(json.url);
  expect((await home.browser().fetch(url.pathname + url.search)).status).toBe(403);
});

test("only the operator sees everyone, and a town always has one", async () => {
  await using town = await makeTown();
  const bob = { token: town.bob.token };
  for (const path of ["users", "invites", "audit"]) await town.expect(403, "GET", `/v3/admin/${path}`, bob);
  await town.expect(403, "PATCH", `/v3/admin/users/${town.bob.id}`, { ...bob, json: { admin: true } });
  const { data } = (await town.expect(200, "GET", "/v3/admin/users")).json;
  expect(data).toMatchObject([
    { username: "ann", admin: true, email: "ann@example.org", suspendedAt: null },
    { username: "Bob", admin: false },
  ]);
  const ann = `/v3/admin/users/${town.ann.id}`;
  await town.expect(409, "PATCH", ann, { json: { admin: false } });
  await town.expect(409, "PATCH", ann, { json: { suspended: true } });
  const raised = await town.expect(200, "PATCH", `/v3/admin/users/${town.bob.id}`, {
    json: { admin: true, tier: "pro" },
  });
  expect(raised.json).toMatchObject({ admin: true, tier: "pro" });
  await town.expect(200, "PATCH", ann, { ...bob, json: { admin: false } });
  await town.expect(403, "GET", "/v3/admin/users");
  const actions = (await town.expect(200, "GET", "/v3/admin/audit", bob)).json.data;
  expect(actions.map(({ action }: { action: string }) => action)).toEqual(["user.change", "user.change"]);
});

test("who is suspended is out at once: sessions, tokens, running vals; and can come back", async () => {
  await using home = await makeLivedIn();
  const { store, ann } = home.town;
  const eve = await home.newcomer("eve");
  const { id } = (await store.users.findByName("eve"))!;
  const { token } = await store.tokens.create({ userId: id });
  const worker = home.auth.mint({ userId: id, username: "eve", valId: ann.id, valName: "a" }).token;
  const tries = async () => {
    const bearers = [token, worker].map((one) =>
      eve.fetch("/api/v1/me", { headers: { authorization: `Bearer ${one}` } }),
    );
    return (await Promise.all([eve.fetch("/api/v1/me"), ...bearers])).map(({ status }) => status);
  };
  expect(await tries()).toEqual([200, 200, 200]);
  const suspend = (suspended: boolean) =>
    home.browser().fetch(`/api/v3/admin/users/${id}`, {
      method: "PATCH",
      body: JSON.stringify({ suspended }),
      headers: { authorization: `Bearer ${ann.token}`, "content-type": "application/json" },
    });
  expect((await suspend(true)).status).toBe(200);
  expect(await tries()).toEqual([401, 401, 401]);
  const refused = await home.browser("10.5.0.1").signIn("eve");
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("suspended")]);
  await suspend(false);
  expect(await tries()).toEqual([401, 200, 200]);
  expect((await eve.signIn("eve")).status).toBe(303);
});

async function furnish(home: LivedIn, eve: Browser): Promise<string> {
  const { store, blobs, sqlite } = home.town;
  const made = (await (await eve.send("POST", "/api/v2/vals", { name: "a", privacy: "public" })).json()) as {
    id: string;
  };
  const { id } = (await store.users.findByName("eve"))!;
  await eve.send("POST", "/api/v3/orgs", { username: "evecorp" });
  for (const scope of [
    { kind: "user", id },
    { kind: "val", id: made.id },
  ] as const) {
    await blobs.put(scope, "k", new TextEncoder().encode("bytes"));
    await sqlite.execute(scope, "create table t (a)");
  }
  return made.id;
}

test("who leaves takes everything along, and says so with the password or a new session", async () => {
  await using home = await makeLivedIn();
  const { store } = home.town;
  const eve = await home.newcomer("eve");
  const { id } = (await store.users.findByName("eve"))!;
  const { token } = await store.tokens.create({ userId: id });
  const valId = await furnish(home, eve);
  const leave = (json: object) =>
    home.browser().send("DELETE", "/api/v3/me", json, { authorization: `Bearer ${token}` });
  expect((await leave({})).status).toBe(400);
  expect((await leave({ password: "wrong horse" })).status).toBe(403);
  expect((await leave({ password: PASSWORD })).status).toBe(204);
  expect(home.removed).toEqual([valId]);
  for (const name of ["eve", "evecorp"]) expect(await store.users.findByName(name)).toBeUndefined();
  expect(await store.vals.find(valId)).toBeUndefined();
  expect(await home.town.blobs.usage(id)).toBe(0);
  for (const scope of [
    { kind: "user", id },
    { kind: "val", id: valId },
  ] as const)
    expect(await home.town.sqlite.usage(scope)).toBe(0);
  expect((await leave({ password: PASSWORD })).status).toBe(401);
  expect((await eve.fetch("/api/v1/me")).status).toBe(401);
  const { db } = store.authDatabase;
  for (const table of ["auth_user", "auth_session", "auth_account", "tokens", "one_time_links"]) {
    const column = table.startsWith("auth") ? (table === "auth_user" ? "id" : "userId") : "user_id";
    expect(await db.selectFrom(table).selectAll().where(column, "=", id).execute()).toEqual([]);
  }
  const { rows } = await store.audit.list({ userId: id, limit: 1, offset: 0 });
  expect(rows).toMatchObject([{ action: "account.delete", detail: { username: "eve" } }]);
  // A new session stands for the password.
  const eva = await home.newcomer("eva");
  expect((await eva.send("DELETE", "/api/v3/me", {})).status).toBe(204);
});

test("the last owner of an organization with others in it stays, and so does the only operator", async () => {
  await using home = await makeLivedIn();
  const { store, bob, ann } = home.town;
  const eve = await home.newcomer("eve");
  const { id } = (await store.users.findByName("eve"))!;
  const org = await store.orgs.create({ username: "acme", ownerId: id });
  const invitation = await store.orgs.invitations.create({
    orgId: org.id,
    to: { userId: bob.id },
    role: "member",
    invitedBy: id,
  });
  await store.orgs.invitations.accept(invitation.id, { userId: bob.id, email: undefined });
  const stays = await eve.send("DELETE", "/api/v3/me", {});
  expect([stays.status, await stays.text()]).toEqual([409, expect.stringContaining("acme")]);
  await store.accounts.setPassword(ann.id, await Bun.password.hash(PASSWORD));
  const operator = home.browser();
  await operator.signIn("ann");
  expect((await operator.send("DELETE", "/api/v3/me", {})).status).toBe(409);
});
