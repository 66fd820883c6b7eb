/** Which workers must go that do nothing for a visitor: the least recently used ones. And how many may not be for visitors. */

import { HamletError } from "../errors.ts";

interface Evictable {
  readonly isLive: boolean;
  readonly isIdle: boolean;
  readonly leases: number;
  readonly lastUsed: number;
  readonly usage: { readonly rssBytes: number } | undefined;
}

/** The idle worker that has been unused for the longest. */
export function leastRecentlyUsed<W extends Evictable>(workers: Iterable<W>): W | undefined {
  let oldest: W | undefined;
  for (const worker of workers) {
    if (!worker.isLive || !worker.isIdle) continue;
    if (oldest === undefined || worker.lastUsed < oldest.lastUsed) oldest = worker;
  }
  return oldest;
}

/**
 * The workers whose end brings the live ones' memory below `budgetBytes`, as far as those can that no call holds: idle ones
 * before those that are kept for what outlives their calls.
 */
export function overBudget<W extends Evictable>(workers: Iterable<W>, budgetBytes: number): W[] {
  const live = [...workers].filter((worker) => worker.isLive);
  let sum = live.reduce((bytes, worker) => bytes + (worker.usage?.rssBytes ?? 0), 0);
  const evicted: W[] = [];
  const unheld = live.filter((worker) => worker.leases === 0).sort((a, b) => a.lastUsed - b.lastUsed);
  const [idle, kept] = [true, false].map((is) => unheld.filter((worker) => worker.isIdle === is));
  for (const worker of [...idle!, ...kept!]) {
    if (sum <= budgetBytes) break;
    sum -= worker.usage?.rssBytes ?? 0;
    evicted.push(worker);
  }
  return evicted;
}

interface Runnable {
  readonly deployment: { readonly once?: string };
  readonly workers: readonly unknown[];
  readonly waiting: unknown;
}

/**
 * Whether one more worker may be taken by what no visitor waits for: half of the town at most.
 * @throws HamletError `overloaded`
 */
export function checkRuns(groups: Iterable<Runnable>, maxWorkers: number): void {
  const running = countRuns(groups);
  if (running < Math.ceil(maxWorkers / 2)) return;
  throw new HamletError(
    "overloaded",
    `${running} runs are under way in this town. The rest is for visitors; try again in a moment.`,
  );
}

/** How many may be kept for what outlives their calls when a visitor needs one: half of the town, and a quarter is left beside the runs. */
export function mostKept(groups: Iterable<Runnable>, maxWorkers: number): number {
  const beside = Math.ceil((maxWorkers * 3) / 4) - countRuns(groups);
  return Math.max(0, Math.min(Math.ceil(maxWorkers / 2), beside));
}

function countRuns(groups: Iterable<Runnable>): number {
  let count = 0;
  for (const { deployment, workers, waiting } of groups)
    if (deployment.once !== undefined && (workers.length > 0 || waiting !== undefined)) count++;
  return count;
}
