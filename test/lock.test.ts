/** LOCK with packages: what an import is pinned to, and what it costs. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Lock } from "../src/build/lock.ts";
import { type Locking, startLocking } from "./support/locking.ts";
import { type NpmRegistry, startNpmRegistry } from "./support/npm-registry.ts";

let registry: NpmRegistry;
let locking: Locking;

beforeEach(async () => {
  registry = startNpmRegistry(
    pad("1.0.0"),
    pad("1.1.0"),
    { name: "@town/tool", version: "2.0.0", dependencies: { pad: "^1.0.0", old: "npm:pad@1.0.0" } },
    { name: "frame", version: "17.0.0", files: { "index.js": "export default 17" } },
    { name: "frame", version: "18.0.0", files: { "index.js": "export default 18" } },
    {
      name: "hook",
      version: "1.0.0",
      peerDependencies: { frame: "*" },
      files: { "index.js": 'export { default } from "frame"' },
    },
  );
  locking = await startLocking({ registry: registry.url });
});

afterEach(async () => {
  await locking[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const pad = (version: string) => ({
  name: "pad",
  version,
  files: { "index.js": `export default "pad ${version}"`, "sub.js": "export default 's'" },
});

/** The only process a fetch needs beside a look without network: one that fetches, one that tells. */
const FETCH = ["install", "cache", "info"];

test("each import leads to an exact version, whose folder is in the cache", async () => {
  const lock = await locking.lock(["npm:pad@1", "npm:frame@~17.0/sub.js", "npm:hook"]);
  expect(lock.specifiers).toEqual({
    "npm:pad@1": "pad@1.1.0",
    "npm:frame@~17.0/sub.js": "frame@17.0.0",
    "npm:hook": "hook@1.0.0_frame@17.0.0",
  });
  for (const { folder } of Object.values(lock.packages)) {
    expect(existsSync(join(locking.sandbox.cacheDir, folder, "package.json"))).toBe(true);
  }
  expect(lock.packages["pad@1.1.0"]).toMatchObject({ name: "pad", version: "1.1.0", dependencies: {} });
  expect(locking.runs).toEqual(FETCH);
});

test("a package's code finds its own dependencies, by the names it knows them by", async () => {
  const lock = await locking.lock(["npm:@town/tool@2", "npm:pad@1.1.0"]);
  expect(lock.packages["@town/tool@2.0.0"]!.dependencies).toEqual({ pad: "pad@1.1.0", old: "pad@1.0.0" });
});

test("what the last build pinned stays, though there is a newer one by now", async () => {
  const before = await locking.lock(["npm:pad"]);
  registry.publish(pad("1.2.0"));
  locking.wipeCache();
  const after = await locking.lock(["npm:pad", "npm:@town/tool"], before);
  expect(after.specifiers).toEqual({ "npm:pad": "pad@1.1.0", "npm:@town/tool": "@town/tool@2.0.0" });
  // The tool wants an older one too: then there are both.
  expect(Object.keys(after.packages)).toEqual(["@town/tool@2.0.0", "pad@1.0.0", "pad@1.1.0"]);
  expect(await locking.print('import pad from "npm:pad"; console.log(pad);', after)).toBe("pad 1.1.0");
  expect((await locking.lock(["npm:pad"])).specifiers).toEqual({ "npm:pad": "pad@1.2.0" });
});

test("nothing new costs no process and no request", async () => {
  const before = await locking.lock(["npm:pad@1", "npm:@town/tool@2"]);
  locking.runs.length = registry.requests.length = 0;
  expect(await locking.lock(["npm:@town/tool@2", "npm:pad@1"], before)).toEqual(before);
  expect([locking.runs, registry.requests]).toEqual([[], []]);
});

test("what another val has fetched is not fetched again", async () => {
  const one = await locking.lock(["npm:@town/tool@2"]);
  locking.runs.length = registry.requests.length = 0;
  expect(await locking.lock(["npm:@town/tool@2"])).toEqual(one);
  expect([locking.runs, registry.requests]).toEqual([["install", "info"], []]);
});

describe("what is the newest version", () => {
  const known = () =>
    join(
      locking.sandbox.cacheDir,
      "npm",
      readdirSync(join(locking.sandbox.cacheDir, "npm"))[0]!,
      "pad/registry.json",
    );

  test("is asked again after an hour", async () => {
    await locking.lock(["npm:pad"]);
    registry.publish(pad("1.2.0"));
    expect((await locking.lock(["npm:pad"])).specifiers).toEqual({ "npm:pad": "pad@1.1.0" });
    utimesSync(known(), new Date(), new Date(Date.now() - 3_700_000));
    expect((await locking.lock(["npm:pad"])).specifiers).toEqual({ "npm:pad": "pad@1.2.0" });
  });

  test("is believed for longer when the registry is down", async () => {
    await locking.lock(["npm:pad"]);
    utimesSync(known(), new Date(), new Date(Date.now() - 3_700_000));
    await registry[Symbol.asyncDispose]();
    expect((await locking.lock(["npm:pad"])).specifiers).toEqual({ "npm:pad": "pad@1.1.0" });
  }, 30_000);
});

