import { expect, test } from "bun:test";
import { deploymentOf, type Scripted, ScriptedTown } from "../../test/support/pool.ts";

const MIN = 60_000;
const LATE = "waitUntil: still under way after 5 min, not waited for any longer";
const busy = (process: Scripted, is = true) => process.report({ kind: "background", busy: is });
const texts = (town: ScriptedTown) => town.logs.map(({ text }) => text);

/** A warm worker whose only call has ended and left work behind. */
async function leftWork(town: ScriptedTown, name: string): Promise<Scripted> {
  const { lease, process } = await town.warm(name);
  await busy(process);
  lease.release();
  return process;
}

/** What a call is refused with that needs one more process. */
const refusal = async (town: ScriptedTown, name: string) =>
  Promise.resolve(town.pool.lease(deploymentOf(name, { start: "locked" }))).then(
    () => "nothing",
    (error) => error.code,
  );

test("a worker with background work makes no room for others until it has ended", async () => {
  const town = new ScriptedTown({ blank: 0, maxWorkers: 2 });
  const a = await leftWork(town, "a");
  await town.clock.pass(10);
  const b = await town.warm("b");
  b.lease.release();
  void refusal(town, "c");
  expect([a.heard("drain"), b.process.heard("drain")]).toEqual([0, 1]);
  b.process.exit({ code: 0, signal: null });
  await busy(a, false);
  await town.ready();
  void refusal(town, "d");
  expect(a.heard("drain")).toBe(1);
});

test("beyond the memory budget a worker with background work is spared", async () => {
  const town = new ScriptedTown({ memoryBudgetBytes: 50 * 2 ** 20 });
  const a = await leftWork(town, "a");
  const b = await town.warm("b");
  b.lease.release();
  await town.clock.pass(2000);
  expect([a.heard("drain"), b.process.heard("drain")]).toEqual([0, 1]);
});

test("but not when the workers with background work are too many for it themselves: the oldest goes first", async () => {
  const town = new ScriptedTown({ memoryBudgetBytes: 50 * 2 ** 20 });
  const a = await leftWork(town, "a");
  await town.clock.pass(200);
  await town.ready();
  const b = await leftWork(town, "b");
  await town.clock.pass(2000);
  expect([a.heard("drain"), b.heard("drain")]).toEqual([1, 0]);
  expect(texts(town)).toEqual(["waitUntil: not waited for any longer, because the town's memory is short"]);
});

test("runs take half of the town at most, and background work leaves a quarter beside them", async () => {
  const town = new ScriptedTown({ blank: 0, maxBlank: 0, maxWorkers: 4 });
  const run = (name: string) => town.warm(name, { once: `trace-${name}` });
  const runs = [await run("r1"), await run("r2")];
  await expect(run("r3")).rejects.toMatchObject({ code: "overloaded" });
  const a = await leftWork(town, "a");
  await town.clock.pass(10);
  const b = await leftWork(town, "b");
  void refusal(town, "c");
  expect([a.heard("drain"), b.heard("drain")]).toEqual([1, 0]);
  runs[0]!.lease.release();
  expect((await run("r4")).lease).toBeDefined();
});

test("when a newer version is there, the old worker ends its background work first", async () => {
  const town = new ScriptedTown();
  const process = await leftWork(town, "a");
  town.pool.retire("file-a", "newer");
  await town.clock.pass(MIN);
  expect([process.heard("drain"), process.killed]).toEqual([0, false]);
  await busy(process, false);
  expect(process.heard("drain")).toBe(1);
});

test("of a file that is gone no background work is waited for", async () => {
  const town = new ScriptedTown();
  const process = await leftWork(town, "a");
  town.pool.retire("file-a");
  expect(process.heard("drain")).toBe(1);
  await busy(process, false);
  await busy(process);
  await town.clock.pass(6000);
  expect(process.killed).toBe(true);
});

test("a guest that says it is busy for ever, or again and again, is kept for the limit after its last call", async () => {
  const town = new ScriptedTown();
  const process = await leftWork(town, "a");
  town.pool.retire("file-a", "newer");
  for (let minute = 0; minute < 5; minute++) {
    await town.clock.pass(MIN - 100);
    expect(process.heard("drain")).toBe(0);
    await busy(process);
  }
  await town.clock.pass(5000);
  expect([process.heard("drain"), texts(town)]).toEqual([1, [LATE]]);
  await busy(process);
  await town.clock.pass(6000);
  expect(process.killed).toBe(true);
  expect(texts(town)).toEqual([LATE]);
});

