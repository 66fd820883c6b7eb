/** A val's name, privacy, description and owner, and who likes it. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { failureOf } from "./support/store.ts";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
let org: string;

beforeAll(async () => {
  town = await makeTown();
  org = (await town.expect(201, "POST", "/v3/orgs", { json: { username: "acme" } })).json.id;
});
afterAll(() => town[Symbol.asyncDispose]());

const change = (id: string, json: unknown, status = 200, token = town.ann.token) =>
  town.expect(status, "PATCH", `/v3/vals/${id}`, { token, json });
const give = (id: string, ownerId: string, status = 200, token = town.ann.token) =>
  town.expect(status, "POST", `/v3/vals/${id}/transfer`, { token, json: { ownerId } });
const endpointOf = async (id: string) =>
  (await town.expect(200, "GET", `/v2/vals/${id}/files?path=main.ts`)).json.data[0].links.endpoint;

test("what is not named stays as it is, and what would not fit is refused as a whole", async () => {
  const id = await town.val("settings");
  await change(id, { description: "Once", imageUrl: "https://example.org/a.png" });
  const { json } = await change(id, { privacy: "unlisted" });
  expect(json).toMatchObject({
    ...{ name: "settings", description: "Once", privacy: "unlisted" },
    imageUrl: "https://example.org/a.png",
  });
  for (const bad of [
    { name: "9" },
    { name: "x".repeat(49) },
    { description: "x".repeat(65) },
    { privacy: "secret" },
    { imageUrl: "javascript:alert(1)" },
    { name: null },
  ])
    await change(id, { ...bad, ...("description" in bad ? {} : { description: "changed" }) }, 400);
  await town.val("taken");
  const said = (await change(id, { name: "taken", description: "changed" }, 409)).json.message;
  expect(said).toBe("Conflict: Project name already exists");
  expect((await change(id, {})).json).toEqual(json);
  expect((await change(id, { description: null, imageUrl: null })).json).toMatchObject({
    ...{ description: null, imageUrl: null },
  });
});

test("only those who may write may change or give away", async () => {
  const open = await town.val("open");
  const closed = await town.val("closed", { privacy: "private" });
  await change(open, { name: "mine" }, 403, town.bob.token);
  await change(closed, { name: "mine" }, 404, town.bob.token);
  await give(open, town.bob.id, 403, town.bob.token);
  await give(closed, town.bob.id, 404, town.bob.token);
});

test("a val is told to whoever serves it when its name, privacy or owner changes, and only then", async () => {
  const id = await town.val("told");
  const news = async (act: Promise<unknown>) => {
    const before = town.told.length;
    await act;
    return town.told.slice(before);
  };
  expect(await news(change(id, { description: "quiet" }))).toEqual([]);
  expect(await news(change(id, { name: "told", privacy: "public" }))).toEqual([]);
  expect(await news(change(id, { name: "told2" }))).toEqual([`configured ${id}`]);
  expect(await news(change(id, { privacy: "private" }))).toEqual([`configured ${id}`]);
  expect(await news(give(id, town.ann.id))).toEqual([]);
  expect(await news(give(id, org))).toEqual([`configured ${id}`]);
});

test("after a new name the old host goes on, the new one is shown, and the old name is free for another val", async () => {
  const id = await town.val("before");
  await town.file(id, "main.ts", "", "http");
  const { vals, deployments } = town.store;
  await change(id, { name: "after" });
  expect(await endpointOf(id)).toBe("http://ann-after.web.localhost:3000");
  for (const label of ["ann-before", "ann-after"])
    expect([label, (await deployments.resolve(label))?.valId]).toEqual([label, id]);
  await town.expect(404, "GET", "/v2/alias/vals/ann/before");
  expect((await vals.findByAnyName("ANN", "before"))?.id).toBe(id);
  const other = await town.val("before");
  await town.file(other, "main.ts", "", "http");
  expect((await vals.findByAnyName("ann", "before"))?.id).toBe(other);
  expect(await endpointOf(other)).toMatch(/ann--[0-9a-f]{32}\./);
  // Back to the label that was its own all the time.
  await town.expect(204, "DELETE", `/v2/vals/${other}`);
  expect(await vals.findByAnyName("ann", "before")).toBeUndefined();
  await change(id, { name: "before" });
  expect(await endpointOf(id)).toBe("http://ann-before.web.localhost:3000");
  expect((await vals.findByAnyName("ann", "after"))?.id).toBe(id);
  await change(id, { name: "third" });
  await town.file(id, "other.ts", "", "http");
  await town.expect(204, "DELETE", `/v2/vals/${id}/files?path=main.ts`);
  const fileId = (await deployments.resolve("ann-third"))?.fileId;
  for (const label of ["ann-before", "ann-after"])
    expect((await deployments.resolve(label))?.fileId).toBe(fileId!);
});

test("a val whose new host belongs to another keeps showing the one it has", async () => {
  const first = await town.val("a_b");
  await town.file(first, "main.ts", "", "http");
  const id = await town.val("plain");
  await town.file(id, "main.ts", "", "http");
  await change(id, { name: "A_B" });
  expect(await endpointOf(id)).toBe("http://ann-plain.web.localhost:3000");
  expect((await town.store.deployments.resolve("ann-a_b"))?.valId).toBe(first);
});

test("a val goes to an organization with all that is its own, and back by an owner only", async () => {
  const id = await town.val("moving", { privacy: "private" });
  await town.file(id, "main.ts", "", "http");
  await town.expect(201, "POST", `/v2/vals/${id}/environment_variables`, { json: { key: "A", value: "b" } });
  await town.expect(201, "POST", `/v3/vals/${id}/blob/x`, { body: "seven b" });
  const sql = (statement: string) =>
    town.expect(200, "POST", `/v3/vals/${id}/sqlite/execute`, { json: { statement } });
  await sql("create table kept (a)");
  const worker = { valId: id, valName: "moving" };
  const { token } = town.auth.mint({ ...worker, userId: town.ann.id, username: "ann" });
  await town.expect(200, "GET", "/v1/me", { token });
  const before = await town.blobs.usage(town.ann.id);
  await give(id, town.bob.id, 403);
  await give(id, "b037fb4a-791b-11f0-b97e-0224a6c84d84", 403);
  expect((await give(id, org)).json.author).toEqual({ id: org, type: "org", username: "acme" });
  await town.expect(401, "GET", "/v1/me", { token });
  expect(await town.blobs.usage(town.ann.id)).toBe(before - 7);
  expect(await town.blobs.usage(org)).toBe(7);
  expect((await town.expect(200, "GET", `/v3/vals/${id}/blob/x`)).text).toBe("seven b");
  expect((await sql("select name from sqlite_schema")).json.rows).toEqual([["kept"]]);
  expect(await town.store.environment.values(id)).toEqual({ A: "b" });
  expect(await endpointOf(id)).toBe("http://acme-moving.web.localhost:3000");
  expect((await town.store.deployments.resolve("ann-moving"))?.valId).toBe(id);
  expect(await town.store.vals.findByAnyName("ann", "moving")).toBeUndefined();
  const { invitations } = town.store.orgs;
  const to = { userId: town.bob.id };
  const asked = await invitations.create({ orgId: org, role: "member", invitedBy: town.ann.id, to });
  await invitations.accept(asked.id, { userId: town.bob.id, email: undefined });
  town.auth.forget(town.bob.id);
  await give(id, town.bob.id, 403, town.bob.token);
  await town.val("moving");
  expect((await give(id, town.ann.id, 409)).json.message).toBe("Conflict: Project name already exists");
  await change(id, { name: "returning" }, 200, town.bob.token);
  expect((await give(id, town.ann.id)).json).toMatchObject({
    name: "returning",
    author: { username: "ann" },
  });
  await town.expect(404, "GET", `/v2/vals/${id}`, { token: town.bob.token });
});

test("of a val that is moved twice at once, each account has all or nothing", async () => {
  const id = await town.val("torn");
  const { vals } = town.store;
  await Promise.all([
    vals.transfer(id, org),
    vals.change(id, { name: "whole" }),
    vals.transfer(id, town.ann.id),
  ]);
  expect(await vals.find(id)).toMatchObject({ name: "whole" });
  expect(await failureOf(vals.transfer(org, town.ann.id))).toBe("no_val");
});

test("likes are counted once per person, and show nothing that one may not read", async () => {
  const id = await town.val("liked");
  const like = (method: string, token: string, status = 204) =>
    town.expect(status, method, `/v3/vals/${id}/like`, { token });
  const seen = async (token: string) => {
    const { likeCount, liked } = (await town.expect(200, "GET", `/v3/vals/${id}`, { token })).json;
    return [likeCount, liked];
  };
  await like("PUT", town.bob.token);
  await like("PUT", town.bob.token);
  expect([await seen(town.bob.token), await seen(town.ann.token), await seen("")]).toEqual([
    [1, true],
    [1, false],
    [1, false],
  ]);
  const list = async (token: string) => (await town.expect(200, "GET", "/v3/me/likes", { token })).json.data;
  expect(await list(town.bob.token)).toMatchObject([{ id, name: "liked" }]);
  expect(await list(town.ann.token)).toEqual([]);
  await change(id, { privacy: "private" });
  expect(await list(town.bob.token)).toEqual([]);
  await like("PUT", town.bob.token, 404);
  await like("DELETE", town.bob.token, 404);
  await change(id, { privacy: "unlisted" });
  await like("DELETE", town.bob.token);
  expect(await seen(town.bob.token)).toEqual([0, false]);
});

test("the details of a val tell of its branches and last change", async () => {
  const id = await town.val("details");
  await town.expect(201, "POST", `/v2/vals/${id}/branches`, { json: { name: "draft" } });
  const file = await town.file(id, "main.ts", "1");
  const { json } = await town.expect(200, "GET", `/v3/vals/${id}`);
  expect(json).toMatchObject({ id, name: "details", branchCount: 2, updatedAt: file.updatedAt });
});
