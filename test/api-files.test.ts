/** Files: versions, moves, content, and what a save says of its build. */

import { expect, test } from "bun:test";
import { play, type Scenario } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const at = (valId: string, path: string, more = "") =>
  `/v2/vals/${valId}/files?${new URLSearchParams({ path })}${more}`;

async function list(town: Town, valId: string, more = "&recursive=true&limit=100"): Promise<string[]> {
  const { json } = await town.expect(200, "GET", at(valId, "", more));
  return json.data.map((file: { path: string; version: number }) => `${file.path}@${file.version}`);
}

async function versionOf(town: Town, valId: string): Promise<number> {
  return (await town.expect(200, "GET", `/v2/vals/${valId}/branches`)).json.data[0].version;
}

test("a file has the shape that clients know, in every answer that holds it", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const made = await town.file(valId, "a/[id].ts", "export default 1", "http");
  expect(made).toEqual({
    id: made.id,
    name: "[id].ts",
    path: "a/[id].ts",
    version: 1,
    updatedAt: new Date(made.updatedAt).toISOString(),
    type: "http",
    links: {
      self: `http://api.localhost:3000/v2/files/${made.id}`,
      html: "http://localhost:3000/x/ann/hello/code/a/%5Bid%5D.ts",
      module: "http://esm.localhost:3000/v/ann/hello/a/%5Bid%5D.ts",
      endpoint: "http://ann-hello.web.localhost:3000",
    },
  });
  expect((await town.expect(200, "GET", `/v2/files/${made.id}`)).json).toEqual(made);
  expect((await town.expect(200, "GET", at(valId, "a/[id].ts"))).json.data).toEqual([made]);
  expect((await town.expect(200, "GET", at(valId, "a"))).json.data).toEqual([made]);
  expect((await town.expect(200, "PUT", at(valId, "a/[id].ts"), { json: {} })).json).toEqual(made);
  const script = await town.file(valId, "b.ts");
  expect(script.links).not.toHaveProperty("endpoint");
});

test("an endpoint that some client could not reach by name is shown by its id", async () => {
  await using town = await makeTown();
  const valId = await town.val("a0123456789_");
  const { id, links } = await town.file(valId, "main.ts", "", "http");
  expect(links.endpoint).toBe(`http://ann--${id.replaceAll("-", "")}.web.localhost:3000`);
});

test("versions go from 0 up by one with each change, and only with a change", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  expect(await versionOf(town, valId)).toBe(0);
  await town.expect(201, "POST", at(valId, "a/b/c"), { json: { type: "directory", content: null } });
  expect(await list(town, valId)).toEqual(["a@1", "a/b@1", "a/b/c@1"]);
  await town.file(valId, "a/b/x.ts", "1");
  const same = { content: "1", name: "x.ts", type: "script" };
  await town.expect(200, "PUT", at(valId, "a/b/x.ts"), { json: same });
  await town.expect(200, "PUT", at(valId, "a/b/x.ts"), { json: {} });
  expect(await versionOf(town, valId)).toBe(2);
  await town.expect(200, "PUT", at(valId, "a/b/x.ts"), { json: { content: "2" } });
  expect(await versionOf(town, valId)).toBe(3);
  await town.expect(204, "DELETE", at(valId, "", "&recursive=true"));
  expect([await versionOf(town, valId), await list(town, valId)]).toEqual([4, []]);
  const old = "&recursive=true&version=2";
  expect(await list(town, valId, old)).toEqual(["a@1", "a/b@1", "a/b/c@1", "a/b/x.ts@2"]);
  expect(await list(town, valId, "&version=0")).toEqual([]);
});

test("a version that is still to come reads as the newest", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "a.ts", "1");
  expect(await list(town, valId, "&version=7")).toEqual(["a.ts@1"]);
  const read = await town.expect(200, "GET", `/v2/vals/${valId}/files/content?path=a.ts&version=2`);
  expect(read.text).toBe("1");
});

test("renaming, moving and changing the type keep the id", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const { id } = await town.file(valId, "a.ts", "1");
  const put = async (path: string, json: object) =>
    (await town.expect(200, "PUT", at(valId, path), { json })).json;
  const moved = await put("a.ts", { name: "b.ts", parent_path: "x/y", content: "2" });
  expect(moved).toMatchObject({ id, path: "x/y/b.ts", name: "b.ts", type: "script", version: 2 });
  expect(await put("x/y/b.ts", { type: "http" })).toMatchObject({ id, path: "x/y/b.ts", type: "http" });
  expect(await put("x/y/b.ts", { name: "c.ts" })).toMatchObject({ id, path: "x/y/c.ts" });
  expect(await put("x/y/c.ts", { parent_path: null })).toMatchObject({ id, path: "c.ts" });
  const directory = await put("x/y", { name: "z", parent_path: "" });
  expect(directory).toMatchObject({ path: "z", type: "directory" });
  expect(await versionOf(town, valId)).toBe(6);
});

