/** Vals that cannot be one file: with packages beside it, or as the modules that they are. Real packages, real walls. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "./support/authority.ts";
import { ME, startBuilder, type TestBuilder } from "./support/builder.ts";
import { startJsrRegistry } from "./support/jsr-registry.ts";
import { type ModuleServer, startModuleServer } from "./support/module-server.ts";

const BASE = "https://esm.town/v/me/mine@7-main/";
const authority = makeAuthority();
const jsr = startJsrRegistry(authority, {
  name: "@town/greet",
  version: "1.0.0",
  exports: { ".": "./mod.ts" },
  files: { "/mod.ts": 'export { word } from "./word.ts";', "/word.ts": "export const word: string = 'hi';" },
});
let server: ModuleServer;
beforeAll(() => {
  server = startModuleServer(authority, {
    "/moved": () => new Response(null, { status: 302, headers: { location: "/mod.ts" } }),
    "/mod.ts": "export const far: string = import.meta.url;",
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await jsr[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});

for (const mode of ["auto", "deno"] as const) {
  describe(`with walls of ${mode}`, () => {
    let town: TestBuilder;
    beforeAll(async () => {
      const walls = { jsrUrl: jsr.origin, caFile: authority.caFile, egressAllow: [server.address] };
      town = await startBuilder({}, mode, { ...walls, nativePackages: true });
      town.publish("ann", "tools", {
        "lib/a.ts": "export const url: string = import.meta.url;",
        "main.ts": 'export { url } from "./lib/a.ts";',
      });
    });
    afterAll(() => town[Symbol.asyncDispose]());

    test("a val whose imports are computed keeps its modules, with everything they import", async () => {
      const built = await town.good({
        "main.tsx": `/** @jsxImportSource https://esm.sh/react@18.3.1 */
          import React from "https://esm.sh/react@18.3.1";
          import { renderToString } from "https://esm.sh/react-dom@18.3.1/server";
          import { Hono } from "npm:hono@4.13.19";
          import { url } from "https://esm.town/v/ann/tools";
          import { url as same } from "https://esm.town/v/ann/tools/lib/a.ts?v=1";
          import { isMain } from "https://esm.town/v/std/utils/index.ts";
          import { OpenAI } from "https://esm.town/v/std/openai";
          import { far } from "${server.origin}/moved";
          import { word } from "jsr:@town/greet@1";
          import text from "./a.txt" with { type: "text" };
          import bytes from "./a.txt" with { type: "bytes" };
          import data from "./data.json" with { type: "json" };
          import type { Nothing } from "npm:zod@3.24.1";
          const { value } = await import("./lib/" + text.trim() + ".ts");
          export default (): Response => Response.json([import.meta.url, renderToString(<b>{value}</b>), React.version,
            typeof Hono, url, same, isMain(import.meta.url), OpenAI.name, far, word, bytes.length, data]);`,
        "lib/one.ts": `import { z } from "npm:zod@3.24.1"; import { blob } from "https://esm.town/v/std/blob";
          export const value: number = z.number().parse(typeof blob === "object" ? 1 : 0);`,
        "lib/broken.ts": 'import "npm:no-such-package-hamlet-1"; import "./none.ts"; const = 1;',
        "a.txt": "one\n",
        "data.json": "[1]",
        "README.md": "not a module",
      });
      expect(built).toMatchObject({
        level: 2,
        start: "locked",
        entry: `${BASE}main.tsx`,
        reasons: ["main.tsx:15 has a computed import."],
      });
      const ann = "https://esm.town/v/ann/tools@1-main/lib/a.ts";
      const far = `${server.origin}/mod.ts`;
      const { text } = await town.visit(built, "/", "main.tsx");
      expect(JSON.parse(text)).toEqual([
        `${BASE}main.tsx`,
        "<b>1</b>",
        "18.3.1",
        "function",
        ann,
        ann,
        true,
        "OpenAI",
        far,
        "hi",
        4,
        [1],
      ]);
    }, 120_000);

    test("so does one that starts a Worker; its stacks are the author's own", async () => {
      const built = await town.good({
        "main.ts": `export default async () => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const said = await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  worker.terminate();
  try { null!.x; } catch (error) { return Response.json([said, error.stack]); }
};`,
        "worker.ts": `import { n } from "./n.ts"; self.postMessage(n + import.meta.url);`,
        "n.ts": "export const n: string = 'from ';",
      });
      expect(built.reasons).toEqual(["main.ts starts a Worker."]);
      const [said, stack] = JSON.parse((await town.visit(built)).text);
      expect(said).toBe(`from ${BASE}worker.ts`);
      expect(stack).toContain(`${BASE}main.ts:5:15`);
    });

    test("a package with machine code stays outside, the others are in the file", async () => {
      const built = await town.good({
        "main.ts": `import sharp from "npm:sharp@0.33.5"; import { z } from "npm:zod@3.24.1";
          export default async () => {
            const image = sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } });
            const { width } = await sharp(await image.png().toBuffer()).metadata();
            return Response.json([width, z.number().parse(1)]);
          };`,
      });
      expect(built).toMatchObject({ level: 1, start: "locked", entry: "bundle.js" });
      expect(built.reasons).toEqual([
        expect.stringMatching(/^npm:sharp@0\.33\.5 stays outside: sharp@0\.33\.5: /),
      ]);
      const code = readFileSync(join(town.artifacts, built.key, "bundle.js"), "utf8");
      expect(code).toContain('from"npm:sharp@0.33.5"');
      const { text } = await town.visit(built);
      // Without namespaces nothing stands around machine code, so that it is not loaded.
      if (town.sandbox.level === "deno") expect(text).toContain("sharp");
      else expect(text).toBe("[3,1]");
    }, 120_000);
  });
}

describe("which level it is", () => {
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test("imports of packages whose names are computed are left to the run", async () => {
    const code = `const n = "hono"; export default () => import(\`npm:\${n}@4.13.19\`); export const f = (x) => import("node:" + x);`;
    expect(await town.good({ "main.ts": code })).toMatchObject({ level: 0, reasons: [] });
  });

  test.each([
    ["export default (x) => import(x);", "main.ts:1 has a computed import."],
    ['export default (x) => import("./lib/" + x + ".ts");', "main.ts:1 has a computed import."],
    // The builder has files there itself.
    ['export default (x) => import("./" + x);', "main.ts:1 has a computed import."],
    ["export default (x) => import(`./${x}/${x}.js`);", "main.ts:1 has a computed import."],
    [`export default (x) => import("${"../".repeat(20)}" + x);`, "main.ts:1 has a computed import."],
    [`export default (x) => import("${"../".repeat(99)}work/" + x);`, "main.ts:1 has a computed import."],
    [
      `// import(x)\nexport default (x) => import(\n\`../../etc/\${x}/y.json\`);`,
      "main.ts:3 has a computed import.",
    ],
    [
      'export default () => new Worker(import.meta.resolve("./w.ts"), { type: "module" });',
      "main.ts starts a Worker.",
    ],
  ])("%s", async (code, reason) => {
    expect(await town.good({ "main.ts": code, "lib/a.ts": "" })).toMatchObject({
      level: 2,
      reasons: [reason],
    });
  });

  test.each([
    "export default () => new Response(\"<script>import(x); new Worker('/w.js')</script>\");",
    "// import(x)\nexport default (x) => x.import(x);",
  ])("not for %s", async (code) => expect(await town.good({ "main.ts": code })).toMatchObject({ level: 0 }));

  test("a package that wants to run a script when it is installed stays outside", async () => {
    const code = 'import Database from "npm:better-sqlite3@11.7.0"; export default () => Database;';
    const { level, reasons } = await town.good({ "main.ts": code });
    expect([level, reasons]).toEqual([1, [expect.stringContaining("script when it is installed")]]);
  }, 120_000);

  test("one with optional native parts that nobody reaches does not", async () => {
    const code =
      'import { createClient } from "npm:@libsql/client@0.14.0/web"; export default () => createClient;';
    expect(await town.good({ "main.ts": code })).toMatchObject({ level: 0, reasons: [] });
  }, 120_000);

  test("one that has a variant without them is taken in that, and is part of the file", async () => {
    const built = await town.good({
      "main.ts": `import { createClient } from "npm:@libsql/client@0.18.0";
        import { drizzle } from "npm:drizzle-orm@0.38.3/libsql";
        export default () => new Response(typeof createClient + " " + typeof drizzle);`,
    });
    expect([built.level, built.reasons]).toEqual([0, []]);
    expect((await town.visit(built)).text).toBe("function function");
  });

  test("who asks for it gets the modules as they are, with the same entry and another key", async () => {
    const files = { "main.ts": "export default () => new Response(import.meta.url);" };
    const [one, two] = [
      await town.good(files),
      await town.good(files, { unbundled: "It failed at its start." }),
    ];
    expect(two).toMatchObject({ level: 2, reasons: ["It failed at its start."], entry: `${BASE}main.ts` });
    expect(two.key).not.toBe(one.key);
    expect((await town.visit(two)).text).toBe(`${BASE}main.ts`);
    const other = await town.good(files, {
      unbundled: "It failed at its start.",
      identity: { ...ME, version: 8 },
    });
    expect(other).toEqual({ ...two, entry: "https://esm.town/v/me/mine@8-main/main.ts" });
    const folder = await town.builder.assemble(two.key, { ...ME, version: 8, entry: "main.ts" });
    expect(existsSync(join(folder, "bundle.js"))).toBe(false);
  });

  test("a bundle that would be too large is none", async () => {
    await using small = await startBuilder({ limits: { bundleBytes: 1000 } });
    const built = await small.good({
      "main.ts": `import { a } from "./a.ts"; export default () => new Response(a.length + "");`,
      "a.ts": `export const a = ${JSON.stringify("x".repeat(2000))};`,
    });
    expect(built).toMatchObject({ level: 2, reasons: [expect.stringContaining("larger than")] });
    expect((await small.visit(built)).text).toBe("2000");
  });
});
