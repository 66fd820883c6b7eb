import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** The val imports what its specifier says, and its files are no package for anyone else. */
export const shadowAPackage: Outside = async ({ hamlet }, val) => {
  const source =
    'import { Hono } from "npm:hono@4.13.19";\nexport default new Hono().get("/", (c) => c.text("true package")).fetch;\n';
  const other = await hamlet.val("shadow-bystander", source);
  expect(await (await hamlet.fetch(val)).text()).toBe("true package");
  expect(await (await hamlet.fetch(other)).text()).toBe("true package");
};
