import { answer, pause } from "../client.ts";
import { descendants, privateBytes, runs } from "../proc.ts";
import { eachAlone } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, Measure, Row, Running } from "../types.ts";
import { copies } from "./cold.ts";

const MB = 1024 * 1024;
const VALS = 100;
const SETTLE_MS = 3000;

/** A hundred warm vals: what one more costs in memory that nobody shares, over all processes of the platform. */
export const memory: Measure = { name: "memory", run };

async function run(bench: Bench): Promise<Row[]> {
  const each = new Samples();
  await eachAlone(bench, ["hamlet", "dhw", "workerd"], copies("hello", VALS + 1), async (name, running) => {
    await call(running, VALS);
    await pause(SETTLE_MS);
    const before = privateOfAll(running);
    for (let val = 0; val < VALS; val++) await call(running, val);
    await pause(SETTLE_MS);
    const workers = descendants(running.frontPid).filter((pid) => runs(pid, "deno")).length;
    if (name !== "workerd" && workers < VALS) throw new Error(`Only ${workers} vals are still warm.`);
    each.add(name, (privateOfAll(running) - before) / VALS / MB);
  });
  const note = "workerd: isolates in one process";
  return [each.toRow({ title: "100 warm vals, private memory each", unit: "MB", better: "less", note })];
}

async function call(running: Running, val: number): Promise<void> {
  const { status } = await answer(running.port, running.host(`val${val}`));
  if (status !== 200) throw new Error(`val${val} answered ${status}.`);
}

function privateOfAll(running: Running): number {
  return [running.frontPid, ...descendants(running.frontPid)].reduce(
    (sum, pid) => sum + privateBytes(pid),
    0,
  );
}
