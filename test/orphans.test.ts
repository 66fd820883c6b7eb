/** What a val kept goes with it, also when the server dies between the one and the other. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../src/store/store.ts";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

/** A val with a database and a blob of its own. */
async function keep(hamlet: TestHamlet, name: string): Promise<TestVal> {
  const val = await hamlet.val(name, "export default () => new Response('fine');");
  const made = await hamlet.api(`/v3/vals/${val.id}/sqlite/execute`, {
    json: { statement: "create table t (a)" },
  });
  const stored = await hamlet.api(`/v3/vals/${val.id}/blob/key`, { method: "POST", body: "kept" });
  expect([made.status, stored.status]).toEqual([200, 201]);
  return val;
}

const blobsIn = (data: string) =>
  readdirSync(join(data, "blobs"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );

test("the next start removes databases and blobs of vals that are gone, and no others", async () => {
  using folder = makeTempFolder();
  const { path: data } = folder;
  const databaseOf = (val: TestVal) => join(data, "sqlite/val", `${val.id}.db`);
  await using first = await startHamlet({ data });
  const [gone, kept] = [await keep(first, "gone"), await keep(first, "kept")];
  await first.stop("SIGKILL");
  expect([existsSync(databaseOf(gone)), blobsIn(data).length]).toEqual([true, 2]);
  // As far as a server comes that dies in the middle of removing it.
  const store = await openStore({ folder: data });
  await store.vals.remove(gone.id);
  await store.close();

  await using second = await startHamlet({ data });
  await eventually(async () => (existsSync(databaseOf(gone)) || blobsIn(data).length > 1 ? undefined : true));
  const rows = await second.api(`/v3/vals/${kept.id}/sqlite/execute`, {
    json: { statement: "select count(*) from t" },
  });
  expect([rows.status, await rows.json()]).toEqual([200, expect.objectContaining({ rows: [[0]] })]);
  expect(await (await second.api(`/v3/vals/${kept.id}/blob/key`)).text()).toBe("kept");
}, 60_000);
