/** Remixes, and proposals from them and from branches. */

import { expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

const content = (valId: string, path: string, branchId = "") =>
  `/v2/vals/${valId}/files/content?${new URLSearchParams({ path, branch_id: branchId })}`;
const file = (valId: string, path: string, branchId = "") =>
  `/v2/vals/${valId}/files?${new URLSearchParams({ path, branch_id: branchId })}`;

async function mainOf(town: Town, valId: string, token?: string): Promise<string> {
  const options = token === undefined ? {} : { token };
  return (await town.expect(200, "GET", `/v2/vals/${valId}/branches`, options)).json.data[0].id;
}

/** A val of ann's and bob's private remix of it, in which he has changed a file. */
async function makeRemix(town: Town) {
  const valId = await town.val("hello");
  await town.file(valId, "main.ts", "1\n2\n3\n");
  const bob = { token: town.bob.token };
  const json = { privacy: "private" };
  const remix = (await town.expect(201, "POST", `/v3/vals/${valId}/remix`, { json, ...bob })).json;
  const branchId = await mainOf(town, remix.id, town.bob.token);
  await town.expect(200, "PUT", file(remix.id, "main.ts"), { json: { content: "1\n2\nbob\n" }, ...bob });
  return { valId, remix, branchId, bob, pulls: `/v3/vals/${valId}/pulls` };
}

test("a remix has the files, knows its origin, and is told which variables it lacks", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "lib/a.ts", 'import "https://esm.town/v/std/blob";');
  await town.file(valId, "main.ts", 'export default () => new Response(Deno.env.get("TOKEN"))', "http");
  const variables = `/v2/vals/${valId}/environment_variables`;
  // Of these names only the one that anyone can read in the code is told.
  for (const key of ["HIDDEN", "TOKEN", "TOK"])
    await town.expect(201, "POST", variables, { json: { key, value: "secret" } });
  const bob = { token: town.bob.token };
  town.told.length = 0;
  const {
    json: remix,
    text,
    headers,
  } = await town.expect(201, "POST", `/v3/vals/${valId}/remix`, {
    json: {},
    ...bob,
  });
  const branchId = await mainOf(town, valId);
  expect(remix).toMatchObject({
    name: "hello",
    privacy: "public",
    author: { username: "Bob" },
    origin: { valId, branchId, version: 2 },
    requiredVariables: ["TOKEN"],
  });
  expect(text).not.toContain("secret");
  const own = await town.expect(201, "POST", `/v3/vals/${valId}/remix`, { json: { name: "own" } });
  expect(own.json.requiredVariables.sort()).toEqual(["HIDDEN", "TOK", "TOKEN"]);
  await town.expect(204, "DELETE", `/v2/vals/${own.json.id}`);
  town.told.splice(1);
  expect([town.told, headers.get("x-hamlet-build")]).toEqual([[`saved ${remix.id}`], "ok"]);
  const { data } = (await town.expect(200, "GET", `/v3/vals/${remix.id}/versions`)).json;
  expect(data).toMatchObject([{ version: 1, kind: "remix", author: { username: "Bob" }, changes: [] }]);
  expect((await town.expect(200, "GET", content(remix.id, "lib/a.ts"))).text).toContain("std/blob");
  const [main] = (await town.expect(200, "GET", file(remix.id, "main.ts"))).json.data;
  expect(main.links.endpoint).toBe("http://bob-hello.web.localhost:3000");
  expect(
    (await town.expect(200, "GET", `/v2/vals/${remix.id}/environment_variables`, bob)).json.data,
  ).toEqual([]);
  expect((await town.expect(200, "GET", `/v3/vals/${remix.id}`)).json.origin).toEqual(remix.origin);
  expect((await town.expect(200, "GET", `/v3/vals/${valId}`)).json.origin).toBeNull();
});

test("a remix gets a free name unless one was asked for, and its origin is told to who may read that", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const remix = (json: unknown, token = town.ann.token) =>
    town.call("POST", `/v3/vals/${valId}/remix`, { json, token });
  expect((await remix({})).json.name).toBe("hello-2");
  expect((await remix({})).json.name).toBe("hello-3");
  const taken = await remix({ name: "hello" });
  expect([taken.status, taken.json.message]).toEqual([409, "Conflict: Project name already exists"]);
  const named = (await remix({ name: "mine", privacy: "unlisted" }, town.bob.token)).json;
  expect([named.name, named.privacy]).toEqual(["mine", "unlisted"]);
  expect((await remix({ orgId: town.bob.id })).status).toBe(403);
  expect((await remix({ name: "9" })).status).toBe(400);
  await town.expect(200, "PATCH", `/v3/vals/${valId}`, { json: { privacy: "private" } });
  expect((await remix({}, town.bob.token)).json.message).toBe("This val could not be found");
  expect(
    (await town.expect(200, "GET", `/v3/vals/${named.id}`, { token: town.bob.token })).json.origin,
  ).toBeNull();
  const own = await town.expect(200, "GET", `/v3/vals/${named.id}`);
  expect(own.json.origin).toMatchObject({ valId });
  await town.expect(204, "DELETE", `/v2/vals/${valId}`);
  expect((await town.expect(200, "GET", `/v3/vals/${named.id}`)).json.origin).toBeNull();
});

