/** LOCK with modules at https: addresses and JSR packages: what is kept of them, and what they may not reach. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Lock } from "../src/build/lock.ts";
import { makeAuthority } from "./support/authority.ts";
import { startJsrRegistry } from "./support/jsr-registry.ts";
import { type Locking, startLocking } from "./support/locking.ts";
import { type ModuleServer, startModuleServer } from "./support/module-server.ts";
import { startNpmRegistry } from "./support/npm-registry.ts";

const authority = makeAuthority();
const npm = startNpmRegistry({
  name: "good",
  version: "1.0.0",
  files: { "index.js": "export default 'good'" },
});
const jsr = startJsrRegistry(
  authority,
  {
    name: "@town/greet",
    version: "1.0.0",
    exports: { ".": "./mod.ts", "./loud": "./src/loud.ts" },
    files: {
      "/mod.ts":
        'import { word } from "jsr:@town/word@^1"; export const greet = (name: string): string => word + " " + name;',
      "/src/loud.ts": 'import good from "npm:good@1"; export const loud = good + "!";',
    },
  },
  {
    name: "@town/word",
    version: "1.2.0",
    exports: { ".": "./mod.ts" },
    files: { "/mod.ts": 'export const word = "hi";' },
  },
);
let server: ModuleServer;
let locking: Locking;

beforeAll(async () => {
  server = startModuleServer(authority);
  locking = await startLocking({
    registry: npm.url,
    jsrUrl: jsr.origin,
    caFile: authority.caFile,
    egressAllow: [server.address],
  });
});
afterAll(async () => {
  await locking[Symbol.asyncDispose]();
  for (const one of [server, jsr, npm]) await one[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});

const at = (path: string) => `${server.origin}${path}`;
const goesTo = (location: string) => () => new Response(null, { status: 302, headers: { location } });
const sourceOf = (lock: Lock, url: string) =>
  readFileSync(join(locking.sandbox.cacheDir, lock.modules[url]!.file), "utf8").split(
    "\n// denoCacheMetadata",
  )[0];

/** The message for a module with this source. */
async function messageOf(path: string, source: Parameters<ModuleServer["put"]>[1]): Promise<string> {
  server.put(path, source);
  const problems = await locking.problems([at(path)], { timeoutMs: 20_000 });
  expect(problems.map(({ specifier }) => specifier)).toEqual(problems.map(() => at(path)));
  const text = problems.map(({ message }) => message).join("\n");
  expect(text).not.toMatch(/root:x|stub\.ts|hamlet-run/);
  return text;
}

