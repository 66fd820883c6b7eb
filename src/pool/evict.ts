/** Which workers must go that do nothing for a visitor: the least recently used ones. */

interface Evictable {
  readonly isLive: boolean;
  readonly isIdle: boolean;
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

/** The idle workers whose end brings the live ones' memory below `budgetBytes`, as far as idle ones can. */
export function overBudget<W extends Evictable>(workers: Iterable<W>, budgetBytes: number): W[] {
  const live = [...workers].filter((worker) => worker.isLive);
  let sum = live.reduce((bytes, worker) => bytes + (worker.usage?.rssBytes ?? 0), 0);
  const evicted: W[] = [];
  const idle = live.filter((worker) => worker.isIdle).sort((a, b) => a.lastUsed - b.lastUsed);
  for (const worker of idle) {
    if (sum <= budgetBytes) break;
    sum -= worker.usage?.rssBytes ?? 0;
    evicted.push(worker);
  }
  return evicted;
}
