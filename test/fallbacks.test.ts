/** Vals that cannot be one file, through the whole server: what happens by itself, and what their authors are told. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answers, buildOf, buildWhere, saveAs } from "./support/builds.ts";
import { runHamlet, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { inLogs, logLine } from "./support/val-logs.ts";

const SHARP = `import sharp from "npm:sharp@0.33.5";
  export default async () => {
    const image = sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } });
    const { width } = await sharp(await image.png().toBuffer()).metadata();
    return new Response("width " + width);
  };`;

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const textOf = async (val: TestVal, path = "/") => (await hamlet.fetch(val, path)).text();
const builds = async (val: TestVal) =>
  (await runHamlet(["builds", `tester/${val.name}`, "--data", hamlet.data])).out;

describe("a bundle that lacks a module at its start", () => {
  const REASON = /^its bundle could not be loaded: .*lib\/x\.ts/;

  test("is built again as the modules that it is, once, and its author sees why", async () => {
    const val = await hamlet.val("guard", {
      "lib/x.ts": "export const word: string = 'found by ' + import.meta.url;",
      "main.http.ts": `const { word } = await eval('import("./lib/x.ts")');
        export default () => new Response(word);`,
    });
    await answers(hamlet, val, "found by https://esm.town/v/tester/guard@2-main/lib/x.ts");
    const { serving, failed } = await buildOf(hamlet, val);
    expect(serving).toMatchObject({ version: 2, level: 2, reasons: [expect.stringMatching(REASON)] });
    expect(failed).toBeNull();
    expect(await builds(val)).toMatch(
      /^main\.http\.ts: version 2 is served, not bundled\n {2}note: its bundle/,
    );
    // The version after it gets its own chance to be one file.
    await hamlet.save(val, "export default () => new Response('plain');");
    expect(await textOf(val)).toBe("plain");
    expect((await buildOf(hamlet, val)).serving).toMatchObject({ version: 3, level: 0, reasons: [] });
  }, 60_000);

  test("and lacks it then as well, stays failed, with its error in the log", async () => {
    const val = await hamlet.val("hopeless", {
      "main.http.ts": `await eval('import("./lib/none.ts")');
        export default () => new Response("never");`,
    });
    const { serving } = await buildWhere(hamlet, val, ({ serving }) => serving?.level === 2);
    await logLine(hamlet, val, /https:\/\/esm\.town\/v\/tester\/hopeless@1-main\/lib\/none\.ts/);
    for (let n = 0; n < 3; n++) {
      const answer = await hamlet.fetch(val);
      expect([answer.status, answer.headers.get("x-hamlet-error")]).toEqual([500, "load_failed"]);
    }
    expect((await buildOf(hamlet, val)).serving).toEqual(serving);
    const told = await inLogs(hamlet, val, (lines) => lines);
    expect(told.filter(({ text }) => text.includes("val/lib/none.ts")).length).toBeLessThan(3);
  }, 60_000);

  test("an error of its own is no reason to build it again", async () => {
    const val = await hamlet.val("own-error", "throw new Error('on purpose'); export default 1;");
    await logLine(hamlet, val, /on purpose/);
    expect((await hamlet.fetch(val)).status).toBe(500);
    expect((await buildOf(hamlet, val)).serving).toMatchObject({ level: 0, reasons: [] });
  }, 60_000);
});

describe("a val whose modules are looked for at run time", () => {
  test("is served as it is: a computed import, warm from the second request on, stacks with its own addresses", async () => {
    const val = await hamlet.val("computed", {
      "lib/one.ts":
        "export const value: number = 1;\nexport const fail = () => {\n  throw new Error('in one');\n};",
      "main.http.ts": `let calls = 0;
export default async (req: Request): Promise<Response> => {
  const { value, fail } = await import("./lib/" + new URL(req.url).pathname.slice(1) + ".ts");
  if (++calls === 3) console.error(new Error("from here"));
  if (calls === 4) fail();
  return new Response(\`\${value} \${calls}\`);
};`,
    });
    const answer = await hamlet.fetch(val, "/one");
    expect([await answer.text(), answer.headers.get("x-hamlet-version")]).toEqual(["1 1", "2"]);
    // The same worker.
    expect(await textOf(val, "/one")).toBe("1 2");
    expect((await buildOf(hamlet, val)).serving).toMatchObject({
      level: 2,
      reasons: ["main.http.ts:3 has a computed import."],
    });
    await textOf(val, "/one");
    expect((await hamlet.fetch(val, "/one")).status).toBe(500);
    const base = "https://esm.town/v/tester/computed@2-main";
    expect((await logLine(hamlet, val, /from here/)).text).toContain(`${base}/main.http.ts:4:36`);
    const { text } = await logLine(hamlet, val, /in one/);
    expect(text).toContain(`${base}/lib/one.ts:3:9`);
    expect(text).toContain(`${base}/main.http.ts:5:20`);

    await hamlet.save(val, "export const value: number = 2; export const fail = () => {};", "lib/one.ts");
    const next = await hamlet.fetch(val, "/one");
    expect([await next.text(), next.headers.get("x-hamlet-version")]).toEqual(["2 1", "3"]);
  }, 60_000);

  test("starts Workers from its own modules", async () => {
    const val = await hamlet.val("working", {
      "n.ts": "export const n: number = 20;",
      "worker.ts": `import { n } from "./n.ts";
        self.onmessage = ({ data }) => self.postMessage([n + data, import.meta.url]);`,
      "main.http.ts": `const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        export default async (req: Request) => {
          const said = await new Promise((resolve) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.postMessage(Number(new URL(req.url).search.slice(1)));
          });
          return Response.json(said);
        };`,
    });
    const url = "https://esm.town/v/tester/working@3-main/worker.ts";
    expect(JSON.parse(await textOf(val, "/?1"))).toEqual([21, url]);
    expect(JSON.parse(await textOf(val, "/?2"))).toEqual([22, url]);
    expect((await buildOf(hamlet, val)).serving).toMatchObject({
      level: 2,
      reasons: ["main.http.ts starts a Worker."],
    });
  }, 60_000);
});

describe("a package with machine code", () => {
  test("is not loaded where it is not allowed, and the author's log says what to do", async () => {
    const val = await hamlet.val("image", SHARP);
    const { text } = await logLine(hamlet, val, /--native-packages/);
    expect(text).toContain("machine code");
    expect((await hamlet.fetch(val)).status).toBe(500);
    const { serving } = await buildOf(hamlet, val);
    expect(serving?.reasons[0]).toContain("sharp@0.33.5");
  }, 120_000);

  test("is beside the bundle where it is", async () => {
    await using other = await startHamlet({ args: ["--native-packages", "on"] });
    const val = await other.val("image", SHARP);
    const { serving } = await buildOf(other, val);
    expect([serving?.level, serving?.reasons.length]).toEqual([1, 1]);
    // Without namespaces nothing stands around machine code, so that it is not loaded.
    if (!other.log.includes("permissions, namespaces")) return;
    const answer = await other.fetch(val);
    expect([answer.headers.get("x-hamlet-version"), await answer.text()]).toEqual(["1", "width 3"]);
  }, 120_000);
});

test("saving again what failed at its start is a new try", async () => {
  const val = await hamlet.val("again", "throw new Error('first'); export default 1;");
  expect((await hamlet.fetch(val)).status).toBe(500);
  const { build } = await saveAs(hamlet, hamlet.token, val, "export default () => new Response('now');");
  expect([build, await textOf(val)]).toEqual(["ok", "now"]);
}, 60_000);
