/** Organizations: who belongs to them, what members may, and what those may no more who have left. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { SCOPES } from "../src/val/scope.ts";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;
/** Of ann's, with bob as a member; carol is a stranger. */
let org: string;
const carol = { id: "", token: "" };

beforeAll(async () => {
  town = await makeTown();
  carol.id = (await town.store.users.create({ username: "carol" })).id;
  carol.token = (await town.store.tokens.create({ userId: carol.id })).token;
  org = (await town.expect(201, "POST", "/v3/orgs", { json: { username: "acme", bio: "We make it." } })).json
    .id;
  await join(org, "bob", town.bob.token);
});
afterAll(() => town[Symbol.asyncDispose]());

async function join(orgId: string, username: string, token: string, role = "member"): Promise<void> {
  const asked = await town.expect(201, "POST", `/v3/orgs/${orgId}/invitations`, { json: { username, role } });
  await town.expect(201, "POST", `/v3/me/invitations/${asked.json.id}/accept`, { token });
}

const statusOf = async (method: string, path: string, token: string, json?: unknown) =>
  (await town.call(method, path, { token, ...(json !== undefined && { json }) })).status;

test("an organization is an account like a person's, and its members see one another", async () => {
  const { json } = await town.expect(200, "GET", "/v1/alias/ACME", { token: "" });
  expect(json).toMatchObject({ id: org, type: "org", username: "acme", bio: "We make it." });
  expect((await town.expect(200, "GET", "/v2/orgs")).json.data).toEqual([{ id: org, username: "acme" }]);
  const members = (await town.expect(200, "GET", `/v2/orgs/${org}/memberships`, { token: town.bob.token }))
    .json;
  expect(members).toMatchObject([
    { role: "owner", user: { id: town.ann.id, username: "ann" } },
    { role: "member", user: { id: town.bob.id, username: "Bob" } },
  ]);
  for (const id of [org, town.ann.id, UNKNOWN]) {
    const answer = await town.expect(404, "GET", `/v2/orgs/${id}/memberships`, { token: carol.token });
    expect(answer.json.message).toBe("Organization not found");
  }
  expect((await town.expect(200, "GET", "/v2/orgs", { token: carol.token })).json.data).toEqual([]);
});

test("a name is one person's or one organization's, and must be a username", async () => {
  for (const username of ["Acme", "bob"])
    expect(await statusOf("POST", "/v3/orgs", town.ann.token, { username })).toBe(409);
  for (const username of ["a b", "std", ""])
    expect(await statusOf("POST", "/v3/orgs", town.ann.token, { username })).toBe(400);
});

test("members make, read, change and delete the organization's vals; others see of them what is public", async () => {
  const token = town.bob.token;
  const body = { name: "tool", privacy: "private", orgId: org };
  const made = await town.expect(201, "POST", "/v2/vals", { token, json: body });
  expect(made.json.author).toEqual({ id: org, type: "org", username: "acme" });
  const at = `/v2/vals/${made.json.id}`;
  await town.expect(201, "POST", `${at}/files?path=main.ts`, { token, json: { type: "http", content: "1" } });
  await town.expect(200, "PUT", `${at}/files?path=main.ts`, { json: { content: "2" } });
  await town.expect(201, "POST", `${at}/environment_variables`, { token, json: { key: "A", value: "b" } });
  await town.expect(201, "POST", `/v3${at.slice(3)}/blob/x`, { token, body: "of the val" });
  const sql = { statement: "select 1 as one" };
  await town.expect(200, "POST", `/v3${at.slice(3)}/sqlite/execute`, { json: sql });
  const names = async (path: string, as: string) =>
    (await town.expect(200, "GET", path, { token: as })).json.data.map((val: { name: string }) => val.name);
  for (const path of ["/v2/vals", "/v2/me/vals", `/v2/vals?user_id=${org}&privacy=private`])
    expect(await names(path, town.ann.token)).toEqual(["tool"]);
  for (const path of ["/v2/vals", `/v2/vals?user_id=${org}`, "/v2/me/vals"])
    expect(await names(path, carol.token)).toEqual([]);
  for (const path of [at, `${at}/files?path=`, `${at}/environment_variables`, "/v2/alias/vals/acme/tool"])
    expect([path, await statusOf("GET", path, carol.token)]).toEqual([path, 404]);
  expect(await statusOf("POST", "/v2/vals", carol.token, body)).toBe(403);
  expect(await statusOf("POST", "/v2/vals", carol.token, { ...body, orgId: UNKNOWN })).toBe(403);
  await town.expect(204, "DELETE", at, { token });
});

