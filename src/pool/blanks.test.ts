import { expect, test } from "bun:test";
import { deploymentOf, LIMITS, ScriptedTown, settle } from "../../test/support/pool.ts";

const failure = async (lease: unknown) => {
  try {
    await lease;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing";
};

test("a blank that is killed is replaced at once", async () => {
  const town = new ScriptedTown();
  await town.ready();
  town.processes[0]!.kill();
  await town.clock.pass(300);
  expect(town.processes.length).toBe(2);
  await town.ready();
  expect(town.pool.stats().blank).toBe(1);
});

test("blanks that keep dying are replaced ever more slowly, and calls are told why", async () => {
  const town = new ScriptedTown();
  for (let second = 0; second < 60; second++) {
    for (const each of town.processes) {
      if (each.killed) continue;
      await each.printError("error: the disk is full\n");
      each.kill();
    }
    await town.clock.pass(1000);
  }
  expect(town.processes.length).toBeLessThan(20);
  const told = await failure(town.pool.lease(deploymentOf("a")));
  expect(told).toContain("internal: Workers cannot be started");
  expect(told).toContain("the disk is full");
});

test("blanks that are killed once they are ready cost a caller neither an error nor a wait", async () => {
  const town = new ScriptedTown();
  for (let n = 0; n < 8; n++) {
    await town.ready();
    for (const each of town.processes) if (!each.killed) each.kill();
    await town.clock.pass(300);
  }
  const lease = town.pool.lease(deploymentOf("a"));
  await settle();
  await town.ready();
  expect((await lease).cold).toBe(true);
});

test("several that are killed while they start together count as one failure", async () => {
  const town = new ScriptedTown({ blank: 4 });
  for (const each of town.processes) each.kill();
  const lease = town.pool.lease(deploymentOf("a"));
  await town.clock.pass(1000);
  await town.ready();
  expect((await lease).cold).toBe(true);
});

test("calls that wait for a worker are told as soon as it is clear that there will be none", async () => {
  const town = new ScriptedTown({ blank: 0 });
  town.broken = "no deno here";
  const waiting = failure(town.pool.lease(deploymentOf("a")));
  await town.clock.pass(2000);
  expect(await waiting).toContain("internal: Workers cannot be started, 3 times in a row: no deno here");
  town.broken = undefined;
  await town.clock.pass(11_000);
  const again = town.pool.lease(deploymentOf("a"));
  await town.ready();
  expect((await again).cold).toBe(true);
});

test("a blank that does not become ready in time is killed and counts as failed", async () => {
  const town = new ScriptedTown();
  await town.clock.pass(16_000);
  expect(town.processes[0]!.killed).toBe(true);
  expect(town.processes.length).toBe(2);
});

test("no more than a few workers are started at the same time", async () => {
  const town = new ScriptedTown({ blank: 20, maxBlank: 20, maxWorkers: 30 });
  expect(town.processes.length).toBe(4);
  await town.ready();
  expect(town.processes.length).toBeGreaterThan(4);
});

test("an artifact that is not there is our error, and costs only that worker", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const broken = deploymentOf("a", { artifact: "/missing" });
  expect(await failure((async () => await town.pool.lease(broken))())).toContain("internal: ENOENT");
  await town.clock.pass(100);
  await town.ready();
  expect((await town.pool.lease(deploymentOf("b"))).cold).toBe(true);
});

test("an environment that is too large is told to the author", async () => {
  const town = new ScriptedTown();
  await town.ready();
  const large = deploymentOf("a", { env: { BIG: "x".repeat(300_000) } });
  expect(await failure((async () => await town.pool.lease(large))())).toContain(
    "load_failed: The val's environment",
  );
});

test("the val's own lines and its console are logged with worker, stream and level", async () => {
  const town = new ScriptedTown();
  const { process } = await town.warm("a");
  await process.print("plain\n");
  await process.printError("bad\n");
  const trace = "0".repeat(32);
  await process.report({ kind: "log", level: "warn", time: town.clock.wall(), trace, text: "from console" });
  await process.report({ kind: "log", level: "info", time: 1, trace: "", text: "an odd clock" });
  const shown = town.logs.map(({ worker, level, text, stream, trace: id }) => [
    worker,
    level,
    text,
    stream,
    id,
  ]);
  expect(shown).toEqual([
    ["w1", "info", "plain", "stdout", ""],
    ["w1", "error", "bad", "stderr", ""],
    ["w1", "warn", "from console", "stderr", trace],
    ["w1", "info", "an odd clock", "stdout", ""],
  ]);
  expect(town.logs.map(({ time }) => time > 1_600_000_000_000)).toEqual([true, true, true, true]);
});

test("a flood of lines is counted, and told in one line when the second ends", async () => {
  const town = new ScriptedTown();
  const { process } = await town.warm("a");
  await process.print("x\n".repeat(1000));
  expect(town.logs.length).toBe(LIMITS.logLinesPerSecond * 2);
  await town.clock.pass(1000);
  expect(town.logs.at(-1)?.text).toBe("800 lines dropped: too many in one second");
});

test("a process that floods its output is not read for the rest of the second", async () => {
  const town = new ScriptedTown();
  const { process } = await town.warm("a");
  await process.print(`${"x".repeat(LIMITS.logBytesPerSecond * 10)}\n`);
  await process.print("after\n");
  const has = (text: string) => town.logs.some((line) => line.text === text);
  expect(has("after")).toBe(false);
  await town.clock.pass(1000);
  await settle();
  expect(has("after")).toBe(true);
});

const ODD_REPORTS = [
  { kind: "ready" },
  { kind: "loaded" },
  { kind: "failed", message: "forged" },
  { kind: "pong", id: 99 },
  { kind: "dance" },
];
test("reports that do not fit the worker's state change nothing", async () => {
  const town = new ScriptedTown();
  const { lease, process } = await town.warm("a");
  for (const report of ODD_REPORTS) await process.report(report);
  expect(process.killed).toBe(false);
  const again = await town.pool.lease(deploymentOf("a"));
  expect(again.target.id).toBe(lease.target.id);
  expect(town.deaths).toEqual([]);
});

test("nothing is kept of a val whose code is secret", async () => {
  const town = new ScriptedTown();
  town.seeds = true;
  const lease = town.pool.lease(deploymentOf("a", { secret: true }));
  await town.clock.pass(60);
  await town.ready();
  const held = await lease;
  await town.of(held).report({ kind: "loaded" });
  expect(town.seeded).toEqual([]);
});

test("when new workers would know more, the blank ones are replaced one by one, and never by a warm worker's place", async () => {
  const town = new ScriptedTown({ blank: 2, maxWorkers: 4 });
  await town.ready();
  town.seeds = true;
  const { lease } = await town.warm("a");
  lease.release();
  expect(town.seeded).toEqual(["/artifacts/a/main.ts"]);
  await town.clock.pass(100);
  const isBlank = (one: (typeof town.processes)[number]) => one.heard("claim") === 0;
  expect(town.processes.filter((one) => isBlank(one) && one.heard("drain") > 0)).toEqual([]);
  await town.ready();
  await town.clock.pass(100);
  await town.ready();
  const drained = town.processes.filter((one) => one.heard("drain") > 0);
  expect(drained.every(isBlank)).toBe(true);
  expect(drained.length).toBeGreaterThan(0);
  expect(town.pool.stats()).toMatchObject({ blank: 2, warm: 1 });
});
