import { expect, test } from "bun:test";
import { makeStore, type TestStore } from "../test/support/store.ts";
import type { Builder, BuildRequest, Needed } from "./build/build.ts";
import { Deployer } from "./deploy.ts";
import { HostTable } from "./gateway/host.ts";
import { createLog } from "./log.ts";
import type { Pool } from "./pool/types.ts";
import type { Deployment } from "./val/deployment.ts";

/** A deployer over a real store; its artifacts are assembled when the test says so. */
function makeDeployer({ store }: TestStore) {
  const held: (() => void)[] = [];
  const hold = { next: false };
  const kept: string[][] = [];
  const builder = {
    build: async ({ files }: BuildRequest) => {
      const key = files.map((file) => file.content).join();
      return {
        ok: true,
        key,
        level: 0,
        start: "pooled",
        entry: "bundle.js",
        reasons: [],
        pins: [],
        warnings: [],
      };
    },
    assemble: async (key: string) => {
      if (hold.next) {
        hold.next = false;
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return `/artifacts/${key}`;
    },
    keepOnly: async (needed: readonly Needed[]) => {
      kept.push(needed.map((one) => `${one.artifact}@${one.version}`));
    },
  } as unknown as Builder;
  const prepared: string[] = [];
  const gone: (string | undefined)[] = [];
  const pool = {
    prepare: async ({ entry, fileId }: Deployment) => {
      prepared.push(`${entry} ${fileId}`);
    },
    retire: () => {},
  } as unknown as Pool;
  const hosts = new HostTable((host) => deployer.lookup(host));
  const names = { webDomain: "web.example.org", moduleOrigin: "https://esm.town" };
  const deployer = new Deployer({
    store,
    builder,
    pool,
    hosts,
    ...names,
    log: createLog({ json: true }),
    collectMs: 0,
    gone: ({ fileId }) => gone.push(fileId),
  });
  const served = async () => {
    const found = await hosts.find("ann-hello.web.example.org");
    return found?.kind === "val" ? found.deployment : undefined;
  };
  return { deployer, held, hold, kept, prepared, gone, served };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** The store answers in order: whoever waits for nothing else has gone on meanwhile. */
async function asFarAsItGets({ store, valId }: TestStore): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await store.deployments.byVal(valId);
}

test("what is put into service slowly is not put in the place of what is newer", async () => {
  await using t = await makeStore();
  const { deployer, held, hold, served } = makeDeployer(t);
  const file = { path: "main.ts", type: "http", content: "one" } as const;
  await t.store.files.create({ valId: t.valId }, file);
  await deployer.saved(t.valId, t.branchId);
  expect((await served())?.artifact).toBe("/artifacts/one");

  hold.next = true;
  const configured = deployer.configured(t.valId);
  await until(() => held.length > 0);
  await t.store.files.update({ valId: t.valId }, "main.ts", { content: "two" });
  const saved = deployer.saved(t.valId, t.branchId);
  const { deployments } = t.store;
  while ((await deployments.byVal(t.valId))[0]?.artifact !== "two");
  await asFarAsItGets(t);
  held.pop()!();
  await Promise.all([configured, saved]);
  expect((await served())?.artifact).toBe("/artifacts/two");
});

test("a val that is removed while a save of it is put into service is served no more", async () => {
  await using t = await makeStore();
  const { deployer, held, hold, served } = makeDeployer(t);
  await t.store.files.create({ valId: t.valId }, { path: "main.ts", type: "http", content: "one" });
  hold.next = true;
  const saved = deployer.saved(t.valId, t.branchId);
  await until(() => held.length > 0);
  await t.store.vals.remove(t.valId);
  const removed = deployer.removed(t.valId);
  await asFarAsItGets(t);
  held.pop()!();
  await Promise.all([saved, removed]);
  expect(await served()).toBeUndefined();
});

test("what a save leaves behind is removed while the town runs, but not at once: it may just be started", async () => {
  await using t = await makeStore();
  const { deployer, kept } = makeDeployer(t);
  const files = t.store.files;
  await files.create({ valId: t.valId }, { path: "main.ts", type: "http", content: "one" });
  for (const content of ["one", "two", "three"]) {
    await files.update({ valId: t.valId }, "main.ts", { content });
    await deployer.saved(t.valId, t.branchId);
    const collections = kept.length;
    while (kept.length === collections) await asFarAsItGets(t);
  }
  expect(kept).toEqual([["one@1"], ["one@1", "two@2"], ["two@2", "three@3"]]);
});

test("only what is served is loaded ahead; whoever starts files hears of those that are gone", async () => {
  await using t = await makeStore();
  const { deployer, prepared, gone } = makeDeployer(t);
  const { files } = t.store;
  const at = { valId: t.valId };
  const { file: main } = await files.create(at, { path: "main.ts", type: "http", content: "one" });
  const { file: cron } = await files.create(at, { path: "cron.ts", type: "interval", content: "two" });
  await deployer.saved(t.valId, t.branchId);
  expect(prepared).toEqual([`bundle.js ${main.id}`]);
  expect((await deployer.startable(cron.id, "interval")).deployment).toMatchObject({ trigger: "interval" });
  await files.remove(at, "cron.ts", false);
  await deployer.saved(t.valId, t.branchId);
  expect(gone).toEqual([cron.id]);
  expect(await deployer.startable(cron.id, "interval")).toEqual({ found: undefined, deployment: undefined });
});
