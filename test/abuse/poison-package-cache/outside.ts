import { expect } from "bun:test";
import { join } from "node:path";
import { changes, snapshot } from "../folder.ts";
import type { Outside } from "../stage.ts";

/** The packages are on disk as before, and another val imports the true one. */
export const poisonPackageCache: Outside = async (stage, val) => {
  const packages = join(stage.hamlet.data, "deno/npm/registry.npmjs.org/hono/4.13.19");
  const before = snapshot(packages);
  expect(before.size).toBeGreaterThan(10);
  const outcomes = await stage.attack(val);
  expect(changes(before, snapshot(packages))).toEqual([]);
  const source =
    'import { Hono } from "npm:hono@4.13.19";\nexport default new Hono().get("/", (c) => c.text("true")).fetch;\n';
  const other = await stage.hamlet.val("poison-bystander", source);
  expect(await (await stage.hamlet.fetch(other)).text()).toBe("true");
  return outcomes;
};
