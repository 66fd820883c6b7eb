import { expect } from "bun:test";
import { join } from "node:path";
import { changes, snapshot } from "../folder.ts";
import type { Outside } from "../stage.ts";

/** The files as they were built are on disk as before. */
export const overwriteOwnFiles: Outside = async (stage, val) => {
  const artifacts = join(stage.hamlet.data, "artifacts");
  await stage.hamlet.fetch(val, "/", { method: "POST", body: "{}" });
  const before = snapshot(artifacts);
  expect(before.size).toBeGreaterThan(0);
  const outcomes = await stage.attack(val);
  // Other vals are being built meanwhile.
  const others = /was made$/;
  expect(changes(before, snapshot(artifacts)).filter((change) => !others.test(change))).toEqual([]);
  return outcomes;
};
