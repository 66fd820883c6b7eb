/** What is checked of each method of the SDK that is about vals: that it did what it says. */

import { expect } from "bun:test";
import { all, refusal, type SdkTown } from "./sdk.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Checks = Readonly<Record<string, (town: SdkTown) => Promise<void>>>;

const VALS: Checks = {
  "vals.create": async ({ client, hamlet }) => {
    const me = await client.me.profile.retrieve();
    const val = await client.vals.create({
      name: "made",
      privacy: "unlisted",
      description: "Made by the SDK",
    });
    expect(val).toEqual({
      id: expect.stringMatching(UUID),
      name: "made",
      description: "Made by the SDK",
      privacy: "unlisted",
      imageUrl: null,
      createdAt: expect.any(String),
      author: { id: me.id, type: "user", username: hamlet.username },
      links: {
        self: expect.stringContaining(`/api/v2/vals/${val.id}`),
        html: expect.stringContaining("/made"),
      },
    });
    expect(await all(client.vals.branches.list(val.id, {}))).toMatchObject([{ name: "main", version: 0 }]);
  },
  "vals.retrieve": async (town) => {
    const id = await town.val("found");
    expect(await town.client.vals.retrieve(id)).toMatchObject({ id, name: "found", privacy: "public" });
  },
  "vals.list": async (town) => {
    const ids: string[] = [];
    for (const name of ["listA", "listB", "listC"]) ids.unshift(await town.val(name));
    const { id: user_id } = await town.client.me.profile.retrieve();
    const listed = await all(town.client.vals.list({ limit: 1, user_id, privacy: "public" }));
    expect(listed.map(({ id }) => id).slice(0, 3)).toEqual(ids);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    const first = await town.client.vals.list({ limit: 2, user_id });
    expect([first.data.length, first.hasNextPage()]).toEqual([2, true]);
    expect((await first.getNextPage()).data[0]?.id).toBe(ids[2]);
    const cursor = listed[0]!.createdAt;
    expect((await town.client.vals.list({ limit: 1, user_id, cursor })).data[0]?.id).toBe(ids[1]);
  },
  "vals.delete": async (town) => {
    const id = await town.val("doomed");
    await town.client.vals.delete(id);
    expect((await refusal(town.client.vals.retrieve(id))).status).toBe(404);
    expect((await refusal(town.client.vals.delete(id))).status).toBe(404);
  },
  "me.vals.list": async (town) => {
    const ids = [await town.val("mineA"), await town.val("mineB"), await town.val("mineC")];
    for (const limit of [1, 2, 100]) {
      const listed = (await all(town.client.me.vals.list({ limit, offset: 0 }))).map(({ id }) => id);
      expect(listed).toEqual(expect.arrayContaining(ids));
      expect(new Set(listed).size).toBe(listed.length);
    }
    const pages = await all((await town.client.me.vals.list({ limit: 2, offset: 1 })).iterPages());
    expect(pages.slice(0, -1).every(({ data }) => data.length === 2)).toBe(true);
    expect(pages.at(-1)!.links.next).toBeUndefined();
  },
};

