/** From one version to the next: which is served, what is built anew, and how its first visitor is received. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildOf, saveAs, valOf } from "./support/builds.ts";
import { addUser, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually, traces } from "./support/telemetry.ts";
import { logLine } from "./support/val-logs.ts";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const served = async (val: TestVal) => {
  const answer = await hamlet.fetch(val);
  return [answer.headers.get("x-hamlet-version"), await answer.text()];
};
const save = (val: TestVal, content: string, path?: string) =>
  saveAs(hamlet, hamlet.token, val, content, path);

test("a version that cannot be built leaves the last good one; what is wrong is told at once, with its places", async () => {
  const good = (word: string) => `export default (): Response => new Response(${JSON.stringify(word)});\n`;
  const val = await hamlet.val("mended", { "lib.ts": "export const a = 1;", "main.http.ts": good("two") });
  expect(await served(val)).toEqual(["2", "two"]);
  // Columns count as JavaScript does: the house is two.
  const broken = `const h = "ü🏘"; import { b } from "./lib.ts";\nimport "./nowhere.ts";\n${good("three")}h + b;`;
  const { build, diagnostics } = await save(val, broken);
  expect(build).toBe("failed");
  expect(diagnostics.map(({ file, line, column }) => [file, line, column])).toEqual([
    ["main.http.ts", 1, 27],
    ["main.http.ts", 2, 8],
  ]);
  expect(await served(val)).toEqual(["2", "two"]);
  const after = await buildOf(hamlet, val);
  expect([after.serving?.version, after.failed]).toMatchObject([2, { version: 3, diagnostics }]);
  await save(val, good("four"));
  expect(await served(val)).toEqual(["4", "four"]);
  expect((await buildOf(hamlet, val)).failed).toBeNull();
}, 60_000);

describe("artifacts", () => {
  const artifacts = () => readdirSync(join(hamlet.data, "artifacts")).filter((name) => !name.startsWith("."));
  /** Of the bundle that a version's workers are given, and of the artifact's own: it is one file. */
  const bundles = (key: string) => {
    const live = join(hamlet.data, "artifacts/.live");
    const { ino } = statSync(join(hamlet.data, "artifacts", key, "bundle.js"));
    const same = readdirSync(live).filter((name) => {
      const path = join(live, name, "bundle.js");
      return existsSync(path) && statSync(path).ino === ino;
    });
    return { ino, live: same.length };
  };
  const FILES = {
    "lib.ts": "export const word: string = 'shared by ' + import.meta.url.slice(18);",
    "main.http.ts": 'import { word } from "./lib.ts";\nexport default () => new Response(word);',
  };

  test("are made once for the same content, whichever version, val or user it is of", async () => {
    const before = artifacts();
    const val = await valOf(hamlet, hamlet.token, "sharing", FILES);
    const [key] = artifacts().filter((name) => !before.includes(name));
    expect(await served(val)).toEqual(["1", "shared by /tester/sharing@1-main/lib.ts"]);
    const first = bundles(key!);
    expect(first.live).toBe(1);

    // Another version, of which nothing is changed that the bundle is made of.
    const json = { type: "script", content: "// Nobody imports me." };
    await hamlet.api(`/v2/vals/${val.id}/files?path=aside.ts`, { json });
    expect(await served(val)).toEqual(["2", "shared by /tester/sharing@2-main/lib.ts"]);
    // There and back again.
    await save(val, FILES["lib.ts"].replace("shared", "changed"), "lib.ts");
    expect(await served(val)).toEqual(["3", "changed by /tester/sharing@3-main/lib.ts"]);
    await save(val, FILES["lib.ts"], "lib.ts");
    expect(await served(val)).toEqual(["4", "shared by /tester/sharing@4-main/lib.ts"]);

    const { token } = await addUser(hamlet.data, "forker");
    const fork = await valOf(hamlet, token, "forked", FILES);
    expect(await served(fork)).toEqual(["1", "shared by /forker/forked@1-main/lib.ts"]);

    // That one change is the only other thing that was built.
    expect(artifacts().length).toBe(before.length + 2);
    expect(bundles(key!).ino).toBe(first.ino);
    expect(bundles(key!).live).toBe(4);
  }, 60_000);
});

