/** A blob that was acknowledged survives the death of the process at any moment, and half a one is never seen. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createBlobs, createDiskObjects } from "../src/services/blob.ts";
import { openStore } from "../src/store/store.ts";
import { makeBytes } from "./support/blobs.ts";
import { makeTempFolder, startHamlet } from "./support/server.ts";

const WRITER = join(import.meta.dir, "support/blob-writer.ts");
const MB = 1024 * 1024;

/** Paths of all objects on disk. */
function objectsIn(data: string): string[] {
  const folder = join(data, "blobs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Lets a writer run until it has acknowledged `enough` values, then kills it; returns the last acknowledged one. */
async function killAfter(folder: string, first: number, enough: number): Promise<number> {
  const child = Bun.spawn([process.execPath, WRITER, folder, `${first}`], {
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
  return Number(text.split("\n").at(-2));
}

test("kill -9 in a burst of writes: the last acknowledged value or the one after it, whole, and no more than that", async () => {
  using folder = makeTempFolder();
  let last = 0;
  for (const enough of [1, 5, 12, 20, 3]) {
    last = await killAfter(folder.path, last + 1, enough);
    const store = await openStore({ folder: folder.path });
    const blobs = await createBlobs({
      rows: store.blobs,
      objects: createDiskObjects(join(folder.path, "blobs")),
      quota: MB,
      ownerOf: async ({ id }) => id,
      onError: (error) => {
        throw error;
      },
    });
    const ann = (await store.users.findByName("ann"))!;
    const blob = (await blobs.get({ kind: "user", id: ann.id }, "a"))!;
    const value = blob.size - 500_000;
    expect([last, last + 1]).toContain(value);
    const bytes = await new Response(blob.stream()).bytes();
    expect(Buffer.compare(bytes, makeBytes(500_000 + value, value))).toBe(0);
    last = value;
    await blobs.close();
    expect(objectsIn(folder.path)).toHaveLength(1);
    expect(await store.blobs.leftovers()).toEqual([]);
    await store.close();
  }
  using raw = new Database(join(folder.path, "hamlet.db"));
  expect(raw.query("pragma integrity_check").values()).toEqual([["ok"]]);
}, 60_000);

test("a server that is killed in the middle of an upload serves the old value when it is back", async () => {
  using folder = makeTempFolder();
  const options = { data: folder.path, args: ["--pool", "0"] };
  {
    await using hamlet = await startHamlet(options);
    expect((await hamlet.api("/v1/blob/a", { method: "POST", body: "old" })).status).toBe(201);
    await using visitor = await hamlet.connect();
    const lines = [
      "POST /api/v1/blob/a HTTP/1.1",
      `Host: localhost:${hamlet.port}`,
      `Authorization: Bearer ${hamlet.token}`,
      `Content-Length: ${16 * MB}`,
    ];
    await visitor.write(`${lines.join("\r\n")}\r\n\r\n`);
    await visitor.write(makeBytes(8 * MB));
    // Our own pace: until then it has nothing that could be lost.
    while (!objectsIn(folder.path).some((path) => statSync(path).size > 4 * MB)) await Bun.sleep(10);
    await hamlet.stop("SIGKILL");
  }
  expect(objectsIn(folder.path)).toHaveLength(2);
  await using hamlet = await startHamlet(options);
  expect(await (await hamlet.api("/v1/blob/a")).text()).toBe("old");
  await hamlet.stop();
  expect(objectsIn(folder.path)).toHaveLength(1);
}, 60_000);