test("only owners manage the organization", async () => {
  const json = { role: "owner", bio: "mine", username: "carol" };
  for (const [method, path] of [
    ["PATCH", ""],
    ["DELETE", ""],
    ["GET", "/invitations"],
    ["POST", "/invitations"],
    ["DELETE", `/invitations/${UNKNOWN}`],
    ["PATCH", `/memberships/${town.bob.id}`],
    ["DELETE", `/memberships/${town.ann.id}`],
  ] as const) {
    const body = ["PATCH", "POST"].includes(method) ? json : undefined;
    const where = `/v3/orgs/${org}${path}`;
    const said = [
      await statusOf(method, where, town.bob.token, body),
      await statusOf(method, where, carol.token, body),
    ];
    expect([method, path, ...said]).toEqual([method, path, 403, 404]);
    expect(await statusOf(method, `/v3/orgs/${town.ann.id}${path}`, town.ann.token, body)).toBe(404);
  }
  const changed = await town.expect(200, "PATCH", `/v3/orgs/${org}`, {
    json: { bio: null, profileImageUrl: "https://example.org/a.png" },
  });
  expect(changed.json).toMatchObject({ bio: null, profileImageUrl: "https://example.org/a.png" });
});

test("the organization always has an owner", async () => {
  const own = `/v3/orgs/${org}/memberships/${town.ann.id}`;
  expect(await statusOf("DELETE", own, town.ann.token)).toBe(409);
  expect(await statusOf("PATCH", own, town.ann.token, { role: "member" })).toBe(409);
  expect(
    await statusOf("PATCH", `/v3/orgs/${org}/memberships/${carol.id}`, town.ann.token, { role: "owner" }),
  ).toBe(404);
  const bob = `/v3/orgs/${org}/memberships/${town.bob.id}`;
  expect((await town.expect(200, "PATCH", bob, { json: { role: "owner" } })).json.role).toBe("owner");
  // At once, though what is known of bob's token is remembered.
  await town.expect(200, "PATCH", own, { token: town.bob.token, json: { role: "member" } });
  await town.expect(200, "PATCH", own, { token: town.bob.token, json: { role: "owner" } });
  await town.expect(200, "PATCH", bob, { json: { role: "member" } });
});

test("whoever leaves or is removed may nothing any more, from the next request on, with any token", async () => {
  const made = await town.expect(201, "POST", "/v2/vals", {
    json: { name: "secret", privacy: "private", orgId: org },
  });
  const at = `/v2/vals/${made.json.id}`;
  await town.expect(201, "POST", `${at}/files?path=a.ts`, { json: { type: "script", content: "1" } });
  const granted = await town.auth.vouch({ userId: carol.id, tokenId: "s", kind: "session", scopes: SCOPES });
  expect([...granted!.accounts]).not.toContain(org);
  for (const leave of [carol.token, town.ann.token]) {
    await join(org, "carol", carol.token);
    const attempts = (): [string, string, unknown?][] => [
      ["GET", at],
      ["GET", `${at}/files/content?path=a.ts`],
      ["PUT", `${at}/files?path=a.ts`, { content: "2" }],
      ["POST", `${at}/environment_variables`, { key: `K${Bun.randomUUIDv7().slice(-12)}`, value: "v" }],
      ["GET", `/v3${at.slice(3)}/blob`],
      ["GET", `/v3/orgs/${org}/blob`],
      ["POST", `/v3/orgs/${org}/sqlite/execute`, { statement: "select 1" }],
      ["GET", `/v2/orgs/${org}/memberships`],
      ["POST", "/v2/vals", { name: `n${Bun.randomUUIDv7().slice(-12)}`, privacy: "private", orgId: org }],
    ];
    const outcome = async () => {
      const statuses: number[] = [];
      for (const [method, path, json] of attempts())
        statuses.push(await statusOf(method, path, carol.token, json));
      return statuses;
    };
    expect(await outcome()).toEqual([200, 200, 200, 201, 200, 200, 200, 200, 201]);
    await town.expect(204, "DELETE", `/v3/orgs/${org}/memberships/${carol.id}`, { token: leave });
    expect(await outcome()).toEqual([404, 404, 404, 404, 404, 404, 404, 404, 403]);
    const session = await town.auth.vouch({
      userId: carol.id,
      tokenId: "s",
      kind: "session",
      scopes: SCOPES,
    });
    expect([...session!.accounts]).toEqual([carol.id]);
  }
});

