import { expect } from "bun:test";
import { residentBytes } from "../../support/processes.ts";
import type { Outside } from "../stage.ts";

const GROWTH_BYTES = 96 * 2 ** 20;

/** The server keeps little of it, and everyone is served on. */
export const floodControlChannel: Outside = async ({ hamlet, bait }, val) => {
  const before = residentBytes(hamlet.pid);
  for (const flood of ["line", "binary", "lines", "empty", "errors"]) {
    expect(await (await hamlet.fetch(val, `/${flood}`)).text()).toBe("flooding");
    expect((await hamlet.fetch(bait.val, "/ping")).status).toBe(204);
  }
  expect((await hamlet.fetch(val)).status).toBe(200);
  if (process.platform === "linux") expect(residentBytes(hamlet.pid) - before).toBeLessThan(GROWTH_BYTES);
};
