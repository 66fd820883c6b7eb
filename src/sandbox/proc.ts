/** What /proc says of a process. Elsewhere than on Linux every answer is `undefined`. */

import { readdirSync, readFileSync } from "node:fs";
import type { Usage } from "./types.ts";

// Fixed for user space by the kernel's interface, whatever its own tick is.
const TICK_MS = 10;
const PAGE = 4096;

/** The process's start, in ticks since boot: with the id it names a process for good. */
export function startTime(pid: number): string | undefined {
  return readStat(pid)?.[19];
}

/** Resident bytes, CPU time and threads of one process. */
export function usageOf(pid: number): Usage | undefined {
  const stat = readStat(pid);
  if (!stat || stat[0] === "Z") return undefined;
  const field = (index: number) => Number(stat[index] ?? 0);
  return { rssBytes: field(21) * PAGE, cpuMs: (field(11) + field(12)) * TICK_MS, tasks: field(17) };
}

/** Bytes that a process has written so far, to files or otherwise. */
export function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(read(`/proc/${pid}/io`) ?? "")?.[1] ?? 0);
}

/** The same of a process and all below it, together. */
export function treeUsage(pid: number): Usage | undefined {
  const own = usageOf(pid);
  if (own === undefined) return undefined;
  const total = { ...own };
  for (const child of childrenOf(pid)) {
    const usage = treeUsage(child);
    total.rssBytes += usage?.rssBytes ?? 0;
    total.cpuMs += usage?.cpuMs ?? 0;
    total.tasks += usage?.tasks ?? 0;
  }
  return total;
}

/** Any thread may have started one. */
function childrenOf(pid: number): number[] {
  return list(`/proc/${pid}/task`).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );
}

/** The only child of a process, if it has one. */
export function childOf(pid: number): number | undefined {
  const children = read(`/proc/${pid}/task/${pid}/children`);
  return children ? Number.parseInt(children, 10) || undefined : undefined;
}

/** The fields of /proc/PID/stat from the state (field 3 in proc(5)) on. */
function readStat(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  // The name in field 2 is the process's own choice and may hold spaces and brackets: count from its end.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
