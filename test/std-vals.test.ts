/** The vals of `std`, which come with the town. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settleStdVals } from "../src/std-vals.ts";
import { StoreError } from "../src/store/store.ts";
import { startBuilder } from "./support/builder.ts";
import { makeTempFolder, runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";
import { makeTown } from "./support/town.ts";

const FOLDER = join(import.meta.dir, "../src/std-vals");
const NAMES = [".vtignore", "AGENTS.md", "deno.json"];

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--pool", "0"] });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** Without a token. */
async function get(path: string) {
  const answer = await fetch(`http://127.0.0.1:${hamlet.port}/api${path}`);
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the tests look at
  return { status: answer.status, json: (await answer.json()) as any };
}

test("a new town has std/vtEditorFiles, and anyone can read all of it", async () => {
  const owner = await get("/v1/alias/std");
  expect([owner.status, owner.json.username]).toEqual([200, "std"]);
  const val = await get("/v2/alias/vals/std/vtEditorFiles");
  expect(val.json).toMatchObject({ name: "vtEditorFiles", privacy: "public", author: { id: owner.json.id } });
  const branches = await get(`/v2/vals/${val.json.id}/branches`);
  expect(branches.json.data).toMatchObject([{ name: "main", version: 1 }]);
  const files = await get(`/v2/vals/${val.json.id}/files?path=&recursive=true`);
  expect(files.json.data.map((file: { path: string }) => file.path).sort()).toEqual(NAMES);
  for (const path of NAMES) {
    const url = `http://127.0.0.1:${hamlet.port}/api/v2/vals/${val.json.id}/files/content?path=${path}`;
    expect(await (await fetch(url)).text()).toBe(readFileSync(join(FOLDER, "vtEditorFiles", path), "utf8"));
  }
});

test("its files have addresses on the module host, beside the standard library's", async () => {
  const at = (path: string) =>
    fetch(`http://127.0.0.1:${hamlet.port}/v/std/${path}`, {
      headers: { host: `esm.localhost:${hamlet.port}` },
      redirect: "manual",
    });
  expect((await at("vtEditorFiles/AGENTS.md")).headers.get("location")).toEndWith(
    "/v/std/vtEditorFiles@1-main/AGENTS.md",
  );
  const file = await at("vtEditorFiles@1-main/AGENTS.md");
  expect(await file.text()).toStartWith("# Working on this val");
  expect((await at("utils/index.ts")).headers.get("location")).toContain("/v/std/hamlet@0-");
  const missing = await at("nothing/main.ts");
  expect([missing.status, await missing.text()]).toEqual([
    404,
    expect.stringContaining("no std/nothing/main.ts"),
  ]);
});

test("nobody is or becomes std: no sign-up, no token, no write", async () => {
  const made = await runHamlet(["user", "add", "std"], { HAMLET_DATA: hamlet.data });
  expect([made.code, made.err]).toEqual([2, expect.stringContaining("reserved")]);
  const token = await runHamlet(["token", "create", "--user", "std"], { HAMLET_DATA: hamlet.data });
  expect([token.code, token.err]).toEqual([2, expect.stringContaining("organization")]);
  const { id } = (await get("/v2/alias/vals/std/vtEditorFiles")).json;
  const std = (await get("/v1/alias/std")).json.id;
  const { id: me } = (await (await hamlet.api("/v1/me")).json()) as { id: string };
  const { id: mine } = await hamlet.val("mine", {});
  const tries: [method: string, path: string, json?: unknown][] = [
    ["PUT", `/v2/vals/${id}/files?path=deno.json`, { content: "{}" }],
    ["POST", `/v2/vals/${id}/files?path=mine.ts`, { type: "script", content: "" }],
    ["DELETE", `/v2/vals/${id}/files?path=&recursive=true`],
    ["DELETE", `/v2/vals/${id}`],
    ["POST", "/v2/vals", { name: "mine", privacy: "public", orgId: std }],
    ["POST", `/v2/vals/${id}/branches`, { name: "mine" }],
    ["POST", `/v2/vals/${id}/environment_variables`, { key: "A", value: "1" }],
    ["PATCH", `/v3/vals/${id}`, { privacy: "private" }],
    ["POST", `/v3/vals/${id}/transfer`, { ownerId: me }],
    ["POST", `/v3/vals/${mine}/transfer`, { ownerId: std }],
    ["PATCH", `/v3/orgs/${std}`, { bio: "mine" }],
    ["DELETE", `/v3/orgs/${std}`],
    ["POST", `/v3/orgs/${std}/invitations`, { username: "tester", role: "owner" }],
  ];
  for (const [method, path, json] of tries) {
    const { status } = await hamlet.api(path, { method, json });
    // An organization is none of a stranger's business.
    const refused = path.startsWith("/v3/orgs") ? 404 : 403;
    expect([method, path, status]).toEqual([method, path, refused]);
  }
  const renamed = await hamlet.api("/v3/me", { method: "PATCH", json: { username: "Std" } });
  expect((await renamed.json()) as { username: string }).toMatchObject({ username: "tester" });
  const link = await runHamlet(["user", "password", "std", "--data", hamlet.data]);
  expect([link.code, link.out]).toEqual([2, ""]);
  const org = await hamlet.api("/v3/orgs", { json: { username: "Std" } });
  expect([org.status, await org.text()]).toEqual([400, expect.stringContaining("reserved")]);
});

test("the vals follow the folder they come from, and what stays the same makes no version", async () => {
  await using town = await makeTown();
  using folder = makeTempFolder();
  const write = (files: Record<string, string>) => {
    mkdirSync(join(folder.path, "tools"), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, "tools", name), text);
  };
  write({ "a.md": "one", "b.ts": "export const b = 1;" });
  await settleStdVals(town.store, folder.path);
  const val = (await town.store.vals.findByName("std", "tools"))!;
  const state = async () => {
    const branch = (await town.store.vals.branch(val.id))!;
    const { version, files } = await town.store.files.sources({ valId: val.id, branchId: branch.id });
    return [version, ...files.map(({ path, type, content }) => `${path} ${type} ${content}`)];
  };
  const first = [1, "a.md file one", "b.ts script export const b = 1;"];
  expect(await state()).toEqual(first);
  await settleStdVals(town.store, folder.path);
  expect(await state()).toEqual(first);
  // What a version of ours before this one had.
  await town.store.files.create({ valId: val.id }, { path: "old.md", type: "file", content: "old" });
  write({ "a.md": "two", "c.md": "three" });
  await settleStdVals(town.store, folder.path);
  expect((await state()).slice(1)).toEqual([
    "a.md file two",
    "b.ts script export const b = 1;",
    "c.md file three",
  ]);
  expect((await town.store.users.list()).filter(({ username }) => username === "std").length).toBe(1);
});

test("the name is the town's: who asks the store for it without saying so is refused", async () => {
  await using town = await makeTown();
  const refused = town.store.users.create({ username: "Std" });
  expect(await refused.catch((error) => error)).toBeInstanceOf(StoreError);
});

test("what AGENTS.md shows can be built, and the files are such as a val may have", async () => {
  const text = readFileSync(join(FOLDER, "vtEditorFiles/AGENTS.md"), "utf8");
  const samples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
  expect(samples.length).toBe(3);
  await using builder = await startBuilder();
  for (const sample of samples) expect(await builder.wrong({ "main.ts": sample })).toEqual([]);
  expect(readdirSync(join(FOLDER, "vtEditorFiles")).sort()).toEqual(NAMES);
}, 60_000);
