/** Vals that import each other: what is pinned when, who is built again, and who is not. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openStore } from "../src/store/store.ts";
import { answers, buildOf, buildWhere, saveAs, valOf } from "./support/builds.ts";
import { addUser, makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let nina: string;
beforeAll(async () => {
  hamlet = await startHamlet();
  nina = (await addUser(hamlet.data, "nina")).token;
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const word = (text: string) => `export const word: string = ${JSON.stringify(text)};`;
/** A val that answers with the word of the module at this address. */
const saying = (url: string) => `import { word } from "${url}";\nexport default () => new Response(word);`;
const town = (path: string) => `https://esm.town/v/tester/${path}`;

const mine = (name: string, files: Record<string, string>, privacy?: string) =>
  valOf(hamlet, hamlet.token, name, files, privacy);
const save = (val: TestVal, content: string, path?: string) =>
  saveAs(hamlet, hamlet.token, val, content, path);
const textOf = async (val: TestVal) => (await hamlet.fetch(val)).text();

describe("an import without a version", () => {
  test("is pinned at the save; saving what it means builds again the owner's vals, and nobody else's", async () => {
    const a = await mine("a", { "lib.ts": word("one") });
    const b = await mine("b", { "main.http.ts": saying(town("a/lib.ts")) });
    const byHost = await mine("by-host", {
      "main.http.ts": saying(`https://esm.localhost:${hamlet.port}/v/tester/a/lib.ts`),
    });
    const pinned = [
      await mine("pinned", { "main.http.ts": saying(town("a/lib.ts?v=1")) }),
      await mine("named", { "main.http.ts": saying(town("a@1-main/lib.ts")) }),
    ];
    const hers = await valOf(hamlet, nina, "b", { "main.http.ts": saying(town("a/lib.ts")) });
    for (const val of [b, byHost, ...pinned, hers]) expect(await textOf(val)).toBe("one");
    const before = await Promise.all([...pinned, hers].map((val) => buildOf(hamlet, val)));

    for (const text of ["two", "three"]) {
      expect(await save(a, word(text), "lib.ts")).toEqual({ build: null, diagnostics: [] });
      for (const val of [b, byHost]) {
        await answers(hamlet, val, text);
        // It is a new build of the version that it had.
        expect((await hamlet.fetch(val)).headers.get("x-hamlet-version")).toBe("1");
      }
    }
    for (const val of [...pinned, hers]) expect(await textOf(val)).toBe("one");
    expect(await Promise.all([...pinned, hers].map((val) => buildOf(hamlet, val)))).toEqual(before);

    await saveAs(hamlet, nina, hers, `${saying(town("a/lib.ts"))}\n`);
    expect(await textOf(hers)).toBe("three");
    for (const val of pinned) {
      const url = val.name === "named" ? "a@1-main/lib.ts" : "a/lib.ts?v=1";
      await save(val, `${saying(town(url))}\n`);
      expect(await textOf(val)).toBe("one");
    }
  }, 90_000);

  test("is followed through a chain", async () => {
    const first = await mine("first", { "lib.ts": word("one") });
    const second = await mine("second", {
      "lib.ts": `export { word } from "${town("first/lib.ts")}";`,
      "main.http.ts": saying("./lib.ts"),
    });
    const third = await mine("third", { "main.http.ts": saying(town("second/lib.ts")) });
    for (const val of [second, third]) expect(await textOf(val)).toBe("one");
    await save(first, word("two"), "lib.ts");
    for (const val of [second, third]) await answers(hamlet, val, "two");
    await save(second, word("own"), "lib.ts");
    await answers(hamlet, third, "own");
  }, 60_000);

  test("may go round in a circle: each sees the other's newest version, and that is the end of it", async () => {
    const left = await mine("left", { "lib.ts": word("left 1") });
    const right = await mine("right", { "lib.ts": word("right 1") });
    const both = (other: string, text: string) =>
      `import { word as theirs } from "${town(other)}/lib.ts";
       export const word = ${JSON.stringify(text)};
       export default () => new Response(word + ", " + theirs);`;
    // Each imports the module of the other that imports it.
    const lib = (other: string, text: string) =>
      `import { word as theirs } from "${town(other)}/lib.ts";
       export const word = ${JSON.stringify(text)};
       export const all = () => word + ", " + theirs;`;
    for (const [val, other] of [
      [left, "right"],
      [right, "left"],
    ] as const) {
      await save(val, lib(other, `${val.name} 1`), "lib.ts");
      const json = { type: "http", content: both(other, val.name) };
      const made = await hamlet.api(`/v2/vals/${val.id}/files?path=main.http.ts`, { json });
      const { links } = (await made.json()) as { links: { endpoint: string } };
      Object.assign(val, { host: new URL(links.endpoint).host });
    }
    await save(left, lib("right", "left 2"), "lib.ts");
    await answers(hamlet, right, "right, left 2");
    await save(right, lib("left", "right 2"), "lib.ts");
    await answers(hamlet, left, "left, right 2");

    const before = await Promise.all([left, right].map((val) => buildOf(hamlet, val)));
    // Other saves, which are built after whatever these two could still want.
    const clock = await mine("clock", { "main.http.ts": saying(town("left/lib.ts")) });
    for (let n = 0; n < 5; n++) await save(clock, `${saying(town("left/lib.ts"))} // ${n}`);
    expect(await Promise.all([left, right].map((val) => buildOf(hamlet, val)))).toEqual(before);
  }, 60_000);
});