test("what is no longer imported is forgotten, and what is left satisfies Deno", async () => {
  const all = await locking.lock(["npm:pad@1", "npm:@town/tool@2", "npm:frame@17", "npm:hook@1"]);
  locking.runs.length = 0;
  const rest = await locking.lock(["npm:hook@1"], all);
  expect(locking.runs).toEqual([]);
  expect(Object.keys(rest.packages)).toEqual(["frame@17.0.0", "hook@1.0.0_frame@17.0.0"]);
  expect(rest.text).not.toContain("pad");
  expect(await locking.print('import hook from "npm:hook@1"; console.log(hook);', rest)).toBe("17");
  const byDeno = await locking.lock(["npm:hook@1"], rest);
  expect(byDeno.text).toBe(rest.text);
});

test("one package beside two versions of its peer is two packages", async () => {
  const seventeen = await locking.lock(["npm:frame@17", "npm:hook@1.0"]);
  const both = await locking.lock(["npm:frame@17", "npm:hook@1.0", "npm:frame@18", "npm:hook@1"], seventeen);
  const hooks = Object.entries(both.packages).filter(([, { name }]) => name === "hook");
  expect(new Set(hooks.map(([, { folder }]) => folder)).size).toBe(hooks.length);
  for (const [, { folder }] of hooks) expect(existsSync(join(locking.sandbox.cacheDir, folder))).toBe(true);
});

test("many that want the same at once all get it", async () => {
  const wanted = ["npm:@town/tool@2", "npm:hook@1"];
  const locks = await Promise.all(Array.from({ length: 10 }, () => locking.lock(wanted)));
  expect(new Set(locks.map(({ text }) => text)).size).toBe(1);
  const code = 'import hook from "npm:hook@1"; console.log(hook);';
  expect(await locking.print(code, locks[0]!)).toBe("18");
});

test("a val without such imports has a lock of nothing, made by nobody", async () => {
  expect(await locking.lock([])).toMatchObject({ specifiers: {}, packages: {}, modules: {} });
  expect(locking.runs).toEqual([]);
});

test("packages for other machines are known, and not there", async () => {
  registry.publish({ name: "native-here", version: "1.0.0", os: [process.platform], cpu: [process.arch] });
  registry.publish({ name: "native-there", version: "1.0.0", os: ["plan9"] });
  const optionalDependencies = { "native-here": "1", "native-there": "1" };
  registry.publish({ name: "native", version: "1.0.0", optionalDependencies });
  const lock = await locking.lock(["npm:native"]);
  const isThere = (id: string) => existsSync(join(locking.sandbox.cacheDir, lock.packages[id]!.folder));
  expect([isThere("native-here@1.0.0"), isThere("native-there@1.0.0")]).toEqual([true, false]);
  expect(lock.packages["native-there@1.0.0"]).toMatchObject({ os: ["plan9"], optional: true });
  expect(lock.packages["native@1.0.0"]).not.toHaveProperty("optional");
  locking.runs.length = 0;
  await locking.lock(["npm:native"], lock);
  expect(locking.runs).toEqual([]);
});

describe("what is wrong is told", () => {
  const told = async (...specifiers: string[]) => {
    const problems = await locking.problems(specifiers);
    return Object.fromEntries(
      problems.map(({ specifier, message, hint }) => [specifier, [message, hint ?? ""]]),
    );
  };

  test("all at once, each with its specifier and what there is instead", async () => {
    const found = await told("npm:pad@1", "npm:nope", "npm:pad@9", "npm:pad@next", "npm:frame@17.9");
    expect(found).toEqual({
      "npm:nope": ['There is no npm package "nope".', expect.stringContaining("capital letters")],
      "npm:pad@9": [
        'No version of the npm package "pad" fits "9".',
        'The newest is 1.1.0; there are "1.1.0", "1.0.0".',
      ],
      "npm:pad@next": ['The npm package "pad" has no tag "next".', 'There are "latest", or use a version.'],
      "npm:frame@17.9": [
        'No version of the npm package "frame" fits "17.9".',
        expect.stringContaining('"17.0.0"'),
      ],
    });
  });

  test("also of what a package depends on, at the import that leads there", async () => {
    registry.publish({ name: "deep", version: "1.0.0", dependencies: { "no-such": "1" } });
    registry.publish({ name: "outer", version: "1.0.0", dependencies: { deep: "1" } });
    expect(await told("npm:pad@1", "npm:outer", "npm:frame@18")).toEqual({
      "npm:outer": ['There is no npm package "no-such". "outer" needs it.', expect.any(String)],
    });
  });

  test("without a process when it is no specifier at all", async () => {
    const found = await told("npm:pad@file:../x", "http://127.0.0.1/x.ts", "file:///etc/passwd", "npm:pad");
    expect(Object.keys(found).toSorted()).toEqual([
      "file:///etc/passwd",
      "http://127.0.0.1/x.ts",
      "npm:pad@file:../x",
    ]);
    expect(locking.runs).toEqual([]);
  });

  test("a registry that is not there", async () => {
    await registry[Symbol.asyncDispose]();
    expect(await told("npm:pad")).toEqual({
      "npm:pad": [
        expect.stringMatching(/^The npm registry did not tell about "pad": .*\.$/),
        expect.stringContaining("Save again"),
      ],
    });
  }, 30_000);
});

test("a tampered cache or registry is noticed by what the last build knew", async () => {
  const before: Lock = await locking.lock(["npm:pad@1.1.0"]);
  locking.wipeCache();
  registry.publish({ ...pad("1.1.0"), files: { "index.js": "export default 'evil'" } });
  const [problem] = await locking.problems(["npm:pad@1.1.0"], { previous: before });
  expect(problem).toMatchObject({ specifier: "npm:pad@1.1.0", message: expect.stringContaining("checksum") });
});
