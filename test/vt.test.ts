/** What `vt` does with a town, from the first folder to the deletion; each step is what the command of that name asks. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";
import { edit, Vt } from "./support/vt.ts";

/** After this time a run of `vt` in its own test-suite is killed. */
const DEADLINE_MS = 8000;
const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let hamlet: TestHamlet;
let vt: Vt;
let home: string;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--pool", "0"] });
  vt = new Vt(`http://127.0.0.1:${hamlet.port}`, hamlet.token);
  home = mkdtempSync(join(tmpdir(), "vt-"));
  expect((await hamlet.api("/v3/orgs", { json: { username: "pack" } })).status).toBe(201);
}, 60_000);
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await hamlet?.[Symbol.asyncDispose]();
});

const read = (...path: string[]) => readFileSync(join(home, ...path), "utf8");
const names = (folder: string) => readdirSync(join(home, folder), { recursive: true }).map(String).sort();

async function timed<T>(work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  expect(performance.now() - start).toBeLessThan(DEADLINE_MS);
  return result;
}

test("create, change, push, clone, pull: two folders and the val stay the same", async () => {
  edit(join(home, "site"), {
    "main.http.ts": 'export default () => new Response("one");',
    "lib/words.ts": "export const words = 1;",
    "notes.md": "# Notes",
    "cron/daily.ts": "export default () => {};",
  });
  const { folder, changes, val } = await timed(vt.create(join(home, "site"), "site"));
  expect(changes.warnings).toEqual({});
  expect(names("site")).toEqual(expect.arrayContaining([".vtignore", "AGENTS.md", "deno.json"]));
  const types = (await vt.items(val.id, folder.state.branch.id, 99)).map(
    ({ path, type }) => `${path} ${type}`,
  );
  expect(types.sort()).toEqual([
    "cron directory",
    "cron/daily.ts interval",
    "lib directory",
    "lib/words.ts script",
    "main.http.ts http",
    "notes.md file",
  ]);
  // The editor's files are not the val's.
  expect((await vt.push(folder)).created).toEqual([]);

  const other = await timed(vt.clone(join(home, "copy"), "tester/site"));
  expect(read("copy", "lib", "words.ts")).toBe("export const words = 1;");
  const item = (await vt.items(val.id, folder.state.branch.id, 99)).find(({ path }) => path === "notes.md")!;
  expect(Math.trunc(statSync(join(home, "copy/notes.md")).mtimeMs)).toBe(Date.parse(item.updatedAt));
  const clean = { created: [], modified: [], deleted: [], renamed: [], warnings: {} };
  expect(await vt.status(other)).toEqual(clean);

  rmSync(join(home, "copy/notes.md"));
  edit(other.path, {
    "main.http.ts": 'export default () => new Response("two");',
    "new/file.ts": "export {};",
  });
  const pushed = await timed(vt.push(other));
  expect([pushed.modified, pushed.created.sort(), pushed.deleted]).toEqual([
    ["main.http.ts"],
    ["new", "new/file.ts"],
    ["notes.md"],
  ]);
  expect((await vt.status(folder)).modified).toEqual(["main.http.ts"]);
  await timed(vt.pull(folder));
  expect(read("site", "main.http.ts")).toContain("two");
  expect([existsSync(join(home, "site/notes.md")), existsSync(join(home, "site/new/file.ts"))]).toEqual([
    false,
    true,
  ]);
  const files = await vt.items(val.id, folder.state.branch.id, 99);
  const { host } = new URL(files.find(({ type }) => type === "http")!.links.endpoint!);
  const answer = await fetch(`http://127.0.0.1:${hamlet.port}/`, { headers: { host } });
  expect(await answer.text()).toBe("two");
}, 60_000);

