/** Vals of users who are not of this town, from the module origin's own server: a local one that does as the real one. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "./support/authority.ts";
import { buildOf, saveAs, valOf } from "./support/builds.ts";
import { type ModuleServer, startModuleServer } from "./support/module-server.ts";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const authority = makeAuthority();
const folder = makeTempFolder();
let elsewhere: ModuleServer;
let hamlet: TestHamlet;

/** The town and its app have other names than the module origin, whose name here is that of this machine. */
const start = (...flags: string[]) =>
  startHamlet({
    data: folder.path,
    args: [
      ...["--domain", "hamlet.test", "--module-origin", elsewhere.origin],
      ...["--ca-file", authority.caFile, "--egress-allow", elsewhere.address, ...flags],
    ],
  });

const goesTo = (location: string) => () => new Response(null, { status: 302, headers: { location } });

beforeAll(async () => {
  elsewhere = startModuleServer(authority);
  elsewhere.put("/v/stranger/lib/main.ts", goesTo("/v/stranger/lib@3-main/main.ts"));
  elsewhere.put(
    "/v/stranger/lib@3-main/main.ts",
    'import { word } from "./word.ts"; export const said: string = word + " of " + import.meta.url;',
  );
  elsewhere.put("/v/stranger/lib@3-main/word.ts", "export const word: string = 'word';");
  hamlet = await start("--foreign-vals");
}, 60_000);
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await elsewhere?.[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
  folder[Symbol.dispose]();
});

const saying = (path: string, more = "") =>
  `import { said } from "${elsewhere.origin}/v/${path}";\n${more}export default () => new Response(said);`;
const SAID = () => `word of ${elsewhere.origin}/v/stranger/lib@3-main/main.ts`;
const textOf = async (val: TestVal) => (await hamlet.fetch(val)).text();

describe("where the operator allows it", () => {
  let val: TestVal;
  beforeAll(async () => {
    val = await hamlet.val("reader", saying("stranger/lib/main.ts"));
  }, 60_000);

  test("they are fetched from there, by their last addresses, and are in the lock", async () => {
    expect(await textOf(val)).toBe(SAID());
    expect((await buildOf(hamlet, val)).serving).toMatchObject({ level: 0 });
    const artifacts = join(hamlet.data, "artifacts");
    const keys = readdirSync(artifacts).filter((name) => !name.startsWith("."));
    const locks = keys.map((key) => readFileSync(join(artifacts, key, "deno.lock"), "utf8"));
    expect(locks.filter((text) => text.includes("stranger/lib@3-main/word.ts")).length).toBe(1);
  });

  test("once: what is known is not asked for again, nor replaced by what is newer there", async () => {
    const asked = elsewhere.requests.length;
    expect(asked).toBe(3);
    elsewhere.put("/v/stranger/lib/main.ts", goesTo("/v/stranger/lib@4-main/main.ts"));
    elsewhere.put("/v/stranger/lib@4-main/main.ts", "export const said = 'newer';");
    await hamlet.save(val, saying("stranger/lib/main.ts", "// changed\n"));
    expect(await textOf(val)).toBe(SAID());
    const other = await hamlet.val("other", saying("stranger/lib@3-main/main.ts"));
    expect(await textOf(other)).toBe(SAID());
    expect(elsewhere.requests.length).toBe(asked);
  }, 60_000);

  test("also by vals that are not one file", async () => {
    const computed = 'export const load = (name: string) => import("./" + name + ".ts");\n';
    const apart = await valOf(hamlet, hamlet.token, "apart", {
      "main.http.ts": `import { said } from "${elsewhere.origin}/v/stranger/lib@3-main/main.ts";\n${computed}export default () => new Response(said);`,
    });
    expect(await textOf(apart)).toBe(SAID());
    expect((await buildOf(hamlet, apart)).serving).toMatchObject({ level: 2 });
  }, 60_000);

  test("users who are of this town have their vals here alone", async () => {
    elsewhere.put("/v/tester/none/main.ts", "export const said = 'of another tester';");
    const { build, diagnostics } = await saveAs(hamlet, hamlet.token, val, saying("tester/none/main.ts"));
    expect(build).toBe("failed");
    expect(diagnostics[0]!.message).toBe("There is no val tester/none that this one can import.");
    expect(elsewhere.requests).not.toContain("/v/tester/none/main.ts");
  });

  test("one that is not there is told with its address, at its place", async () => {
    const { diagnostics } = await saveAs(hamlet, hamlet.token, val, saying("nobody/nothing/main.ts"));
    expect(diagnostics).toEqual([expect.objectContaining({ file: "main.http.ts", line: 1, column: 22 })]);
    expect(diagnostics[0]!.message).toContain("/v/nobody/nothing/main.ts");
    expect(await textOf(val)).toBe(SAID());
  }, 60_000);
});

test("without the flag an author is told so, and what is served goes on, without a network", async () => {
  await hamlet.stop();
  hamlet = await start();
  const reader = "http://tester-reader.web.hamlet.test";
  const val = { id: "", name: "reader", endpoint: reader, host: new URL(reader).host };
  expect(await textOf(val)).toBe(SAID());
  const asked = elsewhere.requests.length;
  const made = await hamlet.val("refused", saying("stranger/lib/main.ts"));
  expect((await buildOf(hamlet, made)).failed?.diagnostics).toEqual([
    {
      file: "main.http.ts",
      line: 1,
      column: 22,
      message: 'There is no user "stranger" in this town.',
      hint: expect.stringContaining("--foreign-vals"),
    },
  ]);
  expect(elsewhere.requests.length).toBe(asked);
}, 60_000);
