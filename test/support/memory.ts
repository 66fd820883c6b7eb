/** How much memory processes hold, as the system sees it. */

import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes of one process. */
export function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

/** Every process below `pid`. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  const below = (of: number): number[] =>
    (children.get(of) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Resident bytes of the largest process below `pid`: the busy worker. */
export function largestBelow(pid: number): number {
  const sizes = descendantsOf(pid).map((child) => {
    try {
      return residentBytes(child);
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...sizes);
}

/** Resolves with `progress()` once it has not changed for a while: whoever makes it is being held back. */
export async function stalled(progress: () => number): Promise<number> {
  for (let before = Number.NaN, quiet = 0; ; before = progress()) {
    quiet = progress() === before ? quiet + 1 : 0;
    if (quiet === 5) return before;
    await Bun.sleep(100);
  }
}
