/** What was acknowledged survives the death of the process at any moment. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/store/store.ts";

const SAVER = join(import.meta.dir, "support/saver.ts");
const ROUNDS = 4;

/** Lets a saver run until it has acknowledged at least `enough` saves, then kills it; returns all it acknowledged. */
async function killAfter(folder: string, round: number, enough: number): Promise<string[]> {
  const child = Bun.spawn([process.execPath, SAVER, folder, String(round)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split("\n").length > enough) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  return text.split("\n").slice(0, -1);
}

test("kill -9 in the middle of a burst of saves: every acknowledged save is there, and no half one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  try {
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++)
      acknowledged.push(...(await killAfter(folder, round, 20 + 17 * round)));
    expect(acknowledged.length).toBeGreaterThan(20 * ROUNDS);
    const store = await openStore({ folder });
    const val = (await store.vals.findByName("ann", "hello"))!;
    const branch = (await store.vals.branch(val.id))!;
    for (const line of acknowledged) {
      const [path = "", made, changed] = line.split(" ");
      const read = async (version: number) =>
        (await store.files.content({ valId: val.id, branchId: branch.id, version }, path)).content;
      expect(await read(Number(made))).toBe(path);
      expect(await read(Number(changed))).toBe(`${path} again`);
    }
    const { files } = await store.files.sources({ valId: val.id, branchId: branch.id });
    expect(files.length).toBeGreaterThanOrEqual(acknowledged.length);
    await store.close();
    checkWhole(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** The file is sound, and each version was made by exactly one change. */
function checkWhole(folder: string): void {
  using raw = new Database(join(folder, "hamlet.db"));
  expect(raw.query("pragma integrity_check").values()).toEqual([["ok"]]);
  expect(raw.query("pragma foreign_key_check").values()).toEqual([]);
  const [[latest, versions]] = raw
    .query("select (select version from branches), count(distinct version) from file_revisions")
    .values() as [[number, number]];
  expect(versions).toBe(latest);
}
