/** What Deno and V8 found out about a bundle once is there for the workers that start later. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { bundle } from "./support/artifact.ts";
import type { Guest, TestSandbox } from "./support/guest.ts";
import { processesBelow } from "./support/processes.ts";
import { startObedient, startWalls } from "./support/walls.ts";

const LIMITS = { memoryBytes: 256 * 2 ** 20, tasks: 64, files: 1024, fileBytes: 256 * 2 ** 20 };
const start = (more: object = {}) => startWalls({ mode: "auto", limits: LIMITS, seedQuietMs: 10, ...more });

/** Large enough to be worth it. */
const padded = (source: string) => ({
  "main.ts": `${source}\nexport const padding = ${JSON.stringify("x".repeat(20_000))};`,
});
const writeBundle = async (town: TestSandbox, source: string) => town.writeVal(await bundle(padded(source)));

/** Files of a DENO_DIR that the newest worker has open. */
function openFiles(): string[] {
  const workers = processesBelow(process.pid).filter(({ command }) => command.startsWith("/deno/deno"));
  const pid = workers.at(-1)!.pid;
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

function addressesIn(folder: string, file: string, table: string): string[] {
  const database = new Database(join(folder, file), { readonly: true });
  const rows = database.query(`SELECT specifier FROM ${table}`).all() as { specifier: string }[];
  database.close();
  return rows.map(({ specifier }) => specifier);
}

async function answer(guest: Guest, artifact: string): Promise<[url: string, body: string]> {
  const url = guest.confined.place(artifact, "bundle.js");
  guest.send({ kind: "claim", entry: url, env: {} });
  await guest.report("loaded");
  return [url, (await guest.get()).bodyText];
}

describe("with namespaces", () => {
  let town: TestSandbox;
  beforeAll(async () => {
    town = await start();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test("bundles are compiled without being run, and do not push each other out", async () => {
    // The first would run for ever, the second throws.
    const [endless, failing, good] = await Promise.all(
      ["for (;;);", "throw new Error('ran');", "export default () => new Response('good');"].map((source) =>
        writeBundle(town, source),
      ),
    );
    const seeds = [endless!, failing!, good!].map((artifact) => town.sandbox.seed(artifact, "bundle.js"));
    expect(await Promise.all(seeds)).toEqual([true, true, true]);
    const guest = await town.startGuest();
    const files = openFiles().map((path) => basename(path));
    for (const file of ["v8_code_cache_v2", "dep_analysis_cache_v2"]) expect(files).toContain(file);
    const [url, body] = await answer(guest, good!);
    expect(body).toBe("good");
    const copy = join(town.writeVal({}), "..", "copy");
    cpSync(join(town.cache, "code/1"), copy, {
      recursive: true,
      filter: (path) => !/npm|remote/.test(basename(path)),
    });
    const compiled = addressesIn(copy, "v8_code_cache_v2", "codecache");
    expect(compiled).toContain(url);
    expect(compiled.filter((address) => /^file:\/\/\/val\/[0-9a-f]{32}\.js$/.test(address)).length).toBe(3);
    const ours = ["mail", "parts", "bytes"].map((name) => `file:///hamlet/libraries/hamlet-mail/${name}.ts`);
    expect(compiled).toEqual(expect.arrayContaining(["node:http", "node:events", ...ours]));
    expect(addressesIn(copy, "dep_analysis_cache_v2", "moduleinfocache")).toContain(url);
  });

  test("what is known, small or not there brings nothing new", async () => {
    const known = await writeBundle(town, "export default () => new Response('good');");
    expect(await town.sandbox.seed(known, "bundle.js")).toBe(false);
    const small = town.writeVal(await bundle({ "main.ts": "export default () => new Response('small')" }));
    expect(await town.sandbox.seed(small, "bundle.js")).toBe(false);
    const guest = await town.startGuest();
    expect(await answer(guest, small)).toEqual([expect.stringContaining("/bundle.js"), "small"]);
    expect(town.sandbox.seed(small, "nowhere.js")).rejects.toThrow("ENOENT");
  });

  test("a worker keeps what it started with, which goes with it", async () => {
    const old = await town.startGuest();
    const artifact = await writeBundle(town, "export default () => new Response('new');");
    expect(await town.sandbox.seed(artifact, "bundle.js")).toBe(true);
    expect(readdirSync(join(town.cache, "code")).sort()).toEqual(["1", "2"]);
    expect((await answer(old, artifact))[1]).toBe("new");
    old.confined.kill();
    await old.confined.exited;
    await town.startGuest();
    // The other workers of this test file have it too.
    expect(openFiles().some((path) => path.includes("code/2/"))).toBe(true);
  });
});

test("no worker can write it, not even without Deno's permissions", async () => {
  await using town = await start({ permissions: "allow-all" });
  const artifact = await writeBundle(town, "export default () => new Response('a');");
  expect(await town.sandbox.seed(artifact, "bundle.js")).toBe(true);
  const val = await startObedient(town);
  const tried = await val.run(`
    const tried = [];
    for (const name of ["v8_code_cache_v2", "v8_code_cache_v2-wal", "list.json", "new"])
      try { Deno.writeTextFileSync("/cache/code/1/" + name, "x"); tried.push(name) } catch {}
    try { Deno.renameSync("/cache/code/1", "/cache/code/9"); tried.push("rename") } catch {}
    return tried;`);
  expect(tried).toEqual([]);
});

test("it outlives a server, but not a change of what it depends on", async () => {
  await using first = await start();
  const artifact = await writeBundle(first, "export default () => new Response('a');");
  await first.sandbox.seed(artifact, "bundle.js");
  {
    await using same = await start({ cacheDir: first.cache });
    expect(await same.sandbox.seed(artifact, "bundle.js")).toBe(false);
  }
  await using other = await start({
    cacheDir: first.cache,
    limits: { ...LIMITS, memoryBytes: 128 * 2 ** 20 },
  });
  expect(readdirSync(join(first.cache, "code"))).toEqual([]);
  expect(await other.sandbox.seed(artifact, "bundle.js")).toBe(true);
});

test("without namespaces there is none: each worker has its val under another address", async () => {
  await using town = await start({ mode: "deno" });
  const artifact = await writeBundle(town, "export default () => new Response('a');");
  expect(await town.sandbox.seed(artifact, "bundle.js")).toBe(false);
  expect((await answer(await town.startGuest(), artifact))[1]).toBe("a");
});
