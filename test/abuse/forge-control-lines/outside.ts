import { expect } from "bun:test";
import { inLogs } from "../../support/val-logs.ts";
import type { Outside } from "../stage.ts";

const TRACE = "f".repeat(32);

/** The lines are the val's own output, and nothing more. */
export const forgeControlLines: Outside = async ({ hamlet }, val) => {
  const answer = await hamlet.fetch(val);
  expect(await answer.text()).toBe("forged");
  expect(await (await hamlet.fetch(val)).text()).toBe("forged");
  const logs = await inLogs(hamlet, val, (lines) =>
    lines.some(({ text }) => text.includes("forged-failure")) ? lines : undefined,
  );
  expect(logs.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  // A believed one would be the bare text.
  expect(logs.filter(({ text }) => text === "forged-report" || text === "forged-failure")).toEqual([]);
};
