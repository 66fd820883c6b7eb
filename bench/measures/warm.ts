import { join } from "node:path";
import { answer } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { cpuMs, descendants } from "../proc.ts";
import { inTurn } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, Measure, Row, Running } from "../types.ts";
import { type Load, runWrk } from "../wrk.ts";

const SECONDS = 3;

/** A warm hello under load: requests a second, latency, and what a request costs in CPU time. */
export const warm: Measure = { name: "warm", run };

async function run(bench: Bench): Promise<Row[]> {
  const rate = new Samples();
  const p50 = new Samples();
  const p99 = new Samples();
  const front = new Samples();
  const all = new Samples();
  const warmed = new Set<string>();

  const vals = { hello: join(ROOT, "examples/hello") };
  await inTurn(bench, ["hamlet", "direct", "dhw", "dhw-fast", "workerd"], vals, async (name, running) => {
    await answer(running.port, running.host("hello"));
    if (!warmed.has(name)) await runWrk(running.port, running.host("hello"), 2);
    warmed.add(name);
    const load = await loadOnce(running);
    rate.add(name, load.perSecond);
    p50.add(name, load.p50Ms);
    p99.add(name, load.p99Ms);
    front.add(name, load.frontUs);
    all.add(name, load.allUs);
  });
  return [
    rate.toRow({ title: "warm hello", unit: "requests/s", digits: 0, better: "more" }),
    p50.toRow({ title: "warm hello, p50", unit: "ms", digits: 2, better: "less" }),
    p99.toRow({ title: "warm hello, p99", unit: "ms", digits: 2, better: "less" }),
    front.toRow({ title: "CPU per request, front process", unit: "µs", digits: 0, better: "less" }),
    all.toRow({ title: "CPU per request, all processes", unit: "µs", digits: 0, better: "less" }),
  ];
}

async function loadOnce(running: Running): Promise<Load & { frontUs: number; allUs: number }> {
  const family = [running.frontPid, ...descendants(running.frontPid)];
  const before = family.map(cpuMs);
  const load = await runWrk(running.port, running.host("hello"), SECONDS);
  const spent = family.map((pid, index) => Math.max(0, cpuMs(pid) - before[index]!));
  const toUs = (ms: number) => (ms * 1000) / load.requests;
  return { ...load, frontUs: toUs(spent[0]!), allUs: toUs(spent.reduce((sum, ms) => sum + ms, 0)) };
}
