/** Packages that vals use: bundled, in a real worker, and unbundled, by plain Deno, they print the same. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Built, startBuilder, type TestBuilder } from "./support/builder.ts";
import { COMPAT_VALS, type CompatVal, NAMES, NATIVE_VALS } from "./support/compat-packages.ts";

let town: TestBuilder;
beforeAll(async () => {
  town = await startBuilder();
});
afterAll(() => town[Symbol.asyncDispose]());

const MAIN = 'import compute from "./compute.js"; export default async () => Response.json(await compute());';
// Some packages hold a socket or a timer open: what is printed is what counts.
const PLAIN = 'import handler from "./main.ts"; console.log(await (await handler()).text()); Deno.exit(0);';
const LOCKED = ["--quiet", "--no-config", "--lock=deno.lock", "--frozen", "--cached-only"];
// Of what a worker may, all that does not depend on where it is.
const AS_A_WORKER = ["--no-prompt", "--allow-env", "--allow-sys", "--allow-read"];

const filesOf = ({ source }: CompatVal) => ({ "main.ts": MAIN, "compute.js": source });

/** What the same files print with the same lock and cache. */
async function unbundled(val: CompatVal, { key }: Built) {
  const lock = readFileSync(join(town.artifacts, key, "deno.lock"), "utf8");
  const { stdout, stderr } = await town.sandbox.run({
    args: ["run", ...LOCKED, ...AS_A_WORKER, "plain.ts"],
    folder: { ...filesOf(val), "plain.ts": PLAIN, "deno.lock": lock },
    writeCache: false,
    timeoutMs: 30_000,
    maxOutputBytes: 2 ** 20,
  });
  return { printed: stdout.trimEnd(), stderr };
}

test.each(COMPAT_VALS.map((val) => [val.title, val] as const))(
  "%s",
  async (_, val) => {
    const built = await town.good(filesOf(val));
    expect([built.level, built.reasons]).toEqual([0, []]);
    const { printed, stderr } = await unbundled(val, built);
    expect(stderr).toBe("");
    expect((await town.visit(built)).text).toBe(printed);
  },
  60_000,
);

test.each(NATIVE_VALS.map((val) => [val.title, val] as const))(
  "%s stays outside of the bundle, and fails as it does without one: no val may run native code",
  async (_, val) => {
    const built = await town.good(filesOf(val));
    expect([built.level, built.start]).toEqual([1, "locked"]);
    expect(built.reasons).toEqual([expect.stringContaining(`${val.title}@`)]);
    const { printed, stderr } = await unbundled(val, built);
    expect(printed + stderr).toMatch(/Could not load the "sharp" module|Could not locate the bindings file/);
  },
  60_000,
);

// esbuild calls a top-level class that speaks of itself `_Name`, and drops the names of function expressions.
test.failing("classes and functions keep their names", async () => {
  const built = await town.good(filesOf(NAMES));
  const { printed } = await unbundled(NAMES, built);
  expect((await town.visit(built)).text).toBe(printed);
}, 60_000);