test.each([1, 2, 5, 20])(
  "whoever follows a tree, %i at a time, sees each file and directory once",
  async (limit) => {
    await using town = await makeTown();
    const valId = await town.val("hello");
    const expected = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await town.file(valId, `d${i % 3}/f${i}.ts`);
      expected.add(`d${i % 3}`).add(`d${i % 3}/f${i}.ts`);
    }
    const seen: string[] = [];
    const first = at(valId, "", `&recursive=true&limit=${limit}&version=12&branch_id=undefined`);
    for (let next: string | undefined = first; next; ) {
      const { json } = await town.expect(200, "GET", next);
      seen.push(...json.data.map((file: { path: string }) => file.path));
      next = json.links.next;
      if (next === undefined) break;
      const query = Object.fromEntries(new URL(next).searchParams);
      const kept = { path: "", recursive: "true", limit: String(limit), version: "12" };
      expect(query).toEqual({ ...kept, offset: String(seen.length) });
    }
    expect(seen).toHaveLength(15);
    expect(new Set(seen)).toEqual(expected);
  },
);

test("fifty saves at once on one val: each succeeds, each is a version, none is lost", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "shared.ts", "");
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 2
        ? town.call("POST", at(valId, `d${i % 5}/f${i}.ts`), { json: { type: "script", content: `${i}` } })
        : town.call("PUT", at(valId, "shared.ts"), { json: { content: `${i}` } }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map((_, i) => (i % 2 ? 201 : 200)));
  const versions = answers.map((answer) => answer.json.version as number).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
  for (let i = 0; i < 50; i++) {
    const { version } = answers[i]!.json;
    const path = i % 2 ? `d${i % 5}/f${i}.ts` : "shared.ts";
    const where = `/v2/vals/${valId}/files/content?path=${path}&version=${version}`;
    expect((await town.expect(200, "GET", where)).text).toBe(`${i}`);
  }
});

const REFUSALS: readonly Scenario[] = [
  {
    title: "a path that is taken",
    request: "POST /v2/vals/{val}/files?path=d/a.ts",
    options: { json: { type: "script", content: "" } },
    status: 409,
    has: ['"File or directory already exists at this path"'],
  },
  {
    title: "a directory that exists",
    request: "POST /v2/vals/{val}/files?path=d",
    options: { json: { type: "directory" } },
    status: 409,
  },
  {
    title: "a file without content",
    request: "POST /v2/vals/{val}/files?path=x",
    options: { json: { type: "file" } },
    status: 400,
    has: ["body must have required property 'content'"],
  },
  {
    title: "a directory with content",
    request: "POST /v2/vals/{val}/files?path=x",
    options: { json: { type: "directory", content: "x" } },
    status: 400,
  },
  {
    title: "an unknown type",
    request: "POST /v2/vals/{val}/files?path=x",
    options: { json: { type: "rpc", content: "" } },
    status: 400,
  },
  {
    title: "a path that leads outside",
    request: "POST /v2/vals/{val}/files?path=d%2F..%2F..%2Fx",
    options: { json: { type: "file", content: "" } },
    status: 400,
    has: [".."],
  },
  {
    title: "a name with a slash",
    request: "PUT /v2/vals/{val}/files?path=d/a.ts",
    options: { json: { name: "x/y" } },
    status: 400,
    has: ["body/name"],
  },
  {
    title: "a rename over another file",
    request: "PUT /v2/vals/{val}/files?path=d/a.ts",
    options: { json: { name: "b.ts" } },
    status: 409,
  },
  {
    title: "a full directory, not recursively",
    request: "DELETE /v2/vals/{val}/files?path=d",
    status: 400,
    has: ["recursive=true"],
  },
  { title: "deleting what is not there", request: "DELETE /v2/vals/{val}/files?path=x", status: 404 },
  { title: "listing what is not there", request: "GET /v2/vals/{val}/files?path=x", status: 404 },
  { title: "reading what is not there", request: "GET /v2/vals/{val}/files/content?path=x", status: 404 },
  {
    title: "reading a path that cannot be",
    request: "GET /v2/vals/{val}/files/content?path=../x",
    status: 404,
  },
  { title: "reading a directory", request: "GET /v2/vals/{val}/files/content?path=d", status: 400 },
  {
    title: "a branch that is none",
    request: "PUT /v2/vals/{val}/files?path=d/a.ts&branch_id=182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
    options: { json: { content: "x" } },
    status: 404,
    has: ['"Branch not found"'],
    not: ["Not authorized"],
  },
];

test("what is refused changes nothing", async () => {
  await using town = await makeTown();
  const val = await town.val("hello");
  await town.file(val, "d/a.ts", "1");
  await town.file(val, "d/b.ts", "2");
  const told = [...town.told];
  for (const scenario of REFUSALS) await play(town, scenario, { val });
  expect(await list(town, val)).toEqual(["d@1", "d/a.ts@1", "d/b.ts@2"]);
  expect(town.told).toEqual(told);
});