test("the token of an organization's val speaks for the organization, and manages none", async () => {
  const valId = (
    await town.expect(201, "POST", "/v2/vals", { json: { name: "bot", privacy: "public", orgId: org } })
  ).json.id;
  const { token } = town.auth.mint({ userId: org, username: "acme", valId, valName: "bot" });
  expect((await town.expect(200, "GET", "/v1/me", { token })).json).toMatchObject({
    id: org,
    type: "org",
    email: null,
  });
  await town.expect(201, "POST", "/v1/blob/shared", { token, body: "of the organization" });
  const shared = await town.expect(200, "GET", `/v3/orgs/${org}/blob/shared`, { token: town.bob.token });
  expect(shared.text).toBe("of the organization");
  expect((await town.expect(200, "GET", "/v1/blob")).json).toEqual([]);
  await town.expect(200, "POST", "/v1/sqlite/execute", {
    token,
    json: { statement: "create table of_org (a)" },
  });
  const read = { statement: "select name from sqlite_schema" };
  const found = await town.expect(200, "POST", `/v3/orgs/${org}/sqlite/execute`, { json: read });
  expect(found.json.rows).toEqual([["of_org"]]);
  expect(await town.blobs.usage(org)).toBe("of the organization".length);
  await town.expect(202, "POST", "/v1/email", { token, json: { text: "hello" } });
  const [mail] = (await town.expect(200, "GET", "/v3/mails", { token })).json.data;
  const seen = await town.expect(200, "GET", `/v3/mails/${mail.id}`, { token: town.bob.token });
  expect(seen.text).toContain("ann@example.org");
  await town.expect(404, "GET", `/v3/mails/${mail.id}`, { token: carol.token });
  expect(await statusOf("POST", `/v3/orgs/${org}/invitations`, token, { username: "carol" })).toBe(403);
  expect(await statusOf("DELETE", `/v3/orgs/${org}`, token)).toBe(403);
  expect(await statusOf("POST", "/v3/orgs", token, { username: "bots" })).toBe(403);
  // A person's val speaks for that person alone, not for the organizations.
  const own = town.auth.mint({ userId: town.ann.id, username: "ann", valId: UNKNOWN, valName: "own" }).token;
  expect(await statusOf("GET", `/v3/orgs/${org}/blob`, own)).toBe(404);
  const secret = await town.expect(200, "GET", "/v2/alias/vals/acme/secret");
  expect(await statusOf("GET", `/v2/vals/${secret.json.id}`, own)).toBe(404);
});

test("members see the calls and logs of the organization's vals", async () => {
  const val = (await town.expect(200, "GET", "/v2/alias/vals/acme/bot")).json;
  const subject = { username: "acme", valId: val.id, fileId: UNKNOWN, branchId: UNKNOWN, version: 1 };
  const trace = "0123456789abcdef0123456789abcdef";
  const line = {
    deployment: subject,
    worker: "w",
    level: "info",
    time: Date.now(),
    trace,
    text: "said",
  } as const;
  town.store.telemetry.recordLogs([{ ...line, stream: "stdout" }]);
  const texts = async (token: string) => {
    const { data } = (await town.expect(200, "GET", "/v1/telemetry/logs", { token })).json;
    return data.map((log: { body: { stringValue: string } }) => log.body.stringValue);
  };
  expect([await texts(town.bob.token), await texts(carol.token)]).toEqual([["said"], []]);
  await town.expect(200, "GET", `/v3/traces/${trace}`, { token: town.bob.token });
  await town.expect(404, "GET", `/v3/traces/${trace}`, { token: carol.token });
});

test("who came, went and invited is on record", async () => {
  const { rows } = await town.store.audit.list({ userId: town.ann.id, limit: 100, offset: 0 });
  const actions = new Set(rows.filter((row) => row.subject === org).map((row) => row.action));
  expect([...actions].sort()).toEqual([
    "membership.change",
    "membership.end",
    "membership.offer",
    "org.create",
  ]);
  const joined = await town.store.audit.list({ userId: town.bob.id, limit: 100, offset: 0 });
  expect(joined.rows.map((row) => row.action)).toContain("membership.begin");
});

test("a deleted organization leaves nothing behind, and its name is free", async () => {
  const valId = (await town.expect(200, "GET", "/v2/alias/vals/acme/bot")).json.id;
  await town.expect(201, "POST", `/v3/vals/${valId}/blob/x`, { body: "x" });
  await town.expect(204, "DELETE", `/v3/orgs/${org}`);
  expect(town.told).toContain(`removed ${valId}`);
  expect(await town.blobs.usage(org)).toBe(0);
  expect((await town.expect(200, "GET", "/v2/orgs", { token: town.bob.token })).json.data).toEqual([]);
  expect((await town.expect(200, "GET", "/v2/me/vals", { token: town.bob.token })).json.data).toEqual([]);
  await town.expect(404, "GET", "/v1/alias/acme");
  await town.expect(404, "GET", `/v3/orgs/${org}/blob`);
  const next = (
    await town.expect(201, "POST", "/v3/orgs", { token: carol.token, json: { username: "acme" } })
  ).json.id;
  expect((await town.expect(200, "GET", "/v1/telemetry/logs", { token: carol.token })).json.data).toEqual([]);
  expect((await town.expect(200, "GET", `/v3/orgs/${next}/blob`, { token: carol.token })).json).toEqual([]);
});
