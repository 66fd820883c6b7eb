/** The processes below one process, as /proc shows them. */

import { readdirSync, readFileSync } from "node:fs";

/** Told apart from a later process of the same id by its start. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly start: string;
}

/** All descendants of `pid`, in whatever namespaces they are; none where there is no /proc. */
export function findBelow(pid: number): Process[] {
  if (process.platform !== "linux") return [];
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
  const below = new Set([pid]);
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const each of all) if (below.has(each.parent)) below.add(each.pid);
  }
  return all.filter((each) => each.pid !== pid && below.has(each.pid));
}

export function isAlive({ pid, start }: Process): boolean {
  return read(pid)?.start === start;
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : { pid, parent: Number(parent), start: rest[17]! };
  } catch {
    return undefined; // It ended while we looked.
  }
}
