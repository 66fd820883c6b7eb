/** Packages that vals use: bundled and unbundled print the same. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { COMPAT_VALS, type CompatVal, NATIVE_VALS } from "./support/compat-packages.ts";
import { type Locking, startLocking } from "./support/locking.ts";

let locking: Locking;
beforeAll(async () => {
  locking = await startLocking();
});
afterAll(() => locking[Symbol.asyncDispose]());

const IMPORT = /from "(npm:[^"]+)"/g;
// Some packages hold a socket or a timer open: what is printed is what counts.
const MAIN = `const { default: compute } = await import("./val.js"); console.log(JSON.stringify(await compute())); Deno.exit(0);`;

/** What plain Deno prints for it, with what a worker may. */
async function unbundled({ source }: CompatVal): Promise<string> {
  const lock = await locking.lock([...source.matchAll(IMPORT)].map(([, specifier]) => specifier!));
  return locking.print(MAIN, lock, { "val.js": source });
}

test.each(COMPAT_VALS.map((val) => [val.title, val] as const))(
  "%s",
  async (_, val) => {
    const printed = await unbundled(val);
    expect(JSON.parse(printed)).toBeTruthy();
  },
  60_000,
);

test.each(NATIVE_VALS.map((val) => [val.title, val] as const))(
  "%s wants native code, which no val may run",
  async (_, val) => {
    const printed = await unbundled(val).catch((error: Error) => error.message);
    expect(printed).toMatch(/Could not load the "sharp" module|Could not locate the bindings file/);
  },
  60_000,
);
