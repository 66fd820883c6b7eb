/** What a saved val becomes: built by the real builder process, run by real workers. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ME, startBuilder, type TestBuilder } from "./support/builder.ts";

let town: TestBuilder;
beforeAll(async () => {
  town = await startBuilder();
});
afterAll(() => town[Symbol.asyncDispose]());

const HELLO = 'import { name } from "./lib/a.ts";\nexport default () => new Response("hello " + name);\n';

test("a val becomes one file, the same one for the same content, whoever saves it", async () => {
  const files = { "main.ts": HELLO, "lib/a.ts": "export const name: string = 'ann';\n" };
  const first = await town.good(files);
  expect(first).toMatchObject({ level: 0, start: "pooled", entry: "bundle.js", reasons: [], pins: [] });
  expect((await town.visit(first)).text).toBe("hello ann");
  const folder = join(town.artifacts, first.key);
  expect(readdirSync(folder).toSorted()).toEqual([
    "bundle.js",
    "bundle.js.map",
    "deno.lock",
    "graph.json",
    "lock.json",
  ]);
  const reversed = Object.fromEntries(Object.entries(files).toReversed());
  const again = await town.good(reversed, {
    entry: "main.ts",
    userId: "other",
    identity: { ...ME, version: 8 },
  });
  expect(again).toEqual(first);
  const other = await town.good({ ...files, "lib/a.ts": "export const name = 'bob';\n" });
  expect(other.key).not.toBe(first.key);
});

test("a file that no module imports changes nothing", async () => {
  const files = { "main.ts": HELLO, "lib/a.ts": "export const name = 'x';\n" };
  const [one, two] = [
    await town.good({ ...files, "a.md": "one" }),
    await town.good({ ...files, "a.md": "two" }),
  ];
  expect(one.key).toBe(two.key);
});

test("many builds of one content are one build", async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, () => town.good({ "main.ts": "export default 'once';\n" })),
  );
  expect(new Set(all.map(({ key }) => key)).size).toBe(1);
});

test("each version of it is told who it is, in a folder of its own", async () => {
  const files = { "main.ts": "export default () => new Response(import.meta.url)" };
  const { key } = await town.good(files);
  const [one, two] = await Promise.all(
    [7, 8].map((version) => town.builder.assemble(key, { ...ME, version, entry: "main.ts" })),
  );
  expect(one).not.toBe(two);
  expect(await town.builder.assemble(key, { ...ME, entry: "main.ts" })).toBe(one!);
  expect(town.builder.folderOf(key, { ...ME, entry: "main.ts" })).toBe(one!);
  const map = JSON.parse(readFileSync(join(two!, "bundle.js.map"), "utf8"));
  expect(map.sources).toContain("https://esm.town/v/me/mine@8-main/main.ts");
});

describe("packages", () => {
  test("one is fetched at the first build, and part of the file", async () => {
    const hono = `import { Hono } from "npm:hono@4.13.19";
      const app = new Hono().get("/:name", (c) => c.text("hi " + c.req.param("name")));
      export default app.fetch;`;
    expect(await town.answer({ "main.ts": hono }, "/ann")).toBe("hi ann");
    expect(existsSync(join(town.sandbox.cacheDir, "npm"))).toBe(true);
  }, 60_000);

  test("a large one too, in ESM and CommonJS", async () => {
    const code = `import OpenAI from "npm:openai@4.77.0";
      import cheerio from "npm:node-html-parser@5.4.2";
      import { z } from "npm:zod@3.24.1";
      export default () => Response.json([typeof new OpenAI({ apiKey: "x" }).chat.completions.create,
        typeof cheerio, z.string().safeParse(1).success, OpenAI.name]);`;
    expect(await town.answer({ "main.ts": code })).toBe('["function","object",false,"OpenAI"]');
  }, 120_000);

  test("what the last build has pinned stays", async () => {
    const first = await town.good({
      "main.ts": 'import { z } from "npm:zod@3.24.1"; export default () => z;',
    });
    const lock = JSON.parse(readFileSync(join(town.artifacts, first.key, "deno.lock"), "utf8"));
    expect(lock.specifiers).toEqual({ "npm:zod@3.24.1": "3.24.1" });
    const code = 'import { z } from "npm:zod@3.24.1"; export default () => [z, 2];';
    const next = await town.good({ "main.ts": code }, { previous: first.key });
    expect(readFileSync(join(town.artifacts, next.key, "deno.lock"), "utf8")).toBe(
      readFileSync(join(town.artifacts, first.key, "deno.lock"), "utf8"),
    );
  }, 60_000);
});

test("settings files of a val change nothing: they neither redirect packages nor loosen rules", async () => {
  const files = {
    "main.ts":
      'import { Hono } from "npm:hono@4.13.19";\nexport default () => new Response(String(typeof Hono));\n',
    ".npmrc": "registry=http://127.0.0.1:9/\n",
    "deno.json": '{ "imports": { "npm:hono@4.13.19": "./x.ts" }, "lock": true, "vendor": true }',
    "package.json": '{ "dependencies": { "hono": "0.0.1" }, "type": "commonjs" }',
    "tsconfig.json": '{ "compilerOptions": { "jsx": "preserve", "paths": { "*": ["./x.ts"] } } }',
    ".env": "NPM_CONFIG_REGISTRY=http://127.0.0.1:9/\nDENO_DIR=/tmp/x\n",
  };
  expect(await town.answer(files)).toBe("function");
}, 60_000);

test("a module becomes JavaScript on its own, its imports as they were", async () => {
  const content = `/** @jsxImportSource https://esm.sh/react@18.2.0 */
import { a, type B } from "./a.ts";
export const x: B = <p>{a}</p>;`;
  const url = "https://esm.town/v/me/mine@7-main/x.tsx";
  const good = await town.builder.transpile({ path: "x.tsx", content, url, prefixes: {} });
  if (!good.ok) throw new Error(JSON.stringify(good));
  expect(good.code).toContain('from "./a.ts"');
  expect(good.code).toContain('from "https://esm.sh/react@18.2.0/jsx-runtime"');
  expect(good.code).not.toContain(": B");
  expect(JSON.parse(good.map)).toMatchObject({ version: 3, sources: [url] });
  const prefixes = { "npm:": "https://esm.sh/", "https://esm.town/v/": "/v/", "https://": "!" };
  const source =
    'import "npm:a@1"; import "https://esm.town/v/b"; export * from "./c.ts"; await import("node:fs");';
  const moved = await town.builder.transpile({ path: "x.ts", content: source, url, prefixes });
  const specifiers = moved.ok && [...moved.code.matchAll(/["']([^"']+)["']/g)].map((match) => match[1]);
  expect(specifiers).toEqual(["https://esm.sh/a@1", "/v/b", "./c.ts", "node:fs"]);
  const bad = await town.builder.transpile({ path: "x.tsx", content: "const = 1", url, prefixes: {} });
  expect(bad).toMatchObject({ ok: false, diagnostics: [{ file: "x.tsx", line: 1, column: 7 }] });
});
