/** Sources made to hurt: a clear answer in time, nothing read that is not the val's, and other builds go on. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBuilder, type TestBuilder } from "./support/builder.ts";

const TOO_DEEP = "This val is too deeply nested, or too large, to be read.";
const LARGE = { fileBytes: 32 * 2 ** 20, valBytes: 64 * 2 ** 20 };

for (const mode of ["auto", "deno"] as const) {
  describe(`with walls of ${mode}`, () => {
    let town: TestBuilder;
    beforeAll(async () => {
      town = await startBuilder({ limits: LARGE }, mode);
    });
    afterAll(() => town[Symbol.asyncDispose]());

    test("brackets that kill the parser fail alone, at once and beside others, again and again", async () => {
      const good = (n: number) =>
        town.good({ "main.ts": `export default () => new Response("${mode} ${n}");` });
      const bad = (n: number) => town.wrong({ "main.ts": `// ${mode} ${n}\n${"[".repeat(5e6)}` });
      for (const round of [0, 1]) {
        const numbers = [0, 1, 2, 3].map((n) => 10 * round + n);
        const [wrong, other, ...made] = await Promise.all([
          bad(round),
          bad(round + 10),
          ...numbers.map(good),
        ]);
        for (const one of [wrong, other]) {
          expect(one).toEqual([{ message: TOO_DEEP, hint: expect.any(String) }]);
        }
        expect(made.map(({ level }) => level)).toEqual([0, 0, 0, 0]);
      }
      const { text } = await town.visit(await good(99));
      expect(text).toBe(`${mode} 99`);
    }, 120_000);

    test("deep nesting and long lines that can be parsed are", async () => {
      const deep = `export default () => new Response("" + ${"(".repeat(100_000)}1${")".repeat(100_000)});`;
      expect(await town.answer({ "main.ts": deep })).toBe("1");
      const long = `const s = "${"x".repeat(1_000_000)}"; export default () => new Response("" + s.length);`;
      expect(await town.answer({ "main.ts": long })).toBe("1000000");
      const chain = `export default () => new Response("" + (${"1+".repeat(100_000)}1));`;
      expect(await town.answer({ "main.ts": chain })).toBe("100001");
    }, 60_000);
  });
}

describe("what it may read", () => {
  const secrets = mkdtempSync(join(tmpdir(), "secret-"));
  const secret = join(secrets, "secret.json");
  writeFileSync(secret, '{"secret":"host-secret"}');
  // So that only the builder itself keeps it from being read.
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder({}, "deno");
  });
  afterAll(async () => {
    rmSync(secrets, { recursive: true });
    await town[Symbol.asyncDispose]();
  });

  const up = "../".repeat(20);
  test.each([
    `import x from "${secret}" with { type: "text" }; export default x;`,
    `import x from "${secret}" with { type: "json" }; export default x;`,
    `import x from "file://${secret}" with { type: "bytes" }; export default x;`,
    `import x from "${up}${secret.slice(1)}" with { type: "text" }; export default x;`,
    `import x from "./%2e%2e/%2e%2e/${secret}" with { type: "text" }; export default x;`,
    `import x from "npm:hono@4.13.19/../../../../../..${secret}" with { type: "json" }; export default x;`,
    `import x from "npm:..${secret}" with { type: "json" }; export default x;`,
    `import x from "npm:file:${secret}"; export default x;`,
    `import x from "https://esm.sh/${up}${secret}"; export default x;`,
    `import x from "https://esm.town/v/std/${up}${secret}" with { type: "text" }; export default x;`,
    `// @ts-types="file://${secret}"\nimport x from "./b.ts"; /// <reference path="${secret}" />\nexport default x;`,
    `export default require("${secret}");`,
    `const n = "secret"; export default await import(\`${secrets}/\${n}.json\`, { with: { type: "json" } });`,
    `const n = "secret"; export default await import(\`${up}${secrets.slice(1)}/\${n}.json\`, { with: { type: "json" } });`,
    `export default 1;\n//# sourceMappingURL=${secret}`,
    `export default import.meta.url;\n//# sourceMappingURL=file://${secret}`,
    'import x from "hamlet:meta"; export default x;',
    'import * as x from "hamlet:runtime"; export default x;',
    'import * as x from "hamlet:bytes"; export default x;',
    'import * as x from "hamlet:names"; import "hamlet:jsx"; export default x;',
    'import * as x from "val:https://own.invalid/o/w/n/main.ts"; import "https://own.invalid/o/w/n/main.ts"; export default x;',
    `/** @jsxImportSource file://${secrets} */\nexport default <p />;`,
    `import x from "\0"; import y from "./\\u0000.ts"; import z from "./\ud800.ts"; export default [x, y, z];`,
  ])("%#: %s", async (code) => {
    const result = await town.build({ "main.tsx": code, "b.ts": "export default 1;" });
    expect(JSON.stringify(result)).not.toContain("host-secret");
    if (!result.ok) expect(result.diagnostics.length).toBeGreaterThan(0);
    else {
      const folder = join(town.artifacts, result.key);
      for (const name of result.level === 2 ? ["own.json"] : ["bundle.js", "bundle.js.map"]) {
        expect(readFileSync(join(folder, name), "utf8")).not.toContain("host-secret");
      }
    }
  });
});

describe("how much there may be", () => {
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  const numbered = (count: number, text: (n: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.ts`, text(n)]));
  const imports = (count: number, of: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => `import "${of(n)}";\n`).join("");

  test("a thousand modules, each importing the next, and all of them in a circle", async () => {
    const modules = numbered(
      1000,
      (n) => `import { v } from "./${(n + 1) % 1000}.ts"; export function v${n}() {} export { v };`,
    );
    const all = numbered(
      1000,
      (n) =>
        `import { sum } from "./${(n + 1) % 1000}.ts"; export { sum } from "./sum.ts"; void (() => sum);`,
    );
    expect(Object.keys(modules)).toHaveLength(1000);
    const code = `import { sum } from "./0.ts"; import "./main.ts"; export default () => new Response("" + sum);`;
    expect(await town.answer({ "main.ts": code, ...all, "sum.ts": "export const sum = 1000;" })).toBe("1000");
  }, 60_000);

  test("more than two thousand modules are told", async () => {
    const files = { "main.ts": imports(2100, (n) => `./${n}.ts`), ...numbered(2100, () => "") };
    expect(await town.wrong(files)).toEqual([{ message: "There are more than 2000 modules." }]);
  }, 60_000);

  test("thousands of packages are told before a registry is asked for any", async () => {
    const found = await town.wrong({ "main.ts": imports(3000, (n) => `npm:package-${n}@1.0.0`) });
    expect(found).toEqual([
      expect.objectContaining({ file: "main.ts", message: expect.stringContaining("imports 3000 packages") }),
    ]);
  });

  test("vals that import ever more vals come to an end", async () => {
    await using endless = await startBuilder({
      findVal: async ({ username, valName }) => {
        const n = Number(valName.slice(1));
        const content = `import "https://esm.town/v/ann/v${2 * n}/main.ts"; import "https://esm.town/v/ann/v${2 * n + 1}/main.ts";`;
        return {
          valId: valName,
          username,
          valName,
          version: 1,
          branch: "main",
          files: [{ path: "main.ts", content }],
        };
      },
    });
    const found = await endless.wrong({ "main.ts": 'import "https://esm.town/v/ann/v1/main.ts";' });
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ message: "A val can import at most 200 others." });
  });

  test("a build that takes too long is ended, and the next one begins anew", async () => {
    await using hasty = await startBuilder({ limits: { timeMs: 1 } });
    // So much that no machine builds it in that time.
    const much = `export const much = [${"[1, 2, 3], ".repeat(7000)}];`;
    const names = Array.from({ length: 100 }, (_, at) => `much-${at}.ts`);
    const files = Object.fromEntries(names.map((name) => [name, much]));
    const imports = names.map((name) => `export * from "./${name}";`).join("\n");
    for (const n of [1, 2]) {
      expect(await hasty.wrong({ ...files, "main.ts": `${imports}\nexport default ${n};` })).toEqual([
        { message: "This val could not be built within 0.001 s.", hint: expect.any(String) },
      ]);
    }
  });
});

test("what the builder process says is not believed: a message that is too long, or none at all, is its end", async () => {
  await using town = await startBuilder();
  const { program } = town.sandbox;
  const lies = [
    "\\xff".repeat(16),
    "\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00{}",
    "\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00{",
  ];
  const files = mkdtempSync(join(tmpdir(), "liar-"));
  // Its user is another one.
  chmodSync(files, 0o755);
  for (const lie of lies) {
    const main = join(files, "liar.ts");
    writeFileSync(main, `process.stdout.write(Buffer.from("${lie}", "latin1")); setInterval(() => {}, 1e6);`);
    town.sandbox.program = (options) =>
      program.call(town.sandbox, { ...options, main, mounts: [{ path: files }] });
    await expect(town.build({ "main.ts": "export default 1;" })).rejects.toThrow("Hamlet itself failed");
  }
  town.sandbox.program = program.bind(town.sandbox);
  expect((await town.good({ "main.ts": "export default 1;" })).level).toBe(0);
  rmSync(files, { recursive: true });
}, 60_000);