describe("the first visitor after a save", () => {
  /** Whether the call to this path found its worker loaded. */
  const isWarm = async (path: string) => {
    const trace = await eventually(async () => {
      const { rows } = await traces(hamlet, { limit: "20", order_by: "end_time" });
      return rows.find(({ name }) => name === `GET ${path}`);
    });
    return !trace.attributes["hamlet.cold"];
  };
  // Said when the module is loaded, and a little more.
  const source = (word: string) =>
    `setTimeout(() => console.log("loaded ${word}"), 100); export default () => new Response("${word}");`;
  const APART = `const load = (name: string) => import("./" + name + ".ts");\n`;

  test.each([
    ["one file", ""],
    ["modules as they are", APART],
  ])(
    "finds it loaded: %s",
    async (name, before) => {
      const prefix = name.replaceAll(" ", "-");
      const val = await hamlet.val(prefix, before + source("one"));
      for (const word of ["one", "two"]) {
        if (word !== "one") await save(val, before + source(word));
        await logLine(hamlet, val, new RegExp(`loaded ${word}`));
        const path = `/${prefix}/${word}`;
        expect(await (await hamlet.fetch(val, path)).text()).toBe(word);
        expect([word, await isWarm(path)]).toEqual([word, true]);
      }
    },
    60_000,
  );
});

test("a branch is served beside main at its own address from the moment it is made, until it is deleted", async () => {
  const echo = 'export default (): Response => new Response(import.meta.url.replace(/.*@/, ""));';
  const main = await hamlet.val("forked", echo);
  expect(await served(main)).toEqual(["1", "1-main/main.http.ts"]);
  const branches = `/v2/vals/${main.id}/branches`;
  const made = await hamlet.api(branches, { json: { name: "dev" } });
  const branch = (await made.json()) as { id: string };
  const list = await hamlet.api(`/v2/vals/${main.id}/files?path=main.http.ts&branch_id=${branch.id}`);
  const { data } = (await list.json()) as { data: [{ links: { endpoint: string } }] };
  const { endpoint } = data[0].links;
  const dev: TestVal = { ...main, endpoint, host: new URL(endpoint).host };
  expect(await served(dev)).toEqual(["1", "1-dev/main.http.ts"]);
  const query = new URLSearchParams({ path: "main.http.ts", branch_id: branch.id });
  const content = 'export default () => new Response("changed");';
  await hamlet.api(`/v2/vals/${main.id}/files?${query}`, { method: "PUT", json: { content } });
  expect(await served(dev)).toEqual(["2", "changed"]);
  expect((await served(main))[0]).toBe("1");
  expect((await hamlet.api(`${branches}/${branch.id}`, { method: "DELETE" })).status).toBe(204);
  const gone = await hamlet.fetch(dev);
  expect([gone.status, gone.headers.get("x-hamlet-error")]).toEqual([404, "unknown_host"]);
  expect((await served(main))[0]).toBe("1");
}, 60_000);

test("an endpoint that was deleted lives again at the same address after going back, and a merge is live at once", async () => {
  const say = (word: string) => `export default (): Response => new Response(${JSON.stringify(word)});`;
  const val = await hamlet.val("revived", say("main"));
  const own = `/v2/vals/${val.id}`;
  const files = `${own}/files?path=main.http.ts`;
  const { id: branchId } = (await (
    await hamlet.api(`${own}/branches`, { json: { name: "dev" } })
  ).json()) as {
    id: string;
  };
  await hamlet.api(`${files}&branch_id=${branchId}`, { method: "PUT", json: { content: say("dev") } });
  const merge = `/v3/vals/${val.id}/branches/${branchId}/merge`;
  expect((await hamlet.api(merge, { json: { into: "parent" } })).headers.get("x-hamlet-build")).toBe("ok");
  expect(await served(val)).toEqual(["2", "dev"]);
  await hamlet.api(files, { method: "DELETE" });
  expect((await hamlet.fetch(val)).status).toBe(404);
  await hamlet.api(`/v3/vals/${val.id}/revert`, { json: { version: 1 } });
  expect(await served(val)).toEqual(["4", "main"]);
}, 60_000);
