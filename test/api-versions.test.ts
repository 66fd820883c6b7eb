/** The history of a val over the API: versions, differences, the way back. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
let valId: string;
const where = (path: string, more = "") => `/v2/vals/${valId}/files?${new URLSearchParams({ path })}${more}`;
const get = async (path: string) => (await town.expect(200, "GET", `/v3/vals/${valId}${path}`)).json;
const post = async (path: string, json: unknown) =>
  (await town.expect(200, "POST", `/v3/vals/${valId}${path}`, { json })).json;

beforeAll(async () => {
  town = await makeTown();
  valId = await town.val("history");
  // 1 to 5: one of each kind.
  await town.file(valId, "lib/a.ts", "one\ntwo\nthree\n");
  await town.expect(200, "PUT", where("lib/a.ts"), { json: { content: "one\n2\nthree\n" } });
  await town.expect(200, "PUT", where("lib/a.ts"), { json: { name: "b.ts", content: "one\n2\n" } });
  await town.expect(200, "PUT", where("lib/b.ts"), { json: { type: "http" } });
  await town.expect(204, "DELETE", where("lib/b.ts"));
});
afterAll(() => town[Symbol.asyncDispose]());

test("versions are told with their authors and what each changed, the newest first, page by page", async () => {
  const { data, links } = await get("/versions");
  const author = { id: town.ann.id, username: "ann" };
  expect(links.next).toBeUndefined();
  expect(data.map((one: { version: number }) => one.version)).toEqual([5, 4, 3, 2, 1, 0]);
  expect(data[2]).toMatchObject({ kind: "edit", author, source: null, changeCount: 1 });
  expect(data.map((one: { changes: object[] }) => one.changes)).toEqual([
    [{ kind: "removed", path: "lib/b.ts", type: "http", modified: false }],
    [{ kind: "retyped", path: "lib/b.ts", type: "http", oldType: "script", modified: false }],
    [{ kind: "renamed", path: "lib/b.ts", oldPath: "lib/a.ts", type: "script", modified: true }],
    [{ kind: "modified", path: "lib/a.ts", type: "script", modified: true }],
    [
      { kind: "added", path: "lib", type: "directory", modified: false },
      { kind: "added", path: "lib/a.ts", type: "script", modified: false },
    ],
    [],
  ]);
  expect(data[5]).toMatchObject({ kind: "create", author, changeCount: 0 });
  expect(await get("/versions/3")).toEqual(data[2]);
  const second = await get("/versions?limit=2&offset=2");
  expect(second.data).toEqual(data.slice(2, 4));
  expect(second.links.next).toContain("offset=4");
  expect((await get("/versions?limit=2&offset=9")).data).toEqual([]);
  await town.expect(404, "GET", `/v3/vals/${valId}/versions/6`);
});

test("a version with very many changes tells the first ones in lists, and all of them by itself", async () => {
  const files = Array.from({ length: 70 }, (_, i) => ({ path: `f${i}`, type: "file", content: "" }));
  const { id } = (
    await town.expect(201, "POST", "/v2/vals", { json: { name: "many", privacy: "public", files } })
  ).json;
  const [listed] = (await town.expect(200, "GET", `/v3/vals/${id}/versions`)).json.data;
  expect([listed.changeCount, listed.changes.length]).toEqual([70, 50]);
  const { changes } = (await town.expect(200, "GET", `/v3/vals/${id}/versions/1`)).json;
  expect(changes).toHaveLength(70);
});

test("a difference is told file by file, as text and in parts, between any two versions", async () => {
  const { from, to, files } = await get("/diff?from=1&to=3");
  expect([from.version, to.version]).toEqual([1, 3]);
  expect(files).toEqual([
    {
      kind: "renamed",
      path: "lib/b.ts",
      oldPath: "lib/a.ts",
      type: "script",
      modified: true,
      unified: "--- a/lib/a.ts\n+++ b/lib/b.ts\n@@ -1,3 +1,2 @@\n one\n-two\n-three\n+2\n",
      hunks: [
        { oldStart: 1, oldLines: 3, newStart: 1, newLines: 2, lines: [" one", "-two", "-three", "+2"] },
      ],
    },
  ]);
  const single = await get("/diff?to=2");
  expect([single.from.version, single.files[0].kind]).toEqual([1, "modified"]);
  expect((await get("/diff?from=3&to=1")).files[0]).toMatchObject({ path: "lib/a.ts", oldPath: "lib/b.ts" });
  expect((await get("/diff?from=0&to=1&path=lib/a.ts")).files).toHaveLength(1);
  expect((await get("/diff?from=0&to=1&path=li")).files).toEqual([]);
  expect((await get("/diff?to=0")).files).toEqual([]);
  await town.expect(404, "GET", `/v3/vals/${valId}/diff?from=99`);
});

test("what is no text, or too much of it, is left out of a difference", async () => {
  const id = await town.val("big");
  await town.file(id, "binary", "\0", "file");
  const diff = async (query: string) =>
    (await town.expect(200, "GET", `/v3/vals/${id}/diff?${query}`)).json.files;
  expect(await diff("to=1")).toEqual([
    { kind: "added", path: "binary", type: "file", modified: false, binary: true },
  ]);
  for (let i = 0; i < 8; i++) await town.file(id, `long${i}`, `${i}\n`.repeat(35_000), "file");
  const files = await diff("from=1");
  const shown = (file: { unified?: string; omitted?: boolean }) => [
    Boolean(file.unified),
    file.omitted === true,
  ];
  expect(files.map(shown)).toEqual([...Array(3).fill([true, false]), ...Array(5).fill([false, true])]);
  expect((await diff("from=1&path=long7")).map(shown)).toEqual([[true, false]]);
});

test("going back makes a new version, with the files' ids and endpoints", async () => {
  const [then] = (await town.expect(200, "GET", where("lib/b.ts", "&version=4"))).json.data;
  const endpoint = "http://ann-history.web.localhost:3000";
  town.told.length = 0;
  expect(await post("/revert", { version: 4 })).toMatchObject({ version: 6, changed: true });
  expect(town.told).toEqual([`saved ${valId}`]);
  const [now] = (await town.expect(200, "GET", where("lib/b.ts"))).json.data;
  expect(now).toMatchObject({ id: then.id, type: "http", links: { endpoint } });
  expect(await post("/revert", { version: 4 })).toMatchObject({ version: 6, changed: false });
  const { branchId } = await get("/versions/6");
  expect(await get("/versions/6")).toMatchObject({ kind: "revert", source: { branchId, version: 4 } });
  await town.expect(404, "POST", `/v3/vals/${valId}/revert`, { json: { version: 99 } });
  expect((await post("/revert", { version: 5 })).changed).toBeTrue();
});

test("one file goes back where it is by now, or comes back to where it was", async () => {
  const id = await town.val("single");
  const at = (path: string) => `/v2/vals/${id}/files?${new URLSearchParams({ path })}`;
  const revert = (status: number, json: unknown) =>
    town.expect(status, "POST", `/v3/vals/${id}/revert`, { json });
  const read = async (path: string) =>
    (await town.expect(200, "GET", at(path).replace("?", "/content?"))).text;
  const { id: fileId } = await town.file(id, "d/a.ts", "old");
  await town.file(id, "other.ts", "other");
  await town.expect(200, "PUT", at("d/a.ts"), { json: { content: "new", name: "b.ts" } });
  // By its name of then, and by that of now.
  await revert(200, { version: 1, path: "d/a.ts" });
  expect(await read("d/b.ts")).toBe("old");
  await town.expect(200, "PUT", at("d/b.ts"), { json: { content: "newer" } });
  await revert(200, { version: 3, path: "d/b.ts" });
  expect(await read("d/b.ts")).toBe("new");
  await town.expect(204, "DELETE", `${at("d")}&recursive=true`);
  await revert(200, { version: 1, path: "d/a.ts" });
  expect((await town.expect(200, "GET", at("d/a.ts"))).json.data[0].id).toBe(fileId);
  // Another file in its place gets what it had.
  await town.expect(204, "DELETE", at("d/a.ts"));
  const { id: another } = await town.file(id, "d/a.ts", "another");
  await revert(200, { version: 1, path: "d/a.ts" });
  expect([await read("d/a.ts"), await read("other.ts")]).toEqual(["old", "other"]);
  expect((await town.expect(200, "GET", at("d/a.ts"))).json.data[0].id).toBe(another);
  await revert(404, { version: 1, path: "nothing" });
  await revert(400, { version: 1, path: "d" });
});
