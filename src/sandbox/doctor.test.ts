import { expect, test } from "bun:test";
import { checkSandbox } from "./doctor.ts";

test("every wall's tool is looked at, and what is wrong comes with what to do", async () => {
  const checks = await checkSandbox();
  if (process.platform === "linux") {
    const names = ["bwrap", "pasta", "nft", "nsenter", "user namespaces", "a user per worker"];
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  }
  for (const { name, ok, detail, fix } of checks) {
    expect([name, detail.endsWith("."), ok || Boolean(fix)]).toEqual([name, true, true]);
  }
});
