import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** It is saved and works; that no script was run is seen in the canary's folder. */
export const runInstallScripts: Outside = async ({ hamlet, canaries }, val) => {
  expect(await (await hamlet.fetch(val)).text()).toBe("saved");
  expect(canaries.breaches()).toEqual([]);
};
