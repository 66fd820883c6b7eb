import { expect, test } from "bun:test";
import { deploymentOf, ScriptedTown, settle } from "../../test/support/pool.ts";
import type { Lease } from "./types.ts";

const isSync = (lease: Lease | Promise<Lease>): lease is Lease => !(lease instanceof Promise);
const codeOf = async (run: () => unknown) => {
  try {
    await run();
    return "nothing";
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test("a first call gets its lease at once from a blank worker, before the val is loaded", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const lease = town.pool.lease(deploymentOf("a"));
  if (!isSync(lease)) throw new Error("not at once");
  expect(lease.cold).toBe(true);
  expect(town.of(lease).commands.at(-1)).toEqual({
    kind: "claim",
    entry: "file:///artifacts/a/main.ts",
    env: {},
    backgroundMs: 300_000,
  });
});

test("a call to a warm worker is synchronous and not cold", async () => {
  const town = new ScriptedTown();
  const { lease } = await town.warm("a");
  lease.release();
  const next = town.pool.lease(deploymentOf("a"));
  expect(isSync(next) && [next.target.id, next.cold]).toEqual([lease.target.id, false]);
});

test("first calls that come at once share one worker, also while it is still being started", async () => {
  const town = new ScriptedTown();
  const leases = [1, 2, 3].map(() => town.pool.lease(deploymentOf("a")));
  expect(leases.some(isSync)).toBe(false);
  await town.ready();
  const held = await Promise.all(leases);
  expect(new Set(held.map(({ target }) => target.id)).size).toBe(1);
  expect(held.map(({ cold }) => cold)).toEqual([true, false, false]);
});

test("a claimed blank is replaced a moment later, not in the way of the call", async () => {
  const town = new ScriptedTown();
  await town.ready();
  town.pool.lease(deploymentOf("a"));
  await settle();
  expect(town.processes.length).toBe(1);
  await town.clock.pass(100);
  expect(town.processes.length).toBe(2);
});

test("while many are claimed more blanks are kept, and the surplus goes when it is quiet", async () => {
  const town = new ScriptedTown({ maxWorkers: 50 });
  await town.ready();
  for (const name of ["a", "b", "c", "d"]) await town.warm(name);
  await town.clock.pass(100);
  await town.ready();
  await town.clock.pass(100);
  await town.ready();
  expect(town.pool.stats().blank).toBeGreaterThan(1);
  await town.clock.pass(120_000);
  for (const each of town.processes) if (each.heard("drain")) each.exit({ code: 0, signal: null });
  await settle();
  expect(town.pool.stats().blank).toBe(1);
});

test("at the limit of workers the idle one unused for longest makes room; with none idle, calls are refused", async () => {
  const town = new ScriptedTown({ blank: 0, maxWorkers: 2 });
  const a = await town.warm("a");
  const b = await town.warm("b");
  a.lease.release();
  await town.clock.pass(10);
  b.lease.release();
  const waiting = town.pool.lease(deploymentOf("c"));
  expect([a.process.heard("drain"), b.process.heard("drain")]).toEqual([1, 0]);
  await town.ready();
  expect((await waiting).cold).toBe(true);
  town.pool.lease(deploymentOf("b"));
  expect(await codeOf(() => town.pool.lease(deploymentOf("d")))).toBe("overloaded");
});

test("beyond the memory budget idle workers are drained, the least recently used first", async () => {
  const town = new ScriptedTown({ memoryBudgetBytes: 100 * 2 ** 20 });
  const [a, b, c] = [await town.warm("a"), await town.warm("b"), await town.warm("c")];
  for (const { lease } of [b, a]) {
    lease.release();
    await town.clock.pass(10);
  }
  await town.clock.pass(2000);
  expect([a, b, c].map(({ process }) => process.heard("drain"))).toEqual([0, 1, 0]);
});

test("a worker that answers pings late gets company, up to the limit per val; a hung one gets no calls", async () => {
  const town = new ScriptedTown({ maxWorkersPerDeployment: 2 });
  const first = await town.warm("a");
  first.process.used = { ...first.process.used, cpuMs: 100 };
  await town.clock.pass(500);
  const second = await town.pool.lease(deploymentOf("a"));
  expect(second.target.id).not.toBe(first.lease.target.id);
  await town.of(second).report({ kind: "loaded" });
  for (let i = 0; i < 30; i++) {
    await town.clock.pass(100);
    await town.of(second).pong();
  }
  for (let i = 0; i < 5; i++) {
    const lease = await town.pool.lease(deploymentOf("a"));
    expect(lease.target.id).toBe(second.target.id);
  }
  await town.clock.pass(5000);
  expect(await codeOf(() => town.pool.lease(deploymentOf("a")))).toBe("overloaded");
  await first.process.pong();
  expect((await town.pool.lease(deploymentOf("a"))).target.id).toBe(first.lease.target.id);
});

test("retire lets calls end before it drains, and leaves the kept deployment alone", async () => {
  const town = new ScriptedTown();
  const old = deploymentOf("old", { fileId: "file" });
  const next = deploymentOf("new", { fileId: "file" });
  await town.ready();
  const held = await town.pool.lease(old);
  await town.clock.pass(100);
  await town.ready();
  const kept = await town.pool.lease(next);
  kept.release();
  town.pool.retire("file", "new");
  expect([town.of(held).heard("drain"), town.of(kept).heard("drain")]).toEqual([0, 0]);
  held.release();
  held.release();
  expect([town.of(held).heard("drain"), town.of(kept).heard("drain")]).toEqual([1, 0]);
  town.of(held).exit({ code: 0, signal: null });
  await town.clock.pass(1000);
  expect(town.deaths).toEqual([]);
});

test("a worker that does not drain in time is killed", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  lease.release();
  town.pool.retire("file-a");
  await town.clock.pass(4000);
  expect(process.killed).toBe(false);
  await town.clock.pass(2000);
  expect(process.killed).toBe(true);
});