test("a file that is renamed or moved keeps its id, its type and its text", async () => {
  edit(join(home, "moves"), { "a.http.ts": 'export default () => new Response("moved");' });
  const { folder, val } = await vt.create(join(home, "moves"), "moves", { editorFiles: false });
  const [before] = await vt.items(val.id, folder.state.branch.id, 99);
  edit(folder.path, { "deep/er/b.ts": read("moves", "a.http.ts") });
  rmSync(join(folder.path, "a.http.ts"));
  expect((await vt.push(folder)).renamed).toEqual([["a.http.ts", "deep/er/b.ts"]]);
  const after = (await vt.items(val.id, folder.state.branch.id, 99)).find(
    ({ path }) => path === "deep/er/b.ts",
  );
  expect(after).toMatchObject({ id: before!.id, type: "http" });
}, 30_000);

test("a push of sixty files, five at a time, is done in time, and loses none", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [
      n < 3 ? `main${n}.http.ts` : `lib${n % 7}/part${n}.ts`,
      `export default () => new Response("${n}");\n`,
    ]),
  );
  edit(join(home, "many"), files);
  const { folder, changes, val } = await timed(vt.create(join(home, "many"), "many", { editorFiles: false }));
  expect(changes.warnings).toEqual({});
  const items = await vt.items(val.id, folder.state.branch.id, 999);
  const paths = items.filter(({ type }) => type !== "directory").map(({ path }) => path);
  expect(paths.sort()).toEqual(Object.keys(files).sort());
  edit(
    folder.path,
    Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `${text}// again\n`])),
  );
  const again = await timed(vt.push(folder));
  expect([again.modified.length, again.warnings]).toEqual([60, {}]);
  const copy = await timed(vt.clone(join(home, "many-copy"), "many", { editorFiles: false }));
  for (const [path, text] of Object.entries(files)) expect(read("many-copy", path)).toBe(`${text}// again\n`);
  for (const path of Object.keys(files)) rmSync(join(copy.path, path));
  for (const name of readdirSync(copy.path))
    if (name !== ".vt") rmSync(join(copy.path, name), { recursive: true });
  // A directory and what is in it are deleted at once: that one of them is gone already is only a warning.
  const emptied = await timed(vt.push(copy));
  expect(Object.values(emptied.warnings).every((text) => text === "unknown: 404 File not found")).toBe(true);
  expect(await vt.items(val.id, copy.state.branch.id, 9999)).toEqual([]);
}, 60_000);

test("branches are made, switched, pushed and deleted, each with files of its own", async () => {
  edit(join(home, "forks"), { "main.http.ts": 'export default () => new Response("main");', "only.ts": "1" });
  const { folder, val } = await vt.create(join(home, "forks"), "forks", { editorFiles: false });
  const draft = await timed(vt.checkout(folder, "draft", { create: true }));
  expect(await vt.branches(folder)).toEqual(["main", "draft"]);
  edit(folder.path, { "main.http.ts": 'export default () => new Response("draft");', "extra.ts": "2" });
  rmSync(join(folder.path, "only.ts"));
  expect((await vt.push(folder)).warnings).toEqual({});
  edit(folder.path, { "untracked.txt": "stays" });
  await timed(vt.checkout(folder, "main"));
  expect([read("forks", "main.http.ts").includes('"main"'), names("forks")]).toEqual([
    true,
    expect.not.arrayContaining(["extra.ts"]),
  ]);
  expect([read("forks", "only.ts"), read("forks", "untracked.txt")]).toEqual(["1", "stays"]);
  const idsOf = async (id: string) => (await vt.items(val.id, id, 99)).map((item) => item.id);
  const own = new Set(await idsOf(draft.id));
  expect((await idsOf(folder.state.branch.id)).filter((id) => own.has(id))).toEqual([]);
  await expect(vt.checkout(folder, "draft", { create: true })).rejects.toThrow("409");
  await vt.deleteBranch(folder, "draft");
  expect(await vt.branches(folder)).toEqual(["main"]);
  const gone = await vt.sdk.vals.branches.retrieve(val.id, draft.id).catch((error) => error);
  expect([gone.status, gone.message]).toEqual([404, expect.stringMatching(/branch/i)]);
}, 30_000);

