/** Invitations to organizations: whom they reach, and who may answer them. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
let org: string;
const carol = { id: "", token: "" };

beforeAll(async () => {
  town = await makeTown();
  carol.id = (await town.store.users.create({ username: "carol" })).id;
  carol.token = (await town.store.tokens.create({ userId: carol.id })).token;
  org = (await town.expect(201, "POST", "/v3/orgs", { json: { username: "acme" } })).json.id;
});
afterAll(() => town[Symbol.asyncDispose]());

test("invitations are answered by whom they are for, by name or by a verified address", async () => {
  const where = `/v3/orgs/${org}/invitations`;
  await town.expect(404, "POST", where, { json: { username: "nobody" } });
  await town.expect(404, "POST", where, { json: { username: "acme" } });
  await town.expect(409, "POST", where, { json: { username: "ann" } });
  for (const json of [{}, { username: "carol", email: "c@example.org" }, { email: "no address" }])
    await town.expect(400, "POST", where, { json });
  const dora = await town.store.users.create({ username: "dora", email: "dora@example.org" });
  const { token } = await town.store.tokens.create({ userId: dora.id });
  const byMail = (
    await town.expect(201, "POST", where, { json: { email: "Dora@example.org", role: "owner" } })
  ).json;
  expect(byMail).toMatchObject({
    org: { username: "acme" },
    role: "owner",
    email: "dora@example.org",
    username: null,
  });
  await town.expect(409, "POST", where, { json: { email: "dora@example.org" } });
  const byName = (await town.expect(201, "POST", where, { json: { username: "carol" } })).json;
  expect((await town.expect(200, "GET", `${where}?limit=1`)).json.links.next).toContain("offset=1");
  const listed = await town.expect(200, "GET", "/v3/me/invitations", { token: carol.token });
  expect(listed.json.data).toEqual([byName]);
  for (const answer of ["accept", "decline"])
    await town.expect(404, "POST", `/v3/me/invitations/${byMail.id}/${answer}`, { token: carol.token });
  await town.expect(204, "POST", `/v3/me/invitations/${byName.id}/decline`, { token: carol.token });
  await town.expect(404, "POST", `/v3/me/invitations/${byName.id}/accept`, { token: carol.token });
  const joined = await town.expect(201, "POST", `/v3/me/invitations/${byMail.id}/accept`, { token });
  expect(joined.json).toEqual({ id: org, username: "acme" });
  await town.expect(204, "DELETE", `/v3/orgs/${org}/memberships/${dora.id}`);
  const taken = (await town.expect(201, "POST", where, { json: { username: "carol" } })).json;
  await town.expect(204, "DELETE", `${where}/${taken.id}`);
  await town.expect(404, "DELETE", `${where}/${taken.id}`);
});

test("an address that is not verified yet brings no invitation", async () => {
  const { id } = await town.store.users.create({ username: "eve", email: "eve@example.org" });
  const { token } = await town.store.tokens.create({ userId: id });
  await town.expect(201, "POST", `/v3/orgs/${org}/invitations`, { json: { email: "eve@example.org" } });
  const waiting = async () =>
    (await town.expect(200, "GET", "/v3/me/invitations", { token })).json.data.length;
  expect(await waiting()).toBe(1);
  const database = new Database(`${town.folder}/hamlet.db`);
  database.run("pragma busy_timeout = 5000");
  database.run(
    "insert into auth_user (id, name, email, emailVerified, createdAt, updatedAt) values (?, 'eve', 'eve@example.org', 0, '', '')",
    [id],
  );
  expect(await waiting()).toBe(0);
  database.run("update auth_user set emailVerified = 1");
  database.close();
  expect(await waiting()).toBe(1);
});