const BRANCHES: Checks = {
  "vals.branches.create": async (town) => {
    const id = await town.val("forks");
    await town.file(id, "a.ts", "export const a = 1;");
    const [main] = await all(town.client.vals.branches.list(id, {}));
    const draft = await town.client.vals.branches.create(id, { name: "draft" });
    expect(draft.id).toMatch(UUID);
    expect(draft).toMatchObject({ name: "draft", forkedBranchId: main!.id });
    const query = { path: "a.ts", branch_id: draft.id };
    await town.client.vals.files.update(id, { ...query, content: "export const a = 2;" });
    const text = async (branch_id?: string) =>
      (await town.client.vals.files.getContent(id, { path: "a.ts", branch_id })).text();
    expect([await text(), await text(draft.id)]).toEqual(["export const a = 1;", "export const a = 2;"]);
    const second = await town.client.vals.branches.create(id, { name: "second", branchId: draft.id });
    expect([second.forkedBranchId, await text(second.id)]).toEqual([draft.id, "export const a = 2;"]);
  },
  "vals.branches.retrieve": async (town) => {
    const id = await town.val("branched");
    await town.file(id, "a.ts");
    const [main] = await all(town.client.vals.branches.list(id, {}));
    expect(await town.client.vals.branches.retrieve(id, main!.id)).toEqual({
      id: main!.id,
      name: "main",
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      forkedBranchId: null,
      links: { self: expect.stringContaining(main!.id), html: expect.stringContaining("branched") },
    });
  },
  "vals.branches.list": async (town) => {
    const id = await town.val("many");
    const names = ["main", "b1", "b2", "b3", "b4"];
    for (const name of names.slice(1)) await town.client.vals.branches.create(id, { name });
    for (const query of [{ limit: 1, offset: 0 }, { limit: 2 }, {}]) {
      const listed = await all(town.client.vals.branches.list(id, query));
      expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort());
    }
  },
  "vals.branches.delete": async (town) => {
    const id = await town.val("pruned");
    const { id: branchId } = await town.client.vals.branches.create(id, { name: "gone" });
    await town.client.vals.branches.delete(id, branchId);
    const gone = await refusal(town.client.vals.branches.retrieve(id, branchId));
    expect([gone.status, gone.message]).toEqual([404, expect.stringMatching(/branch/i)]);
    expect((await all(town.client.vals.branches.list(id, {}))).map(({ name }) => name)).toEqual(["main"]);
  },
};

const FILES: Checks = {
  "vals.files.create": async (town) => {
    const { files } = town.client.vals;
    const id = await town.val("filed");
    const http = await files.create(id, {
      path: "web/main.ts",
      type: "http",
      content: 'export default () => new Response("made by the SDK");',
    });
    expect(http).toMatchObject({ name: "main.ts", path: "web/main.ts", type: "http", version: 1 });
    const { host } = new URL(http.links.endpoint!);
    const answer = await fetch(`http://127.0.0.1:${town.hamlet.port}/`, { headers: { host } });
    expect(await answer.text()).toBe("made by the SDK");
    await files.create(id, { path: "a/b/c", type: "directory", content: null });
    const paths = (await all(files.retrieve(id, { path: "", recursive: true }))).map(({ path }) => path);
    expect(paths.sort()).toEqual(["a", "a/b", "a/b/c", "web", "web/main.ts"]);
  },
  "vals.files.retrieve": async (town) => {
    const { files } = town.client.vals;
    const id = await town.val("tree");
    const paths = ["1.ts", "2.ts", "d/3.ts", "d/4.ts", "d/e/5.ts"];
    for (const path of paths) await town.file(id, path);
    const expected = [...paths, "d", "d/e"].sort();
    for (const limit of [1, 2, 3, undefined]) {
      const listed = await all(files.retrieve(id, { path: "", recursive: true, limit }));
      expect(listed.map(({ path }) => path).sort()).toEqual(expected);
    }
    const folder = await all(files.retrieve(id, { path: "d", recursive: false, limit: 1 }));
    expect(folder.map(({ path }) => path).sort()).toEqual(["d/3.ts", "d/4.ts", "d/e"]);
    expect((await files.retrieve(id, { path: "1.ts", recursive: false })).data.length).toBe(1);
    const old = await all(files.retrieve(id, { path: "", recursive: true, version: 2, limit: 1 }));
    expect(old.map(({ path }) => path).sort()).toEqual(["1.ts", "2.ts"]);
    const late = await all(files.retrieve(id, { path: "", recursive: true, version: 999 }));
    expect(late.length).toBe(expected.length);
  },
  "vals.files.update": async (town) => {
    const { files } = town.client.vals;
    const id = await town.val("changed");
    const fileId = await town.file(id, "old.ts", "1");
    const content = "export default 2;";
    const moved = await files.update(id, { path: "old.ts", content, name: "new.ts", parent_path: "lib" });
    expect(moved).toMatchObject({ id: fileId, path: "lib/new.ts", version: 2 });
    expect(await (await files.getContent(id, { path: "lib/new.ts" })).text()).toBe(content);
    expect(await files.update(id, { path: "lib/new.ts" })).toMatchObject({ version: 2 });
    const atRoot = await files.update(id, { path: "lib/new.ts", parent_path: null, type: "file" });
    expect(atRoot).toMatchObject({ id: fileId, path: "new.ts", type: "file" });
  },
  "vals.files.delete": async (town) => {
    const { files } = town.client.vals;
    const id = await town.val("emptied");
    await town.file(id, "d/a.ts");
    await town.file(id, "b.ts");
    expect((await refusal(files.delete(id, { path: "d", recursive: false }))).status).toBe(400);
    await files.delete(id, { path: "b.ts", recursive: false });
    await files.delete(id, { path: "d", recursive: true });
    expect(await all(files.retrieve(id, { path: "", recursive: true }))).toEqual([]);
    await town.file(id, "x/y.ts");
    await files.delete(id, { path: "", recursive: true });
    expect(await all(files.retrieve(id, { path: "", recursive: true }))).toEqual([]);
  },
  "vals.files.getContent": async (town) => {
    const { files } = town.client.vals;
    const id = await town.val("read");
    await town.file(id, "ü[1].ts".slice(1), "first");
    await files.update(id, { path: "[1].ts", content: "second ✓" });
    const now = await files.getContent(id, { path: "[1].ts" });
    const etag = now.headers.get("etag")!;
    expect([await now.text(), now.headers.get("content-type")]).toEqual([
      "second ✓",
      "application/octet-stream",
    ]);
    expect(await (await files.getContent(id, { path: "[1].ts", version: 1 })).text()).toBe("first");
    const same = await refusal(files.getContent(id, { path: "[1].ts", "If-None-Match": etag }));
    expect(same.status).toBe(304);
    const other = await refusal(files.getContent(id, { path: "[1].ts", "If-Match": '"another"' }));
    expect([other.status, other.error]).toEqual([412, expect.anything()]);
  },
  "files.retrieve": async (town) => {
    const id = await town.val("byId");
    const fileId = await town.file(id, "deep/er.ts");
    expect(await town.client.files.retrieve(fileId)).toMatchObject({ id: fileId, path: "deep/er.ts" });
  },
};