describe("a module at an https: address", () => {
  test("comes with all that it imports, by the addresses they have in the end", async () => {
    server.put(
      "/lib/mod.ts",
      'import { b } from "./b.ts"; import good from "npm:good@1/index.js"; import "node:fs"; export const all: string = b + " " + good;',
    );
    server.put("/lib/b.ts", 'export { c as b } from "/moved.ts";');
    server.put("/moved.ts", goesTo("/lib/c.js"));
    server.put("/lib/c.js", "export const c = 'c';");
    server.put("/latest", goesTo("/lib/mod.ts"));
    const lock = await locking.lock([at("/latest")]);
    expect(lock.redirects).toMatchObject({
      [at("/latest")]: at("/lib/mod.ts"),
      [at("/moved.ts")]: at("/lib/c.js"),
    });
    expect(lock.modules[at("/lib/mod.ts")]).toMatchObject({
      mediaType: "TypeScript",
      imports: {
        "./b.ts": at("/lib/b.ts"),
        "npm:good@1/index.js": "npm:good@1/index.js",
        "node:fs": "node:fs",
      },
    });
    expect(lock.modules[at("/lib/b.ts")]!.imports).toEqual({ "/moved.ts": at("/lib/c.js") });
    expect(sourceOf(lock, at("/lib/c.js"))).toBe("export const c = 'c';");
    expect(lock.specifiers).toEqual({ "npm:good@1/index.js": "good@1.0.0" });
    expect(await locking.print(`import { all } from "${at("/latest")}"; console.log(all);`, lock)).toBe(
      "c good",
    );
  });

  test("costs no process and no request when nothing is new, and is forgotten when it is no longer imported", async () => {
    server.put("/one.ts", 'import "./two.ts";');
    server.put("/two.ts", "export {};");
    server.put("/other.ts", 'import "npm:good@1";');
    const both = await locking.lock([at("/one.ts"), at("/other.ts")]);
    locking.runs.length = server.requests.length = 0;
    expect(await locking.lock([at("/other.ts"), at("/one.ts")], both)).toEqual(both);
    const rest = await locking.lock([at("/one.ts")], both);
    expect([locking.runs, server.requests]).toEqual([[], []]);
    expect(Object.keys(rest.modules)).toEqual([at("/one.ts"), at("/two.ts")]);
    expect(rest.text).not.toMatch(/good|other/);
    expect(await locking.print(`import "${at("/one.ts")}"; console.log("ok");`, rest)).toBe("ok");
  });

  test("that has changed since the last save is refused, and the last build's stays what it was", async () => {
    server.put("/drifts.ts", "export const v = 1;");
    const before = await locking.lock([at("/drifts.ts")]);
    const kept = join(locking.sandbox.cacheDir, before.modules[at("/drifts.ts")]!.file);
    rmSync(kept);
    server.put("/drifts.ts", "export const v = 2;");
    const [problem] = await locking.problems([at("/drifts.ts")], { previous: before });
    expect(problem).toMatchObject({
      specifier: at("/drifts.ts"),
      message: expect.stringContaining("is not what it was at the last save"),
      hint: expect.stringContaining("Nothing of it is used"),
    });
  });

  test("may be data: JSON, or text", async () => {
    server.put("/data.json", '{"x":1}');
    server.put("/notes.txt", "hello");
    const lock = await locking.lock([at("/data.json"), at("/notes.txt")]);
    expect(sourceOf(lock, at("/data.json"))).toBe('{"x":1}');
    expect(sourceOf(lock, at("/notes.txt"))).toBe("hello");
  });

  test("whose dynamic import leads nowhere is usable until it gets there", async () => {
    server.put(
      "/lazy.ts",
      'export const a = () => import("./nowhere.ts"); export const b = () => import("./there.ts");',
    );
    server.put("/there.ts", "export {};");
    const lock = await locking.lock([at("/lazy.ts")]);
    expect(lock.modules[at("/lazy.ts")]!.imports).toEqual({ "./there.ts": at("/there.ts") });
  });
});

describe("it is told, with the import that leads there,", () => {
  test("what is missing, all at once", async () => {
    const text = await messageOf("/broken.ts", 'import "./gone-a.ts"; import "./gone-b.ts";');
    expect(text).toContain(`There is no module at ${at("/gone-a.ts")}.`);
    expect(text).toContain(`There is no module at ${at("/gone-b.ts")}.`);
  });

  test.each([
    ["a syntax error", "/syntax.ts", "const a = ;", "line 1: Expression expected."],
    ["a bare import", "/bare.ts", 'import "lodash";', 'Import "lodash" not a dependency.'],
    ["a package that is not there", "/npm.ts", 'import "npm:nope";', 'There is no npm package "nope".'],
    ["a failing host", "/fails.ts", () => new Response("", { status: 500 }), "could not be fetched: 500"],
    [
      "a page in its place",
      "/page.ts",
      () => new Response("<p>", { headers: { "content-type": "text/html" } }),
      "is no JavaScript or TypeScript",
    ],
    ["a circle", "/circle.ts", goesTo("/circle.ts"), "leads to itself, in circles."],
  ])("%s", async (_, path, source, says) => {
    expect(await messageOf(path, source)).toContain(says);
  });

  test("a host that never answers", async () => {
    server.put("/silent.ts", () => new Promise(() => {}));
    const [problem] = await locking.problems([at("/silent.ts")], { timeoutMs: 2000 });
    expect(problem).toMatchObject({ message: `"${at("/silent.ts")}" could not be fetched in time.` });
  });

  test("a host that never ends its answer", async () => {
    const chunk = new TextEncoder().encode(" ".repeat(2 ** 22));
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    server.put(
      "/endless.ts",
      () => new Response(endless(), { headers: { "content-type": "text/javascript" } }),
    );
    expect(await messageOf("/endless.ts", () => new Response(endless()))).toContain("is too large");
  }, 60_000);
});

