/** What an author is told: all that is wrong, where it is, and what to do. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startBuilder, type TestBuilder } from "./support/builder.ts";

let town: TestBuilder;
beforeAll(async () => {
  town = await startBuilder();
  town.publish("ann", "tools", { "main.ts": "export const a = 1;", "lib/b.ts": "export const b = 2;" });
});
afterAll(() => town[Symbol.asyncDispose]());

test("all mistakes are told at once, each at its place", async () => {
  const found = await town.wrong({
    "main.ts": [
      'import { x } from "./nope.ts";',
      'import lodash from "lodash";',
      "",
      '/* é😀 */ import { c } from "./good.ts";',
      'import { a } from "https://esm.town/v/ann/tools/nope.ts";',
      'import { no } from "https://esm.town/v/nobody/none";',
      'import gone from "npm:no-such-package-hamlet-1@1.0.0";',
      'import { blobs } from "https://esm.town/v/std/blobs";',
      "export default () => [x, lodash, c, a, no, gone, blobs];",
    ].join("\n"),
    "good.ts": "export const b = 1;\n",
  });
  const at = (line: number, column: number) => ({ file: "main.ts", line, column });
  const hint = expect.any(String);
  expect(found).toEqual([
    { ...at(1, 19), message: 'There is no file "nope.ts" in this val.', hint },
    { ...at(2, 20), message: '"lodash" cannot be imported.', hint: expect.stringContaining('"npm:lodash"') },
    { ...at(4, 20), message: 'No matching export in "good.ts" for import "c"' },
    { ...at(5, 19), message: 'There is no file "nope.ts" in the val ann/tools.', hint },
    { ...at(6, 20), message: 'There is no user "nobody" in this town.', hint },
    { ...at(7, 18), message: expect.stringContaining("no-such-package-hamlet-1"), hint },
    {
      ...at(8, 23),
      message: 'The standard library has no module "std/blobs".',
      hint: expect.stringContaining("blob"),
    },
  ]);
  expect(JSON.stringify(found)).not.toContain(town.folder);
}, 60_000);

test("all files that cannot be parsed are told, and with them what leads nowhere", async () => {
  const found = await town.wrong({
    "main.ts":
      'import "./b.ts";\nimport "./c.ts";\nimport "./d.ts";\nimport "npm:no-such-package-hamlet-1";\n',
    "b.ts": "const a = ;",
    "c.ts": "\n/* é😀 */ if (",
  });
  expect(found.map(({ file, line, column }) => [file, line, column])).toEqual([
    ["b.ts", 1, 11],
    ["c.ts", 2, 15],
    ["main.ts", 3, 8],
    ["main.ts", 4, 8],
  ]);
}, 60_000);

test("what a package does not have is told at the import, also next to import.meta", async () => {
  const found = await town.wrong({
    "main.ts": [
      "console.log(import.meta.url);",
      'import { nothing } from "npm:hono@4.13.19";',
      'import x from "npm:hono@4.13.19/nosuch";',
      "export default () => [nothing, x];",
    ].join("\n"),
  });
  expect(found).toEqual([
    {
      file: "main.ts",
      line: 2,
      column: 10,
      message: 'No matching export in "npm:hono@4.13.19/dist/index.js" for import "nothing"',
    },
    { file: "main.ts", line: 3, column: 15, message: 'The package hono@4.13.19 has no module "nosuch".' },
  ]);
}, 60_000);

test("types are never in the way", async () => {
  const code =
    'const a: number = "text"; import type { T } from "./none.ts"; export default (): T => a.nope;';
  expect(await town.wrong({ "main.ts": code })).toEqual([]);
});

test("a dynamic import of what is not there is the val's own business at run time, and a warning", async () => {
  const built = await town.good({
    "main.ts": [
      'export default async () => new Response(await import("./later.ts").catch((e) => e.message + e.code));',
      'export const b = () => import("npm:no-such-package-hamlet-1@1.0.0");',
    ].join("\n"),
  });
  expect((await town.visit(built)).text).toBe('There is no file "later.ts" in this val.MODULE_NOT_FOUND');
  expect(built.warnings).toContainEqual(
    expect.objectContaining({
      file: "main.ts",
      line: 1,
      message: 'There is no file "later.ts" in this val.',
    }),
  );
}, 60_000);