const VARIABLES: Checks = {
  "vals.environmentVariables.create": async (town) => {
    const id = await town.val("env");
    const made = await town.client.vals.environmentVariables.create(id, { key: "WORD", value: "secret" });
    expect(made).toEqual({
      key: "WORD",
      description: null,
      createdAt: expect.any(String),
      updatedAt: null,
    } as never);
    const source = "export default () => new Response(Deno.env.get('WORD'));";
    const file = { path: "main.ts", type: "http", content: source } as const;
    const { host } = new URL((await town.client.vals.files.create(id, file)).links.endpoint!);
    const read = await fetch(`http://127.0.0.1:${town.hamlet.port}/`, { headers: { host } });
    expect(await read.text()).toBe("secret");
  },
  "vals.environmentVariables.update": async (town) => {
    const { environmentVariables } = town.client.vals;
    const id = await town.val("envUpdate");
    await environmentVariables.create(id, { key: "A", value: "1", description: "first" });
    const changed = await environmentVariables.update(id, "A", { value: "2", description: "second" });
    expect(changed).toMatchObject({ key: "A", description: "second", updatedAt: expect.any(String) });
    expect((await refusal(environmentVariables.update(id, "B", { value: "2" }))).status).toBe(404);
  },
  "vals.environmentVariables.list": async (town) => {
    const { environmentVariables } = town.client.vals;
    const id = await town.val("envList");
    const keys = ["A", "B", "C", "D", "E"];
    for (const key of keys) await environmentVariables.create(id, { key, value: "v" });
    for (const limit of [1, 2, undefined]) {
      const listed = await all(environmentVariables.list(id, { limit }));
      expect(listed.map(({ key }) => key).sort()).toEqual(keys);
      expect(JSON.stringify(listed)).not.toContain('"value"');
    }
  },
  "vals.environmentVariables.delete": async (town) => {
    const { environmentVariables } = town.client.vals;
    const id = await town.val("envDelete");
    await environmentVariables.create(id, { key: "A", value: "1" });
    await environmentVariables.delete(id, "A");
    expect(await all(environmentVariables.list(id, {}))).toEqual([]);
    expect((await refusal(environmentVariables.delete(id, "A"))).status).toBe(404);
  },
};

/** By method; each makes what it needs. */
export const VAL_CHECKS: Checks = { ...VALS, ...BRANCHES, ...FILES, ...VARIABLES };
