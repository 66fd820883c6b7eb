/** Forking, renaming and deleting branches over the API. */

import { expect, test } from "bun:test";
import { makeTown } from "./support/town.ts";

test("a fork is answered as a branch, is built before that, and its files are found by their own ids", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "main.ts", "export default () => new Response()", "http");
  town.told.length = 0;
  const { json: branch, headers } = await town.expect(201, "POST", `/v2/vals/${valId}/branches`, {
    json: { name: "my-branch" },
  });
  expect(town.told).toEqual([`saved ${valId}`]);
  expect(headers.get("x-hamlet-build")).toBe("ok");
  const { json: list } = await town.expect(200, "GET", `/v2/vals/${valId}/branches`);
  expect(list.data[1]).toEqual(branch);
  expect(branch).toMatchObject({ name: "my-branch", version: 1, forkedBranchId: list.data[0].id });
  const where = `/v2/vals/${valId}/files?path=&recursive=true&branch_id=${branch.id}`;
  const [file] = (await town.expect(200, "GET", where)).json.data;
  expect(file.links).toEqual({
    self: `http://api.localhost:3000/v2/files/${file.id}`,
    html: "http://localhost:3000/x/ann/hello/branch/my-branch/code/main.ts",
    module: "http://esm.localhost:3000/v/ann/hello@my-branch/main.ts",
    endpoint: `http://ann--${file.id.replaceAll("-", "")}.web.localhost:3000`,
  });
  const at = { method: "PUT", path: `/v2/vals/${valId}/files?path=main.ts&branch_id=${branch.id}` };
  for (const answer of [
    await town.expect(200, "GET", `/v2/files/${file.id}`),
    await town.expect(200, at.method, at.path, { json: {} }),
  ])
    expect(answer.json.links).toEqual(file.links);
  const inBranch = { branchId: branch.id, name: "of-branch" };
  await town.expect(201, "POST", `/v2/vals/${valId}/branches`, { json: inBranch });
  await town.expect(201, "POST", `/v2/vals/${valId}/branches`, { json: { name: "a", branchId: null } });
});

test("what is wrong with a branch is said in the words that clients know", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const branches = `/v2/vals/${valId}/branches`;
  const main = (await town.expect(200, "GET", branches)).json.data[0];
  const taken = await town.expect(409, "POST", branches, { json: { name: "main" } });
  expect(taken.json.message).toBe("Conflict: Branch name already exists in this project");
  expect(taken.headers.get("x-should-retry")).toBe("false");
  for (const name of ["", "a/b", "x".repeat(49), "."]) {
    await town.expect(400, "POST", branches, { json: { name } });
  }
  const unknown = { name: "a", branchId: "b037fb4a-791b-11f0-b97e-0224a6c84d84" };
  expect((await town.expect(404, "POST", branches, { json: unknown })).json.message).toBe("Branch not found");
  expect((await town.expect(400, "DELETE", `${branches}/${main.id}`)).json.message).toContain("main");
  await town.expect(403, "POST", branches, { json: { name: "b" }, token: town.bob.token });
});

test("a deleted branch is gone for readers and for those who serve it", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const branches = `/v2/vals/${valId}/branches`;
  const { json: branch } = await town.expect(201, "POST", branches, { json: { name: "dev" } });
  await town.expect(403, "DELETE", `${branches}/${branch.id}`, { token: town.bob.token });
  town.told.length = 0;
  await town.expect(204, "DELETE", `${branches}/${branch.id}`);
  expect(town.told).toEqual([`removed ${valId}`]);
  for (const method of ["GET", "DELETE"]) {
    const gone = await town.expect(404, method, `${branches}/${branch.id}`);
    expect(gone.json.message).toBe("Branch not found");
  }
  await town.expect(201, "POST", branches, { json: { name: "dev" } });
});