test("a remix takes later changes of its origin, as long as it may read it", async () => {
  await using town = await makeTown();
  const { valId, remix, branchId, bob } = await makeRemix(town);
  await town.expect(200, "PUT", file(valId, "main.ts"), { json: { content: "ann\n2\n3\n" } });
  const merge = `/v3/vals/${remix.id}/branches/${branchId}/merge`;
  const done = await town.expect(200, "POST", merge, { json: { from: "parent" }, ...bob });
  expect(done.json).toMatchObject({ changed: true, version: 3, conflicts: [] });
  expect((await town.expect(200, "GET", content(remix.id, "main.ts"), bob)).text).toBe("ann\n2\nbob\n");
  await town.expect(200, "PUT", file(valId, "main.ts"), { json: { content: "ann\n2\nann\n" } });
  const conflict = await town.expect(200, "POST", merge, { json: { from: "parent" }, ...bob });
  expect(conflict.json.conflicts).toHaveLength(1);
  const { text } = await town.expect(200, "GET", content(remix.id, "main.ts"), bob);
  expect(text).toContain("<<<<<<< ann/hello\nann\n=======\nbob\n>>>>>>> Bob/hello\n");
  await town.expect(200, "PATCH", `/v3/vals/${valId}`, { json: { privacy: "private" } });
  await town.expect(400, "POST", merge, { json: { from: "parent" }, ...bob });
});

test("what is proposed can be seen while it is open, and is merged by who may change the target", async () => {
  await using town = await makeTown();
  const { valId, remix, branchId, bob, pulls } = await makeRemix(town);
  const nobody = { token: "" };
  await town.expect(404, "GET", `/v2/vals/${remix.id}`);
  const json = { title: "  Greet bob ", description: "Please", sourceBranchId: branchId };
  const { json: pull } = await town.expect(201, "POST", pulls, { json, ...bob });
  expect(pull).toMatchObject({
    number: 1,
    title: "Greet bob",
    state: "open",
    author: { username: "Bob" },
    source: { valId: remix.id, val: "Bob/hello", branch: "main", version: 2 },
    target: { valId, val: "ann/hello", branch: "main", version: 1 },
    mergedVersion: null,
  });
  expect((await town.expect(200, "GET", `${pulls}/1`, nobody)).json).toEqual(pull);
  const diff = (await town.expect(200, "GET", `${pulls}/1/diff`, nobody)).json;
  expect(diff.files).toMatchObject([{ kind: "modified", path: "main.ts" }]);
  expect(diff.files[0].unified).toContain("+bob");
  await town.expect(403, "POST", `${pulls}/1/merge`, { json: {}, ...bob });
  // What was not looked at is not merged.
  await town.expect(200, "PUT", file(remix.id, "main.ts"), { json: { content: "1\n2\nBOB\n" }, ...bob });
  await town.expect(409, "POST", `${pulls}/1/merge`, { json: { sourceVersion: 2 } });
  const merged = await town.expect(200, "POST", `${pulls}/1/merge`, { json: { sourceVersion: 3 } });
  expect(merged.json).toMatchObject({ version: 2, changed: true, changes: [{ path: "main.ts" }] });
  expect((await town.expect(200, "GET", content(valId, "main.ts"))).text).toBe("1\n2\nBOB\n");
  const after = (await town.expect(200, "GET", `${pulls}/1`, nobody)).json;
  expect(after).toMatchObject({
    state: "merged",
    mergedVersion: 2,
    endedBy: { username: "ann" },
    source: null,
  });
  expect((await town.expect(200, "GET", `${pulls}/1`, bob)).json.source).toMatchObject({ valId: remix.id });
  const then = (await town.expect(200, "GET", `${pulls}/1/diff`, nobody)).json;
  expect(then.files[0].unified).toContain("+BOB");
  for (const end of ["merge", "close", "reopen"]) {
    const token = end === "reopen" ? town.bob.token : town.ann.token;
    await town.expect(409, "POST", `${pulls}/1/${end}`, { json: {}, token });
  }
  const [newest] = (await town.expect(200, "GET", `/v3/vals/${valId}/versions`)).json.data;
  // It was made from a branch that is not everyone's to know.
  expect(newest).toMatchObject({ kind: "merge", author: { username: "ann" }, source: null });
});

test("conflicts with the target are refused, and gone once the source has merged it", async () => {
  await using town = await makeTown();
  const { valId, remix, branchId, bob, pulls } = await makeRemix(town);
  await town.expect(201, "POST", pulls, { json: { title: "a", sourceBranchId: branchId }, ...bob });
  await town.expect(200, "PUT", file(valId, "main.ts"), { json: { content: "1\n2\nann\n" } });
  const refused = await town.expect(409, "POST", `${pulls}/1/merge`, { json: {} });
  expect(refused.json.conflicts).toMatchObject([{ kind: "content", path: "main.ts" }]);
  const merge = `/v3/vals/${remix.id}/branches/${branchId}/merge`;
  await town.expect(200, "POST", merge, { json: { from: "parent" }, ...bob });
  expect((await town.expect(409, "POST", `${pulls}/1/merge`, { json: {} })).json.unresolved).toEqual([
    "main.ts",
  ]);
  await town.expect(200, "PUT", file(remix.id, "main.ts"), { json: { content: "1\n2\nboth\n" }, ...bob });
  await town.expect(200, "POST", `${pulls}/1/merge`, { json: {} });
  expect((await town.expect(200, "GET", content(valId, "main.ts"))).text).toBe("1\n2\nboth\n");
});