test("each call begins the time anew, and the author is told once for each time", async () => {
  const town = new ScriptedTown();
  const process = await leftWork(town, "a");
  await town.clock.pass(4 * MIN);
  (await town.pool.lease(deploymentOf("a"))).release();
  await town.clock.pass(4 * MIN);
  town.pool.retire("file-a", "newer");
  expect([process.heard("drain"), texts(town)]).toEqual([0, []]);
  town.pool.retire("file-a", "a");
  await town.clock.pass(10 * MIN);
  expect(texts(town)).toEqual([LATE]);
  (await town.pool.lease(deploymentOf("a"))).release();
  await town.clock.pass(10 * MIN);
  expect([process.heard("drain"), texts(town)]).toEqual([0, [LATE, LATE]]);
});

test("word of background work that comes while an idle worker drains is heeded, once and up to the limit", async () => {
  const town = new ScriptedTown({ blank: 0, maxWorkers: 1 });
  const { lease, process } = await town.warm("a");
  lease.release();
  town.pool.retire("file-a", "newer");
  expect(process.heard("drain")).toBe(1);
  await busy(process);
  await town.clock.pass(4 * MIN);
  await busy(process, false);
  await busy(process);
  expect(process.killed).toBe(false);
  // It is a process still, for which there is room only once.
  expect(await refusal(town, "b")).toBe("overloaded");
  await town.clock.pass(1.1 * MIN);
  expect(process.killed).toBe(true);
});

test("of older versions of a file only so many workers are kept as it may have", async () => {
  const town = new ScriptedTown({ maxWorkersPerDeployment: 2, maxWorkers: 20 });
  const old: Scripted[] = [];
  for (const name of ["1", "2", "3", "4"]) {
    await town.clock.pass(200);
    await town.ready();
    const deployment = deploymentOf(name, { fileId: "file" });
    const lease = await town.pool.lease(deployment);
    await town.of(lease).report({ kind: "loaded" });
    await busy(town.of(lease));
    lease.release();
    old.push(town.of(lease));
    town.pool.retire("file", name);
  }
  expect(old.map((each) => each.heard("drain"))).toEqual([1, 0, 0, 0]);
  expect(texts(town)[0]).toContain("too many older versions");
});

test("a full town gives up background work for a call, the oldest first, but not where it is half of the town or less", async () => {
  const town = new ScriptedTown({ blank: 0, maxBlank: 0, maxWorkers: 2 });
  const a = await leftWork(town, "a");
  await town.clock.pass(10);
  const b = await leftWork(town, "b");
  const c = town.pool.lease(deploymentOf("c", { start: "locked" }));
  expect([a.heard("drain"), b.heard("drain")]).toEqual([1, 0]);
  expect(texts(town)).toEqual([
    "waitUntil: not waited for any longer, because the town needed the worker for others",
  ]);
  await town.processes.at(-1)!.report({ kind: "ready" });
  await c;
  expect([await refusal(town, "d"), b.heard("drain")]).toEqual(["overloaded", 0]);
});

test("the end of the town waits for background work, within its time", async () => {
  const town = new ScriptedTown();
  const a = await leftWork(town, "a");
  await town.clock.pass(200);
  await town.ready();
  const b = await leftWork(town, "b");
  let over = false;
  const quiet = town.pool.quiet(10_000).then(() => (over = true));
  await busy(a, false);
  await town.clock.pass(9000);
  expect(over).toBe(false);
  await busy(b, false);
  await quiet;
  await busy(b);
  const late = town.pool.quiet(1000);
  await town.clock.pass(1000);
  await late;
  expect(texts(town)).toEqual(["waitUntil: still under way when the town was shut down"]);
});

test("a worker that dies with background work under way holds nothing up", async () => {
  const town = new ScriptedTown();
  const process = await leftWork(town, "a");
  const quiet = town.pool.quiet(10_000);
  process.exit({ code: 1, signal: null });
  await town.clock.pass(300);
  await quiet;
  expect(texts(town)).toEqual([]);
});
