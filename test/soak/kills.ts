/** First half: the server is killed in the middle of saves, again and again, and its workers now and then. */

import { existsSync } from "node:fs";
import { median } from "../../bench/statistics.ts";
import { awaitGone, denosOf, orphans, processesBelow, runFolderOf } from "../support/processes.ts";
import { makeTempFolder, startHamlet, type TestHamlet } from "../support/server.ts";
import { Saver } from "./saver.ts";

const SAVERS = 8;
const LONGEST_BURST_MS = 1200;

export interface KillReport {
  readonly servers: number;
  workers: number;
  acknowledged: number;
  readonly readyMs: number[];
  readonly problems: string[];
}

/** Kill and restart `count` times over one data folder; what went wrong is reported, not thrown. */
export async function killAgainAndAgain(
  count: number,
  random: (below: number) => number,
  progress: (line: string) => void,
): Promise<KillReport> {
  using folder = makeTempFolder();
  const report: KillReport = { servers: count, workers: 0, acknowledged: 0, readyMs: [], problems: [] };
  const savers: Saver[] = [];
  for (let cycle = 0; cycle <= count; cycle++) {
    const hamlet = await startHamlet({ data: folder.path });
    report.readyMs.push(hamlet.readyMs);
    if (cycle === 0) for (let n = 0; n < SAVERS; n++) savers.push(await Saver.create(hamlet, `saver${n}`));
    for (const saver of savers) report.problems.push(...(await saver.check(hamlet)));
    if (cycle === count) await stopWell(hamlet, report);
    else await killOnce(hamlet, savers, random, report);
    await checkNothingLeft(hamlet, report);
    if (cycle % 10 === 9) progress(`${cycle + 1} kills, ${report.problems.length} problems`);
  }
  report.acknowledged = savers.reduce((sum, saver) => sum + saver.acknowledged, 0);
  return report;
}

/** The figures as rows of a table. */
export function toRows(report: KillReport): [string, string][] {
  return [
    ["server killed", `${report.servers} times`],
    ["workers and blanks killed", `${report.workers}`],
    ["saves acknowledged, all of them there", `${report.acknowledged}`],
    ["start after a kill, median", `${Math.round(median(report.readyMs))} ms`],
    ["start after a kill, longest", `${Math.round(Math.max(...report.readyMs))} ms`],
  ];
}

async function killOnce(
  hamlet: TestHamlet,
  savers: Saver[],
  random: (below: number) => number,
  report: KillReport,
): Promise<void> {
  const saving = Promise.allSettled(savers.map((saver) => saver.saveUntilGone(hamlet)));
  const burstMs = random(LONGEST_BURST_MS);
  const isWorkerToo = random(2) === 0;
  if (isWorkerToo) {
    await Bun.sleep(burstMs / 2);
    const denos = denosOf(processesBelow(hamlet.pid));
    const victim = denos[random(Math.max(1, denos.length))];
    if (victim) report.workers += killQuietly(victim.pid);
  }
  await Bun.sleep(isWorkerToo ? burstMs / 2 : burstMs);
  await hamlet.stop("SIGKILL");
  for (const outcome of await saving) {
    if (outcome.status === "rejected") report.problems.push(String(outcome.reason));
  }
}

async function stopWell(hamlet: TestHamlet, report: KillReport): Promise<void> {
  const code = await hamlet.stop("SIGTERM");
  if (code !== 0) report.problems.push(`SIGTERM ended with code ${code}: ${hamlet.log}`);
}

async function checkNothingLeft(hamlet: TestHamlet, report: KillReport): Promise<void> {
  for (const { command } of await awaitGone(() => orphans([]))) report.problems.push(`An orphan: ${command}`);
  const folder = runFolderOf(hamlet.pid);
  if (folder !== undefined && existsSync(folder)) report.problems.push(`A run folder was left: ${folder}`);
}

/** It may have ended just now. */
function killQuietly(pid: number): number {
  try {
    process.kill(pid, "SIGKILL");
    return 1;
  } catch {
    return 0;
  }
}
