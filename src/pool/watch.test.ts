import { expect, test } from "bun:test";
import { deploymentOf, LIMITS, ScriptedTown, settle } from "../../test/support/pool.ts";

const MB = 2 ** 20;

test("a worker beyond its memory is killed, its lease and its author are told, and the next call is served", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  const other = await town.warm("b");
  process.used = { ...process.used, rssBytes: 300 * MB };
  await town.clock.pass(200);
  expect(await lease.died).toEqual({
    reason: "memory",
    message: "The val was stopped: it used 300 MB of memory, and 256 MB are allowed.",
  });
  expect(process.killed).toBe(true);
  expect(town.deaths).toEqual(["a memory"]);
  const next = await town.pool.lease(deploymentOf("a"));
  expect([next.cold, next.target.id === lease.target.id]).toEqual([true, false]);
  expect(other.process.killed).toBe(false);
});

test("a worker with too many threads or processes is killed", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  process.used = { ...process.used, tasks: LIMITS.tasks + 1 };
  await town.clock.pass(200);
  expect(await lease.died).toMatchObject({ reason: "tasks" });
});

test("an idle worker's memory is watched as well, about once a second", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  lease.release();
  process.used = { ...process.used, rssBytes: 300 * MB };
  await town.clock.pass(1100);
  expect([process.killed, town.deaths]).toEqual([true, ["a memory"]]);
});

test("computing for the allowed CPU time without a pong is death by cpu; a pong in between is life", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  const compute = async (ms: number) => {
    for (let spent = 0; spent < ms && !process.killed; spent += 100) {
      process.used = { ...process.used, cpuMs: process.used.cpuMs + 100 };
      await town.clock.pass(100);
    }
  };
  await compute(9000);
  await process.pong();
  await compute(9000);
  expect(process.killed).toBe(false);
  await compute(2000);
  expect((await lease.died).reason).toBe("cpu");
  expect((await lease.died).message).toContain("computed for 10 s");
});

test("blocking without CPU time is given three times as long", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  await town.clock.pass(29_000);
  expect(process.killed).toBe(false);
  await town.clock.pass(4000);
  expect((await lease.died).message).toBe("The val was stopped: it blocked its event loop for 30 s.");
});

test("a quiet worker without calls is not disturbed by pings, one that computes is", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  lease.release();
  await town.clock.pass(100);
  await process.pong();
  const before = process.heard("ping");
  await town.clock.pass(20_000);
  expect(process.heard("ping")).toBe(before);
  process.used = { ...process.used, cpuMs: process.used.cpuMs + 500 };
  await town.clock.pass(1100);
  expect(process.heard("ping")).toBe(before + 1);
});

test("an answer that a stalled host could not hear is not held against the worker", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  process.used = { ...process.used, cpuMs: 10 };
  await town.clock.pass(100);
  expect(process.heard("ping")).toBe(1);
  town.clock.jump(60_000);
  await town.clock.pass(100);
  expect(process.killed).toBe(false);
  lease.release();
  const next = town.pool.lease(deploymentOf("a"));
  expect(next instanceof Promise).toBe(false);
});

test("an import that takes too long is stopped", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const lease = await town.pool.lease(deploymentOf("a"));
  for (let i = 0; i < 29; i++) {
    await town.of(lease).pong();
    await town.clock.pass(1000);
  }
  expect(town.of(lease).killed).toBe(false);
  await town.clock.pass(2000);
  expect(await lease.died).toMatchObject({ reason: "load" });
  expect((await lease.died).message).toContain("importing it took longer than 30 s");
});

test("a failed import is told with its reason, to the lease, to prepare and to the author", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const prepared = town.pool.prepare(deploymentOf("a"));
  await settle();
  await town.processes[0]!.report({ kind: "failed", message: "SyntaxError at main.ts:1:2" });
  const death = {
    reason: "load",
    message: "The val failed while it was loading: SyntaxError at main.ts:1:2",
  };
  expect(await prepared).toEqual(death as never);
  expect(town.deaths).toEqual(["a load"]);
  expect(await town.pool.prepare(deploymentOf("a"))).toEqual(death as never);
  expect(town.deaths.length).toBe(1);
});

test("prepare resolves once the val is loaded, and again at once; its first call is not cold", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const prepared = town.pool.prepare(deploymentOf("a"));
  await settle();
  await town.processes[0]!.report({ kind: "loaded" });
  expect(await prepared).toBeUndefined();
  expect(await town.pool.prepare(deploymentOf("a"))).toBeUndefined();
  expect(town.processes[0]!.heard("claim")).toBe(1);
  expect((await town.pool.lease(deploymentOf("a"))).cold).toBe(false);
});

test("a val that keeps failing is tried for visitors at a bounded rate, and recovers", async () => {
  const town = new ScriptedTown({ maxWorkers: 100, maxBlank: 20, blank: 20 });
  const outcomes: string[] = [];
  for (let i = 0; i < 12; i++) {
    await town.ready();
    try {
      const lease = await town.pool.lease(deploymentOf("a"));
      await town.of(lease).report({ kind: "failed", message: "boom" });
      outcomes.push((await lease.died).reason);
    } catch (error) {
      outcomes.push((error as { code: string }).code);
    }
  }
  expect(outcomes).toEqual([...Array(8).fill("load"), ...Array(4).fill("load_failed")]);
  await town.clock.pass(1100);
  await town.ready();
  const lease = await town.pool.lease(deploymentOf("a"));
  await town.of(lease).report({ kind: "loaded" });
  expect(lease.cold).toBe(true);
});

const EXITS: readonly [
  exit: { code: number | null; signal: string | null },
  stderr: string,
  reason: string,
  part: string,
][] = [
  [{ code: 3, signal: null }, "", "exit", "exited with code 3"],
  [{ code: 1, signal: null }, "error: gone\n", "exit", "Its last error output: error: gone"],
  [{ code: null, signal: "SIGSEGV" }, "", "exit", "was ended by SIGSEGV"],
  [{ code: null, signal: "SIGKILL" }, "", "exit", "killed from outside"],
  [
    { code: null, signal: "SIGTRAP" },
    "Fatal JavaScript out of memory: Reached heap limit\n",
    "memory",
    "256 MB",
  ],
];
for (const [exit, stderr, reason, part] of EXITS) {
  test(`an end by ${exit.signal ?? `code ${exit.code}`} ${stderr && "with last words "}is explained`, async () => {
    const town = new ScriptedTown();
    const { lease, process } = await town.warm("a");
    const { died } = lease;
    if (stderr) await process.printError(stderr);
    process.exit(exit);
    expect(await died).toMatchObject({ reason });
    expect((await died).message).toContain(part);
    expect(town.deaths).toEqual([`a ${reason}`]);
  });
}