test("close kills all at once, tells held leases, and refuses new calls", async () => {
  const town = new ScriptedTown({ blank: 0, maxBlank: 0 });
  const { lease } = await town.warm("a");
  const { died } = lease;
  const waiting = codeOf(() => town.pool.lease(deploymentOf("b")));
  await town.pool.close();
  expect(town.processes.every(({ killed }) => killed)).toBe(true);
  expect((await died).reason).toBe("closed");
  expect(await waiting).toBe("shutting_down");
  expect(await codeOf(() => town.pool.lease(deploymentOf("a")))).toBe("shutting_down");
  expect(town.deaths).toEqual([]);
});

test("what the platform gives a worker lies over the val's own variables, and is given back once", async () => {
  const given: string[] = [];
  const town = new ScriptedTown(
    {},
    {
      enter: (deployment, worker) => {
        given.push(`+${deployment.id} ${worker}`);
        return {
          env: { token: worker, shared: "platform" },
          leave: () => given.push(`-${deployment.id} ${worker}`),
        };
      },
      hosts: () => ["localhost:3000"],
    },
  );
  await town.ready();
  const lease = await town.pool.lease(deploymentOf("a", { env: { own: "1", shared: "author" } }));
  const process = town.of(lease);
  expect(process.commands.at(-1)).toEqual({
    kind: "claim",
    entry: "file:///artifacts/a/main.ts",
    env: { own: "1", shared: "platform", token: "w1" },
    town: { door: "/door/s", hosts: ["localhost:3000"] },
    backgroundMs: 300_000,
  });
  await process.report({ kind: "loaded" });
  expect(given).toEqual(["+a w1"]);
  process.kill();
  await settle();
  expect(given).toEqual(["+a w1", "-a w1"]);
});

test("what a worker was given comes back also when the val could not be placed, or did not load", async () => {
  let out = 0;
  const enter = () => {
    out++;
    return { env: {}, leave: () => void out-- };
  };
  const town = new ScriptedTown({}, { enter });
  await town.ready();
  expect(await codeOf(() => town.pool.lease(deploymentOf("a", { artifact: "/missing" })))).toBe("internal");
  expect(out).toBe(0);
  await town.clock.pass(100);
  await town.ready();
  const lease = await town.pool.lease(deploymentOf("b"));
  expect(out).toBe(1);
  await town.of(lease).report({ kind: "failed", message: "no" });
  expect(out).toBe(0);
});

test("a val with a lock gets a process of its own, which its first calls share and nobody else gets", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const locked = deploymentOf("a", { start: "locked" });
  const leases = [1, 2].map(() => town.pool.lease(locked));
  const prepared = town.pool.prepare(locked);
  await settle();
  expect(town.processes.map(({ startedFor }) => startedFor)).toEqual([undefined, "/artifacts/a"]);
  const other = await town.pool.lease(deploymentOf("b"));
  expect(town.of(other).startedFor).toBeUndefined();
  const own = town.processes[1]!;
  await own.report({ kind: "ready" });
  for (const lease of await Promise.all(leases)) expect(town.of(lease)).toBe(own);
  expect([own.heard("claim"), (await leases[0]!).cold]).toEqual([1, true]);
  await own.report({ kind: "loaded" });
  expect(await prepared).toBeUndefined();
  expect(isSync(town.pool.lease(locked))).toBe(true);
});

test("a process that ends before it can take its val fails the calls that wait, and the next ones after a few", async () => {
  const town = new ScriptedTown({ blank: 0 });
  const locked = deploymentOf("a", { start: "locked" });
  const fail = async () => {
    const call = codeOf(() => town.pool.lease(locked));
    await settle();
    const started = town.processes.at(-1)!;
    await started.printError("error: The lockfile is out of date.\n");
    if (!started.killed) started.exit({ code: 1, signal: null });
    return await call;
  };
  expect(await fail()).toBe("load_failed");
  expect(town.deaths).toEqual(["a exit"]);
  expect(town.logs.map(({ text }) => text)).toEqual(["error: The lockfile is out of date."]);
  expect((await town.pool.prepare(locked))?.message).toContain("The lockfile is out of date.");
  for (let time = 1; time < 20; time++) await codeOf(() => fail());
  expect(town.processes.length).toBeLessThan(10);
});

test("a process for a locked val counts as one of the town's, and waits for no room", async () => {
  const town = new ScriptedTown({ maxWorkers: 1, blank: 0 });
  const held = town.pool.lease(deploymentOf("a", { start: "locked" }));
  await settle();
  expect(await codeOf(() => town.pool.lease(deploymentOf("b", { start: "locked" })))).toBe("overloaded");
  await town.processes[0]!.report({ kind: "ready" });
  (await held).release();
  await town.processes[0]!.report({ kind: "loaded" });
  const next = codeOf(() => town.pool.lease(deploymentOf("b", { start: "locked" })));
  await settle();
  expect([town.processes[0]!.heard("drain"), town.processes.length]).toEqual([1, 2]);
  await town.pool.close();
  expect(await next).toBe("shutting_down");
});
