/** Sources and packages that mean harm to whoever builds them: nobody else waits for them, and they read nothing but themselves. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startBuilder, type TestBuilder } from "./support/builder.ts";
import { type NpmRegistry, startNpmRegistry } from "./support/npm-registry.ts";

let registry: NpmRegistry;
let town: TestBuilder;
beforeAll(async () => {
  registry = startNpmRegistry(
    { name: "good", version: "1.0.0", files: { "index.js": "export default 'good'" } },
    {
      name: "victim",
      version: "1.0.0",
      files: { "index.js": "export default 'loot'", "data.json": '"loot"' },
    },
  );
  town = await startBuilder({}, "auto", { registry: registry.url });
});
afterAll(async () => {
  await town[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** All files of what was built, as text. */
async function filesOf(key: string): Promise<Map<string, string>> {
  const folder = join(town.artifacts, key);
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("a package", () => {
  test("finds no file of another one by climbing out of itself", async () => {
    const ways = {
      "its own files": "../../victim/1.0.0/index.js",
      "one it brought along": "inner/../../../../victim/1.0.0/index.js",
      "one it brought along, by its main": "climbing",
      "one it depends on": "good/../../../victim/1.0.0/index.js",
      "a scope that is none": "@a/../../../../victim/1.0.0/index.js",
      "its imports": "#up",
      "its imports, by pattern": "#any/../../victim/1.0.0/index.js",
      "its exports": "climber/up",
      "its exports, by pattern": "climber/any/../../victim/1.0.0/index.js",
    };
    const up = "./../../victim/1.0.0/index.js";
    registry.publish({
      name: "climber",
      version: "1.0.0",
      dependencies: { good: "1.0.0" },
      manifest: {
        type: "commonjs",
        imports: { "#up": up, "#any/*": "./*" },
        exports: { ".": "./index.js", "./up": up, "./any/*": "./*" },
      },
      files: {
        "index.js": `module.exports = [${Object.values(ways).map((way) => `(() => { try { return require(${JSON.stringify(way)}) } catch { return "nothing" } })()`)}]`,
        "node_modules/inner/package.json": "{}",
        "node_modules/inner/index.js": "",
        "node_modules/climbing/package.json": JSON.stringify({ main: "../../../../victim/1.0.0/index.js" }),
      },
    });
    await town.good({ "main.ts": 'import v from "npm:victim@1.0.0"; export default () => new Response(v);' });
    const source = 'import c from "npm:climber@1.0.0"; export default () => Response.json(c);';
    const built = await town.good({ "main.ts": source });
    for (const [name, text] of await filesOf(built.key))
      expect({ name, loot: text.includes("loot") }).toEqual({ name, loot: false });
    expect(JSON.parse((await town.visit(built)).text)).toEqual(Object.keys(ways).map(() => "nothing"));
  }, 60_000);

  test("tells nothing of the host by its source map", async () => {
    const map = (sources: readonly string[]) =>
      JSON.stringify({ version: 3, sources, names: [], mappings: "AAAA" });
    registry.publish({
      name: "mapped",
      version: "1.0.0",
      files: {
        "index.js":
          'import "./b.js"; import "./c.js"; import "./d.js"; export default () => { throw new Error("x") };\n//# sourceMappingURL=index.js.map\n',
        "index.js.map": map([
          "../src/not-published.ts",
          "../../../../../../../../etc/passwd",
          "/etc/passwd",
          "file:///etc/passwd",
        ]),
        "b.js": `console.log(1);\n//# sourceMappingURL=data:application/json;base64,${btoa(map(["../src/b.ts", "/etc/hostname"]))}`,
        "c.js": "console.log(2);\n//# sourceMappingURL=../../../../../../../../../../../../etc/passwd",
        "d.js": "console.log(3);\n//# sourceMappingURL=/dev/zero",
      },
    });
    const built = await town.good({ "main.ts": 'import m from "npm:mapped@1.0.0"; export default m;' });
    for (const [name, text] of await filesOf(built.key)) {
      expect({ name, folder: text.includes(town.folder.slice(1)) }).toEqual({ name, folder: false });
      expect({ name, root: text.includes("root:") }).toEqual({ name, root: false });
    }
  }, 60_000);
});

// Without namespaces, the builder itself could look at all of the host's disk.
for (const mode of ["auto", "deno"] as const) {
  test(`a name that is made up at run time finds no file of the host, at level ${mode}`, async () => {
    await using here = await startBuilder({}, mode, { registry: registry.url });
    const up = "../../../../../../../../../..";
    const patterns = [
      `"${up}/etc/" + x`,
      `\`${up}/etc/\${x}.conf\``,
      `"${up}${here.folder}/" + x`,
      `"./etc/" + x`,
    ];
    const found = /passwd|hostname|resolv\.conf|root:/;
    for (const [n, pattern] of patterns.entries()) {
      const own = await here.build({ "main.ts": `export default (x: string) => import(${pattern});` });
      expect(own).toMatchObject({
        ok: true,
        level: 2,
        reasons: ["main.ts:1 has a computed import."],
        warnings: [],
      });
      for (const how of ["require", "import"]) {
        const name = `seeker-${mode}-${n}-${how}`;
        const files = { "index.js": `module.exports = (x) => ${how}(${pattern})` };
        registry.publish({ name, version: "1.0.0", manifest: { type: "commonjs" }, files });
        const built = await here.good({
          "main.ts": `import s from "npm:${name}"; export default () => new Response(s);`,
        });
        expect(JSON.stringify(built)).not.toMatch(found);
        expect(readFileSync(join(here.artifacts, built.key, "bundle.js"), "utf8")).not.toMatch(found);
      }
    }
  }, 90_000);
}

describe("an author of many", () => {
  test("whose modules kill the parser, whoever reads them, keeps nobody from building", async () => {
    let ended = 0;
    const many = Array.from({ length: 10 }, (_, n) => {
      const content = `export default ${n}${"(".repeat(79_000)}`;
      const url = `https://esm.town/v/hostile/many@1-main/${n}.ts`;
      return town.builder.transpile({ path: `${n}.ts`, content, url, prefixes: {} }).finally(() => ended++);
    });
    const built = await town.good(
      { "main.ts": "export default () => new Response('live');" },
      { userId: "other" },
    );
    expect(built.level).toBe(0);
    expect(ended).toBeLessThan(many.length / 2);
    for (const result of await Promise.all(many)) expect(result.ok).toBe(false);
  }, 120_000);

  test("who wants what never comes keeps nobody else from building", async () => {
    let open = 0;
    let most = 0;
    for (let n = 0; n < 30; n++) {
      registry.on(`/silent-${n}`, (request) => {
        most = Math.max(most, ++open);
        request.signal.addEventListener("abort", () => open--);
        return new Promise<Response>(() => {});
      });
    }
    const first = Promise.withResolvers<void>();
    registry.on("/silent-0", () => {
      first.resolve();
      return new Promise<Response>(() => {});
    });
    let ended = 0;
    const many = Array.from({ length: 30 }, (_, n) =>
      town
        .build({ "main.ts": `import "npm:silent-${n}"; export default 1;` }, { userId: "hostile" })
        .finally(() => ended++),
    );
    const all = Promise.allSettled(many);
    await first.promise;
    registry.publish({ name: "wanted", version: "1.0.0", files: { "index.js": "export default 'here'" } });
    const source = 'import w from "npm:wanted@1.0.0"; export default () => new Response(w);';
    const built = await town.good({ "main.ts": source }, { userId: "other" });
    expect(built.level).toBe(0);
    expect(ended).toBe(0);
    expect(most).toBeLessThan(4);
    all.catch(() => {});
  }, 90_000);
});