describe("a module from elsewhere never reaches", () => {
  test.each([
    ["a file of this machine", "/file.ts", 'import "file:///etc/passwd";'],
    ["its text", "/text.ts", 'import t from "file:///etc/passwd" with { type: "text" };'],
    ["it through a redirect", "/redirect.ts", goesTo("file:///etc/passwd")],
    ["it through data:", "/data.ts", `import "data:text/javascript,import 'file:///etc/passwd'";`],
    ["plain http:", "/http.ts", 'import "http://127.0.0.1:9/x.ts";'],
    ["plain http: through a redirect", "/to-http.ts", goesTo("http://127.0.0.1:9/x.ts")],
  ])("%s", async (_, path, source) => {
    expect(await messageOf(path, source)).toContain("may not be imported by a module from elsewhere");
  });

  test.each([
    ["an address that is not public", "/private.ts", 'import "https://169.254.169.254/x.ts";'],
    ["such an address through a redirect", "/to-private.ts", goesTo("https://10.0.0.1/x.ts")],
    ["this machine by another address", "/machine.ts", 'import "https://127.0.0.2/x.ts";'],
  ])("%s", async (_, path, source) => {
    expect(await messageOf(path, source)).toContain("the address is not a public one");
  });

  test("any of these by a dynamic import: there is nothing in the lock", async () => {
    server.put(
      "/sly.ts",
      'import("file:///etc/passwd"); import("https://10.0.0.1/x.ts"); import("http://127.0.0.1:9/");',
    );
    const lock = await locking.lock([at("/sly.ts")]);
    expect(Object.keys(lock.modules)).toEqual([at("/sly.ts")]);
    expect(lock.modules[at("/sly.ts")]!.imports).toEqual({});
  });
});

describe("a JSR package", () => {
  test("comes with all that it imports", async () => {
    const lock = await locking.lock(["jsr:@town/greet@1", "jsr:@town/greet/loud"]);
    const mod = `${jsr.origin}/@town/greet/1.0.0/mod.ts`;
    expect(lock.redirects["jsr:@town/greet@1"]).toBe(mod);
    expect(lock.modules[mod]!.imports).toEqual({
      "jsr:@town/word@^1": `${jsr.origin}/@town/word/1.2.0/mod.ts`,
    });
    expect(lock.specifiers).toEqual({ "npm:good@1": "good@1.0.0" });
    const code =
      'import { greet } from "jsr:@town/greet@1"; import { loud } from "jsr:@town/greet/loud"; console.log(greet("you"), loud);';
    expect(await locking.print(code, lock)).toBe("hi you good!");
    const rest = await locking.lock(["jsr:@town/greet@1"], lock);
    expect(
      await locking.print('import { greet } from "jsr:@town/greet@1"; console.log(greet("you"));', rest),
    ).toBe("hi you");
    // Deno wants to know of all that the package needs, whatever of it is imported.
    expect(Object.keys(rest.packages)).toEqual(["good@1.0.0"]);
    expect(Object.keys(rest.redirects)).not.toContain("jsr:@town/greet/loud");
  });

  test("that is not there, or not in this version, or has no such part", async () => {
    const problems = await locking.problems([
      "jsr:@town/nobody",
      "jsr:@town/greet@9",
      "jsr:@town/greet@1/nowhere",
    ]);
    expect(problems.map(({ specifier, message }) => [specifier, message])).toEqual(
      expect.arrayContaining([
        ["jsr:@town/nobody", 'There is no JSR package "@town/nobody".'],
        ["jsr:@town/greet@9", 'No version of the JSR package "@town/greet" fits "9".'],
        [
          "jsr:@town/greet@1/nowhere",
          'The JSR package "@town/greet@1.0.0" has nothing to import at "nowhere".',
        ],
      ]),
    );
  });

  test("whose module is not what the registry announced is refused", async () => {
    const evil = startJsrRegistry(authority, {
      name: "@evil/swap",
      version: "1.0.0",
      exports: { ".": "./mod.ts" },
      files: { "/mod.ts": "export {};" },
    });
    evil.put("/@evil/swap/1.0.0/mod.ts", "export const swapped = 1;");
    await using other = await startLocking({ jsrUrl: evil.origin, caFile: authority.caFile });
    const [problem] = await other.problems(["jsr:@evil/swap"]);
    expect(problem).toMatchObject({
      specifier: "jsr:@evil/swap",
      message: expect.stringContaining("is not what it was announced to be"),
    });
    await evil[Symbol.asyncDispose]();
  });
});
