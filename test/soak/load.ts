/** Second half: hostile vals beside good ones, for minutes, and what that does to the server. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { median, quantile } from "../../bench/statistics.ts";
import { awaitGone, openDescriptors, orphans, processesBelow, residentBytes } from "../support/processes.ts";
import { makeTempFolder, startHamlet, type TestHamlet } from "../support/server.ts";
import { type Random, startGood, type Tally } from "./good.ts";
import { HOSTILE, type HostileReport, harass } from "./hostile.ts";

const MB = 2 ** 20;
const SAMPLE_MS = 2000;
const REST_MS = 15_000;
/** Good load alone, to compare with, as a part of the whole time. */
const CALM_PART = 0.1;
const LOG_SIZE_MB = 64;

/** How far the server may grow, and how slow good vals may get: generous, because the machine is shared. */
const BOUNDS = { rssGrowth: 80 * MB, descriptors: 100, processes: 30, slowdown: 50, slowestP99: 2000 };

interface Sample {
  readonly at: number;
  readonly rss: number;
  readonly descriptors: number;
  readonly processes: number;
}

export interface LoadReport {
  readonly rows: [string, string][];
  readonly problems: string[];
}

/** Run the mixed load for `minutes`; what went wrong is reported, not thrown. */
export async function runMixedLoad(
  minutes: number,
  random: Random,
  progress: (line: string) => void,
): Promise<LoadReport> {
  using folder = makeTempFolder();
  const args = ["--log-size", `${LOG_SIZE_MB}MB`, "--hang-timeout", "3s", "--first-byte-timeout", "15s"];
  const hamlet = await startHamlet({ data: folder.path, args });
  const hostile: HostileReport = { calls: 0, outcomes: new Map(), problems: [] };
  const endAt = performance.now() + minutes * 60_000;
  const stopped = () => performance.now() >= endAt;
  const samples = sampleUntil(hamlet, stopped, progress);
  const good = await startGood(hamlet, random, stopped);
  await Bun.sleep(minutes * 60_000 * CALM_PART);
  const stormAt = performance.now();
  const harassing = Object.keys(HOSTILE).map((name) => harass(hamlet, name, random, stopped, hostile));
  await Promise.all([good.done, ...harassing]);
  await Bun.sleep(REST_MS);
  const rested = sample(hamlet);
  const logs = ["telemetry.db", "telemetry.db-wal"].map((name) => sizeOf(join(folder.path, name)));
  const problems = [...good.tallies.flatMap((tally) => tally.problems), ...hostile.problems];
  if ((await hamlet.stop("SIGTERM")) !== 0) problems.push(`SIGTERM ended badly: ${hamlet.log}`);
  for (const { command } of await awaitGone(() => orphans([]))) problems.push(`An orphan: ${command}`);
  const usage = judgeUsage(await samples, stormAt, rested, problems);
  const latency = judgeLatency(good.tallies, stormAt, problems);
  const stored = Math.round((logs[0]! + logs[1]!) / MB);
  if (stored > 2 * LOG_SIZE_MB) problems.push(`Telemetry takes ${stored} MB; ${LOG_SIZE_MB} MB are allowed.`);
  const outcomes = [...hostile.outcomes].toSorted().map(([name, count]) => `${count} × ${name}`);
  return {
    rows: [
      ...latency,
      ["hostile calls", `${hostile.calls}: ${outcomes.join(", ")}`],
      ...usage,
      ["traces and logs on disk", `${stored} MB (bound ${LOG_SIZE_MB} MB)`],
    ],
    problems,
  };
}

async function sampleUntil(
  hamlet: TestHamlet,
  stopped: () => boolean,
  progress: (line: string) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (!stopped()) {
    samples.push(sample(hamlet));
    if (samples.length % 30 === 0) progress(describe(samples.at(-1)!));
    await Bun.sleep(SAMPLE_MS);
  }
  return samples;
}

function sample({ pid }: TestHamlet): Sample {
  return {
    at: performance.now(),
    rss: residentBytes(pid),
    descriptors: openDescriptors(pid),
    processes: processesBelow(pid).length,
  };
}

const describe = ({ rss, descriptors, processes }: Sample) =>
  `server ${Math.round(rss / MB)} MB, ${descriptors} descriptors, ${processes} processes`;

/** The first third of the storm, in which everything is warmed up, beside its last one. */
function judgeUsage(
  samples: Sample[],
  stormAt: number,
  rested: Sample,
  problems: string[],
): [string, string][] {
  const storm = samples.filter(({ at }) => at >= stormAt);
  const third = Math.max(1, Math.floor(storm.length / 3));
  const figure = (name: "rss" | "descriptors" | "processes") => {
    const [early, late] = [storm.slice(0, third), storm.slice(-third)].map((part) =>
      median(part.map((one) => one[name])),
    ) as [number, number];
    return { early, late, most: Math.max(...storm.map((one) => one[name])) };
  };
  const [rss, descriptors, processes] = [figure("rss"), figure("descriptors"), figure("processes")];
  if (rss.late - rss.early > BOUNDS.rssGrowth) problems.push("The server's memory grows.");
  if (descriptors.late - descriptors.early > BOUNDS.descriptors) problems.push("Descriptors leak.");
  if (processes.late - processes.early > BOUNDS.processes) problems.push("Processes leak.");
  const show = ({ early, late, most }: typeof rss, rest: number, unit = 1) =>
    `${[early, late, most, rest].map((value) => Math.round(value / unit)).join(" → ")}`;
  return [
    ["server memory, MB: early → late → most → at rest", show(rss, rested.rss, MB)],
    ["descriptors: early → late → most → at rest", show(descriptors, rested.descriptors)],
    ["processes: early → late → most → at rest", show(processes, rested.processes)],
  ];
}

function judgeLatency(tallies: Tally[], stormAt: number, problems: string[]): [string, string][] {
  return tallies.map((tally) => {
    const part = (isStorm: boolean) =>
      tally.latencies.filter(({ at }) => at >= stormAt === isStorm).map(({ ms }) => ms);
    const [calm, storm] = [part(false), part(true)];
    const [calm99, storm99] = [quantile(calm, 0.99), quantile(storm, 0.99)];
    const isSlow = storm99 > Math.max(BOUNDS.slowestP99, BOUNDS.slowdown * calm99);
    if (tally.name === "hello" && isSlow) problems.push("The good vals are slow beside the hostile ones.");
    const shown = [median(calm), calm99, median(storm), storm99].map((ms) =>
      Number.isNaN(ms) ? "–" : Math.round(ms),
    );
    return [
      `${tally.name}: calls; p50, p99 alone → p50, p99 beside hostile vals, ms`,
      `${tally.calls}; ${shown[0]}, ${shown[1]} → ${shown[2]}, ${shown[3]}`,
    ];
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
