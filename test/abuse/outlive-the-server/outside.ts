import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** It runs, and goes on: at the end of the suite, nothing of it may be left. */
export const outliveTheServer: Outside = async ({ hamlet }, val) => {
  const answer = await hamlet.fetch(val);
  const reader = answer.body!.getReader();
  expect(await reader.read()).toEqual({ done: false, value: new Uint8Array([46]) });
  // Left open on purpose; the server's end ends it.
  reader.read().catch(() => {});
};