describe("when what is imported has lost an export", () => {
  const MISSING =
    /No matching export in "https:\/\/esm\.town\/v\/tester\/\w+@\d+-main\/lib\.ts" for import "word"/;

  test("the last good build goes on serving, its author is told, and the next good version mends it", async () => {
    const lib = await mine("lossy", { "lib.ts": word("one") });
    const user = await mine("user", { "main.http.ts": saying(town("lossy/lib.ts")) });
    expect(await textOf(user)).toBe("one");
    await save(lib, "export const other = 2;", "lib.ts");
    const { serving, failed } = await buildWhere(hamlet, user, (build) => build.failed !== null);
    expect([serving?.version, failed?.version]).toEqual([1, 1]);
    expect(failed?.diagnostics).toEqual([
      expect.objectContaining({
        file: "main.http.ts",
        line: 1,
        column: 10,
        message: expect.stringMatching(MISSING),
      }),
    ]);
    expect(await textOf(user)).toBe("one");
    await save(lib, word("three"), "lib.ts");
    await answers(hamlet, user, "three");
    expect((await buildOf(hamlet, user)).failed).toBeNull();
  }, 60_000);

  test("a val that never could be built is built as soon as the export is there", async () => {
    const lib = await mine("late", { "lib.ts": "export const other = 1;" });
    const user = await mine("early", { "main.http.ts": saying(town("late/lib.ts")) });
    expect((await buildOf(hamlet, user)).failed?.diagnostics[0]?.message).toMatch(MISSING);
    await save(lib, word("here"), "lib.ts");
    await answers(hamlet, user, "here");
  }, 60_000);
});

test("a private val is its owner's to import, and for others it is not there", async () => {
  const secret = await mine("secret", { "lib.ts": word("hidden") }, "private");
  const own = await mine("own", { "main.http.ts": saying(town("secret/lib.ts")) });
  expect(await textOf(own)).toBe("hidden");
  await save(secret, word("hidden still"), "lib.ts");
  await answers(hamlet, own, "hidden still");

  const hers = await valOf(hamlet, nina, "curious", { "main.http.ts": saying(town("nothing/lib.ts")) });
  const said = [];
  for (const path of ["secret/lib.ts", "secret/lib.ts?v=1", "secret@1-main/lib.ts", "nothing/lib.ts"]) {
    const { build, diagnostics } = await saveAs(hamlet, nina, hers, saying(town(path)));
    expect([build, diagnostics.length]).toEqual(["failed", 1]);
    expect(diagnostics[0]).toMatchObject({ file: "main.http.ts", line: 1, column: 22 });
    expect(diagnostics[0]!.hint).toContain("A private val can be imported by vals of its owner only.");
    said.push(diagnostics[0]!.message.replace("nothing", "secret"));
  }
  // Nor does the answer tell that there is one.
  expect(said[0]).toBe("There is no val tester/secret that this one can import.");
  expect(said[3]).toBe(said[0]);
  expect((await hamlet.fetch(hers)).status).toBe(500);
}, 60_000);

test("who is behind after the server died between two builds is built again at the next start", async () => {
  using folder = makeTempFolder();
  const { path: data } = folder;
  const made = await (async () => {
    await using first = await startHamlet({ data });
    const lib = await valOf(first, first.token, "lib", { "lib.ts": word("one") });
    const source = saying("https://esm.town/v/tester/lib/lib.ts");
    const user = await valOf(first, first.token, "user", { "main.http.ts": source });
    expect(await (await first.fetch(user)).text()).toBe("one");
    await first.stop("SIGKILL");
    return { lib, user };
  })();
  const store = await openStore({ folder: data });
  await store.files.update({ valId: made.lib.id }, "lib.ts", { content: word("two") });
  await store.close();
  await using next = await startHamlet({ data });
  await answers(next, made.user, "two");
}, 60_000);
