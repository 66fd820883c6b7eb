/** What the operator sees of the machine. */

import { expect, test } from "bun:test";
import { measure } from "../src/api/routes/disk.ts";
import { makeTown } from "./support/town.ts";

test("the operator alone sees which vals run, and what memory and disk are left", async () => {
  await using town = await makeTown();
  await town.expect(403, "GET", "/v3/admin/town", { token: town.bob.token });
  const { json } = await town.expect(200, "GET", "/v3/admin/town");
  expect(json.workers).toMatchObject({ blank: 2, starting: 0, warm: 1 });
  expect(json.workers.list).toEqual([
    {
      id: "w1",
      calls: 1,
      draining: false,
      memoryBytes: 1000,
      val: expect.objectContaining({ username: "ann", name: "hello" }),
    },
  ]);
  expect(json.memory.workersBytes).toBe(1000);
  for (const bytes of [json.memory.serverBytes, json.memory.totalBytes, json.disk.totalBytes])
    expect(bytes).toBeGreaterThan(1000);
  expect(json.disk.parts).toBeNull();
  const { parts, partial } = await measure(town.folder);
  expect(parts.map(({ name }) => name)).toContain("hamlet.db");
  expect([partial, (await measure(town.folder, 1)).partial]).toEqual([false, true]);
  expect(json.disk.freeBytes).toBeLessThanOrEqual(json.disk.totalBytes);
});