test("an import that is not used cannot fail, but its author is told", async () => {
  const built = await town.good({
    "main.ts": 'const s = `import x from "y"`;\nimport _ from "lodash";\nexport default () => s;',
  });
  expect(built.warnings).toEqual([
    {
      file: "main.ts",
      line: 2,
      column: 15,
      message: '"lodash" cannot be imported. Nothing of it is used, so it is left out.',
      hint: expect.stringContaining("npm:lodash"),
    },
  ]);
});

test("files of the host are no modules, and nothing of them is told", async () => {
  for (const specifier of ["/etc/passwd", "../../../../../../etc/passwd", "file:///etc/passwd"]) {
    for (const how of ["", ' with { type: "text" }']) {
      const code = `import t from "${specifier}"${how};\nexport default t;\n`;
      expect(await town.wrong({ "main.ts": code })).toEqual([
        expect.objectContaining({
          file: "main.ts",
          line: 1,
          message: "A val can import its own files only.",
        }),
      ]);
    }
  }
});

test("addresses that are not public, and other schemes, are no modules", async () => {
  for (const specifier of ["http://example.com/x.ts", "data:text/javascript,export default 1"]) {
    const [only] = await town.wrong({ "main.ts": `import x from "${specifier}"; export default x;` });
    expect(only).toMatchObject({
      file: "main.ts",
      line: 1,
      column: 15,
      message: `"${specifier}" cannot be imported.`,
    });
  }
  const [only] = await town.wrong({
    "main.ts": 'import x from "https://127.0.0.1:9/x.ts"; export default x;',
  });
  expect(only).toMatchObject({
    file: "main.ts",
    line: 1,
    message: expect.stringContaining("not a public one"),
  });
}, 60_000);

test("JSX that does not say whose it is, is told at its place", async () => {
  const [only, ...more] = await town.wrong({ "main.tsx": "export default () =>\n  <p>hello</p>;" });
  expect(only).toMatchObject({
    file: "main.tsx",
    line: 2,
    column: 3,
    hint: expect.stringContaining("@jsxImportSource"),
  });
  expect(more).toEqual([]);
});

test("an entry that is not there, and files that are too large, are told", async () => {
  expect(await town.wrong({ "other.ts": "" }, { entry: "main.ts" })).toEqual([
    { message: 'There is no file "main.ts" in this val.' },
  ]);
  const large = `// ${"x".repeat(2 ** 20)}`;
  expect(await town.wrong({ "main.ts": "export default 1", "large.ts": large })).toEqual([
    { file: "large.ts", message: "This file is larger than 1 MB." },
  ]);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`${n}.ts`, large.slice(0, 2 ** 20)]));
  expect(await town.wrong({ "main.ts": "", ...many })).toEqual([
    { message: "This val is larger than 10 MB." },
  ]);
});

test("JSON and other files say how they are to be read", async () => {
  const found = await town.wrong({
    "main.ts": 'import j from "./a.json";\nimport t from "./a.txt";\nexport default [j, t];',
    "a.json": "{}",
    "a.txt": "x",
  });
  expect(found.map(({ line, hint }) => [line, hint])).toEqual([
    [1, 'Add: with { type: "json" }'],
    [2, 'To have its text, add: with { type: "text" }'],
  ]);
});

test("a warning is told once, where it is in the source, whatever is done to the module before it is bundled", async () => {
  const { warnings } = await town.good({
    "main.ts": [
      "interface Nothing { is: string; left: string }",
      "// of these lines",
      "const url = import.meta.url;",
      '  const later = () => import("./nope.ts");',
      '  const hono = () => import("npm:hono@4.13.19/nosuch");',
      "export default () => [url, later, hono];",
    ].join("\n"),
  });
  expect(warnings.map(({ file, line, column }) => [file, line, column])).toEqual([
    ["main.ts", 4, 30],
    ["main.ts", 5, 29],
  ]);
}, 60_000);

test("an import that is known only at run time, when nothing is fetched, is told", async () => {
  const { warnings, level } = await town.good({
    "main.ts": [
      "export default (name: string) => import(`npm:${name}@1`);",
      'export const built = (name: string) => import("node:" + name);',
    ].join("\n"),
  });
  expect(level).toBe(0);
  expect(warnings).toEqual([
    {
      file: "main.ts",
      line: 1,
      column: expect.any(Number),
      message: expect.stringContaining("known only at run time"),
      hint: expect.stringContaining('import("npm:hono@4")'),
    },
  ]);
}, 60_000);