test("remix copies what can be read, with the types of its files", async () => {
  const owner = await addUser(hamlet.data, "author");
  const theirs = new Vt(`http://127.0.0.1:${hamlet.port}`, owner.token);
  edit(join(home, "source"), { "page.http.tsx": "export default () => new Response();", "x/cron.ts": "1" });
  const source = await theirs.create(join(home, "source"), "source", { editorFiles: false });
  const { branch } = source.folder.state;
  await theirs.sdk.vals.files.update(source.val.id, {
    path: "x/cron.ts",
    type: "email",
    branch_id: branch.id,
  });
  const folder = await timed(vt.remix(join(home, "remixed"), "author/source", "remixed"));
  const items = await vt.items(folder.state.val.id, folder.state.branch.id, 99);
  expect(Object.fromEntries(items.map(({ path, type }) => [path, type]))).toEqual({
    "page.http.tsx": "http",
    x: "directory",
    "x/cron.ts": "email",
  });
  const clone = await vt.clone(join(home, "foreign"), "author/source", { editorFiles: false });
  edit(clone.path, { "page.http.tsx": "mine now" });
  await expect(vt.push(clone)).rejects.toThrow("write access");
}, 30_000);

test("list, profile and browse tell what they show", async () => {
  for (const name of ["l1", "l2"]) await vt.sdk.vals.create({ name, privacy: "private" });
  const first = await vt.list(0);
  expect((await vt.list(1)).map(({ id }) => id)).toEqual(first.slice(1).map(({ id }) => id));
  const { user, orgs } = await vt.profile();
  expect([user.username, user.tier, orgs]).toEqual(["tester", "free", ["pack"]]);
  expect(new URL(user.url).protocol).toBe("http:");
  const { folder, val } = await vt.create(join(home, "ours"), "ours", { org: "pack", editorFiles: false });
  expect(val.author).toMatchObject({ username: "pack", type: "org" });
  const mine = (await vt.list(0)).filter(({ author }) => author.id === user.id);
  expect(mine.map(({ name }) => name)).not.toContain("ours");
  expect(new URL(await vt.page(folder)).pathname).toBe("/x/pack/ours");
  await timed(vt.delete(folder));
  expect([existsSync(join(home, "ours/.vt")), (await vt.list(0)).some(({ id }) => id === val.id)]).toEqual([
    false,
    false,
  ]);
}, 30_000);

test("what the suite of vt takes for granted is so", async () => {
  expect(await vt.mayWrite(UNKNOWN)).toBe(false);
  const missing = await vt.sdk.alias.username.valName
    .retrieve("tester", "never-made")
    .catch((error) => error);
  expect(missing.message.replace(/^404 /, "")).toBe("This val could not be found");
  const { id } = await vt.sdk.vals.create({ name: "versions", privacy: "public", description: "" });
  expect(await vt.mayWrite(id)).toBe(true);
  const main = await vt.branch(id, "main");
  expect(main.version).toBe(0);
  await vt.sdk.vals.files.create(id, { path: "a/b/c", type: "directory" });
  expect((await vt.items(id, main.id, 1)).map(({ path }) => path).sort()).toEqual(["a", "a/b", "a/b/c"]);
  expect((await vt.items(id, main.id, 7)).length).toBe(3);
  expect(await vt.version(id, main.id)).toBe(1);
  const unknownBranch = await vt.sdk.vals.branches.retrieve(id, UNKNOWN).catch((error) => error);
  expect(unknownBranch.message).toMatch(/branch/i);
  const wrong = await fetch(`http://127.0.0.1:${hamlet.port}/v1/me`, {
    headers: { authorization: "Bearer no" },
  });
  expect(wrong.status).toBe(401);
  expect(hamlet.token.length).toBe(33);
});