test("a closed proposal shows no more than its source does, and can be opened again", async () => {
  await using town = await makeTown();
  const { branchId, bob, pulls } = await makeRemix(town);
  await town.expect(201, "POST", pulls, { json: { title: "a", sourceBranchId: branchId }, ...bob });
  await town.expect(409, "POST", pulls, { json: { title: "again", sourceBranchId: branchId }, ...bob });
  const { json: closed } = await town.expect(200, "POST", `${pulls}/1/close`, { json: {} });
  expect(closed).toMatchObject({ state: "closed", endedBy: { username: "ann" }, source: null });
  await town.expect(404, "GET", `${pulls}/1/diff`);
  await town.expect(200, "GET", `${pulls}/1/diff`, bob);
  await town.expect(403, "POST", `${pulls}/1/reopen`, { json: {} });
  await town.expect(200, "POST", `${pulls}/1/reopen`, { json: {}, ...bob });
  await town.expect(200, "GET", `${pulls}/1/diff`);
  expect((await town.expect(200, "POST", `${pulls}/1/close`, bob)).json.state).toBe("closed");
});

test("proposals are listed by what became of them, and their text is changed by who is concerned", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "a.ts", "a");
  const pulls = `/v3/vals/${valId}/pulls`;
  const branches: string[] = [];
  for (const name of ["one", "two", "three", "four"]) {
    const { json } = await town.expect(201, "POST", `/v2/vals/${valId}/branches`, { json: { name } });
    branches.push(json.id);
    await town.expect(200, "PUT", file(valId, "a.ts", json.id), { json: { content: `a ${name}` } });
    await town.expect(201, "POST", pulls, { json: { title: name, sourceBranchId: json.id } });
  }
  await town.expect(200, "POST", `${pulls}/1/merge`, { json: {} });
  await town.expect(200, "POST", `${pulls}/2/close`);
  await town.expect(204, "DELETE", `/v2/vals/${valId}/branches/${branches[2]}`);
  const list = async (query: string) => {
    const { data } = (await town.expect(200, "GET", `${pulls}?${query}`, { token: "" })).json;
    return data.map((one: { number: number; state: string }) => `${one.number} ${one.state}`);
  };
  expect(await list("")).toEqual(["4 open", "3 closed", "2 closed", "1 merged"]);
  expect(await list("state=open")).toEqual(["4 open"]);
  expect(await list("state=closed&limit=1&offset=1")).toEqual(["2 closed"]);
  expect(await list("state=merged")).toEqual(["1 merged"]);
  const bob = { token: town.bob.token };
  await town.expect(403, "PATCH", `${pulls}/4`, { json: { title: "mine" }, ...bob });
  await town.expect(403, "POST", `${pulls}/4/close`, bob);
  await town.expect(403, "POST", `${pulls}/4/merge`, { json: {}, ...bob });
  const { json } = await town.expect(200, "PATCH", `${pulls}/4`, {
    json: { title: "new", description: null },
  });
  expect(json).toMatchObject({ title: "new", description: null });
  await town.expect(404, "GET", `${pulls}/5`);
  await town
    .expect(409, "POST", `${pulls}/3/reopen`)
    .catch(() => town.expect(403, "POST", `${pulls}/3/reopen`));
});

test("only what has come from a val can be proposed to it, by who may change the one and read the other", async () => {
  await using town = await makeTown();
  const { valId, branchId, bob, pulls } = await makeRemix(town);
  const open = (json: object, options = {}) =>
    town.call("POST", pulls, { json: { title: "a", ...json }, ...options });
  const own = await mainOf(town, valId);
  expect((await open({ sourceBranchId: own })).status).toBe(400);
  expect((await open({ sourceBranchId: own }, bob)).status).toBe(403);
  const stranger = await town.val("stranger");
  expect((await open({ sourceBranchId: await mainOf(town, stranger) })).status).toBe(400);
  // The source is bob's alone: for ann it does not exist.
  const [hidden, none] = [await open({ sourceBranchId: branchId }), await open({ sourceBranchId: stranger })];
  expect([hidden.status, hidden.text]).toEqual([404, none.text]);
  expect((await open({ sourceBranchId: branchId, targetBranchId: branchId }, bob)).status).toBe(404);
  expect((await open({ sourceBranchId: branchId, title: " " }, bob)).status).toBe(400);
  await town.expect(200, "PATCH", `/v3/vals/${valId}`, { json: { privacy: "private" } });
  expect((await open({ sourceBranchId: branchId }, bob)).status).toBe(404);
});
