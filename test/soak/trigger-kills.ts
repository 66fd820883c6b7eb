/** Towns that are killed around slots and mails, side by side. */

import { median } from "../../bench/statistics.ts";
import { MAIL_DOMAIN, makeStartedVals } from "../support/kill-vals.ts";
import { startNameServer } from "../support/name-server.ts";
import { processesBelow } from "../support/processes.ts";
import { makeTempFolder, startHamlet } from "../support/server.ts";
import { makeRandom } from "../support/store.ts";
import { Killer, spawned, type TriggerKillReport } from "./trigger-killer.ts";

export interface TriggerKills {
  /** Of all towns together. */
  readonly kills: number;
  /** So many live and die side by side, each with a data folder of its own. */
  readonly towns: number;
  /** Of each town. */
  readonly vals: number;
  /** Of each val: files that the clock starts. There is one that mails start, too. */
  readonly slots: number;
  readonly seed: number;
  /** No further kills: it is time to look. */
  readonly stop?: AbortSignal;
  readonly progress?: (line: string) => void;
}

type TownKills = Omit<TriggerKills, "towns" | "seed"> & { readonly random: (below: number) => number };

/** What is wrong is reported, not thrown. */
export async function killAroundTriggers({
  towns,
  seed,
  ...options
}: TriggerKills): Promise<TriggerKillReport> {
  const ends = await Promise.allSettled(
    Array.from({ length: towns }, (_, n) => {
      const kills = Math.floor((options.kills + n) / towns);
      const progress = (line: string) => options.progress?.(`town ${n + 1}: ${line}`);
      return killTown({ ...options, kills, progress, random: makeRandom(seed + n) });
    }),
  );
  const reports = ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
  const counts: Record<string, number> = {};
  for (const report of reports)
    for (const [what, count] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + count;
  return {
    problems: reports.flatMap(({ problems }) => problems),
    counts,
    readyMs: reports.flatMap(({ readyMs }) => readyMs),
  };
}

async function killTown({ random, progress, ...options }: TownKills): Promise<TriggerKillReport> {
  using folder = makeTempFolder();
  using names = await startNameServer();
  const { path: data } = folder;
  const args = ["--mail-domain", MAIL_DOMAIN, "--smtp-port", "0", "--mail-rate", "0"];
  const town = { data, args: [...args, "--dns-server", names.address], spawned };
  try {
    const first = await startHamlet(town);
    const files = await makeStartedVals(first, options.vals, options.slots);
    const killer = new Killer(random, { ...town, token: first.token }, files);
    await killer.end(first);
    for (let n = 1; n <= options.kills && !options.stop?.aborted; n++) {
      await killer.round(n);
      if (n % 25 === 0) progress?.(`${n} kills, ${killer.sentence}`);
    }
    return await killer.settle();
  } finally {
    // Where the test itself has failed.
    for (const { pid, command } of processesBelow(process.pid))
      if (command.includes(` --data ${data} `)) process.kill(pid, "SIGKILL");
  }
}

/** The report as rows of a table. */
export function toTable({ counts, readyMs }: TriggerKillReport): [string, string][] {
  return [
    ["start after a kill, median", `${Math.round(median(readyMs))} ms`],
    ...Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([what, count]): [string, string] => [what, String(count)]),
  ];
}
