/** Branches that are renamed, merged and compared over the API. */

import { expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

/** A val with `main.ts` in main and its branch `dev`. */
async function makeFork(town: Town, name = "hello") {
  const valId = await town.val(name);
  await town.file(valId, "main.ts", "1\n2\n3\n");
  const branches = `/v2/vals/${valId}/branches`;
  const dev = (await town.expect(201, "POST", branches, { json: { name: "dev" } })).json;
  const main = (await town.expect(200, "GET", branches)).json.data[0];
  const write = (content: string, branchId?: string) =>
    town.expect(200, "PUT", `/v2/vals/${valId}/files?path=main.ts&branch_id=${branchId ?? ""}`, {
      json: { content },
    });
  const read = async (branchId?: string) =>
    (
      await town.expect(
        200,
        "GET",
        `/v2/vals/${valId}/files/content?path=main.ts&branch_id=${branchId ?? ""}`,
      )
    ).text;
  return { valId, dev, main, write, read, merge: `/v3/vals/${valId}/branches/${dev.id}/merge` };
}

test("a branch goes into its parent, is built there, and the preview has said so before", async () => {
  await using town = await makeTown();
  const { valId, dev, main, write, read, merge } = await makeFork(town);
  await write("1\n2\nthree\n", dev.id);
  const preview = (await town.expect(200, "GET", merge, { token: "" })).json;
  expect(preview).toMatchObject({
    mergeable: true,
    base: { branchId: main.id, version: 1 },
    source: { branchId: dev.id, version: 2 },
    target: { branchId: main.id, version: 1 },
    conflicts: [],
    changes: [{ kind: "modified", path: "main.ts" }],
  });
  const down = (await town.expect(200, "GET", `${merge}?from=parent`, { token: "" })).json;
  expect(down.base).toEqual({ branchId: main.id, version: 1 });
  town.told.length = 0;
  const done = await town.expect(200, "POST", merge, { json: { into: "parent" } });
  expect(done.json).toMatchObject({ branchId: main.id, version: 2, changed: true });
  expect([done.headers.get("x-hamlet-build"), town.told]).toEqual(["ok", [`saved ${valId}`]]);
  expect(await read()).toBe("1\n2\nthree\n");
  const [newest] = (await town.expect(200, "GET", `/v3/vals/${valId}/versions`)).json.data;
  expect(newest).toMatchObject({ kind: "merge", source: { branchId: dev.id, version: 2 } });
  expect((await town.expect(200, "POST", merge, { json: { into: "parent" } })).json.changed).toBeFalse();
});

test("conflicts are refused on the way up, and resolved in the branch after a merge of the parent", async () => {
  await using town = await makeTown();
  const { dev, main, write, read, merge } = await makeFork(town);
  await write("1\nmain\n3\n");
  await write("1\ndev\n3\n", dev.id);
  for (const [path, json] of [
    [merge, { into: "parent" }],
    [merge.replace(dev.id, main.id), { from: dev.id }],
  ] as const) {
    const refused = await town.expect(409, "POST", path, { json });
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(refused.json).toMatchObject({
      statusCode: 409,
      conflicts: [{ kind: "content", path: "main.ts", ours: "main.ts", theirs: "main.ts" }],
      unresolved: [],
    });
  }
  expect((await town.expect(200, "GET", merge)).json.mergeable).toBeFalse();
  expect((await town.expect(200, "GET", `${merge}?from=parent`)).json.mergeable).toBeTrue();
  const down = await town.expect(200, "POST", merge, { json: { from: "parent" } });
  expect(down.json).toMatchObject({ branchId: dev.id, version: 3, conflicts: [{ path: "main.ts" }] });
  expect(await read(dev.id)).toBe("1\n<<<<<<< main\nmain\n=======\ndev\n>>>>>>> dev\n3\n");
  const early = await town.expect(409, "POST", merge, { json: { into: "parent" } });
  expect(early.json).toMatchObject({ conflicts: [], unresolved: ["main.ts"] });
  await write("1\nboth\n3\n", dev.id);
  await town.expect(200, "POST", merge, { json: { into: "parent" } });
  expect(await read()).toBe("1\nboth\n3\n");
});

test("what is asked of a merge must make sense, and only who may change a val merges", async () => {
  await using town = await makeTown();
  const { valId, dev, main, merge } = await makeFork(town);
  for (const json of [{}, { from: "parent", into: "parent" }, { into: dev.id }, { from: "main" }]) {
    await town.expect(400, "POST", merge, { json });
  }
  await town.expect(404, "POST", merge, { json: { from: valId } });
  await town.expect(400, "POST", merge, { json: { from: dev.id } });
  for (const json of [{ into: "parent" }, { from: "parent" }]) {
    expect((await town.expect(400, "POST", merge.replace(dev.id, main.id), { json })).json.message).toContain(
      "main",
    );
    await town.expect(403, "POST", merge, { json, token: town.bob.token });
  }
  const other = await makeFork(town, "other");
  await town.expect(404, "POST", merge, { json: { from: other.dev.id } });
  await town.expect(404, "GET", `/v3/vals/${valId}/branches/${other.dev.id}/merge`);
});

test("a branch gets another name, main does not, and what serves it is told", async () => {
  await using town = await makeTown();
  const { valId, dev, main } = await makeFork(town);
  const branch = (id: string) => `/v3/vals/${valId}/branches/${id}`;
  town.told.length = 0;
  const { json } = await town.expect(200, "PATCH", branch(dev.id), { json: { name: "next" } });
  expect(json).toMatchObject({ id: dev.id, name: "next", version: 1 });
  expect(town.told).toEqual([`configured ${valId}`]);
  await town.expect(200, "PATCH", branch(dev.id), { json: { name: "next" } });
  const taken = await town.expect(409, "PATCH", branch(dev.id), { json: { name: "main" } });
  expect(taken.json.message).toBe("Conflict: Branch name already exists in this project");
  await town.expect(400, "PATCH", branch(main.id), { json: { name: "trunk" } });
  await town.expect(404, "PATCH", branch(valId), { json: { name: "trunk" } });
  await town.expect(400, "PATCH", branch(dev.id), { json: { name: "a b" } });
  await town.expect(403, "PATCH", branch(dev.id), { json: { name: "mine" }, token: town.bob.token });
});

test("branches are compared, also with those of other vals, as far as one may read these", async () => {
  await using town = await makeTown();
  const { valId, dev, write } = await makeFork(town);
  await write("1\n2\n", dev.id);
  const diff = `/v3/vals/${valId}/diff`;
  const { files } = (await town.expect(200, "GET", `${diff}?to_branch_id=${dev.id}`, { token: "" })).json;
  expect(files).toMatchObject([{ kind: "modified", path: "main.ts" }]);
  const hidden = await town.val("hidden", { privacy: "private" });
  await town.file(hidden, "secret.ts", "secret");
  const { id } = (await town.expect(200, "GET", `/v2/vals/${hidden}/branches`)).json.data[0];
  const own = await town.expect(200, "GET", `${diff}?to_branch_id=${id}`);
  expect(own.json.files.map(({ path }: { path: string }) => path)).toEqual(["main.ts", "secret.ts"]);
  const other = await town.expect(404, "GET", `${diff}?to_branch_id=${id}`, { token: town.bob.token });
  const none = await town.expect(404, "GET", `${diff}?to_branch_id=${valId}`, { token: town.bob.token });
  expect(other.text).toBe(none.text);
});
