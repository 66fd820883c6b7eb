import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";

/** Clock ticks of /proc/PID/stat are hundredths of a second on every Linux. */
const TICK_MS = 10;

/** All processes below `pid`, itself not included. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(stat(Number(entry))?.[1]);
    if (parent) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** User and system time of a process and of its ended children that were waited for, ms. */
export function cpuMs(pid: number): number {
  const fields = stat(pid);
  if (!fields) return 0;
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory now, bytes; 0 once the process is gone. */
export function rssBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** The most that was resident since `resetPeak`, bytes. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

/** Start watching the peak anew (proc(5), clear_refs). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Memory that no other process shares, bytes; 0 once the process is gone. */
export function privateBytes(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  return [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce(
    (sum, match) => sum + Number(match[1]) * 1024,
    0,
  );
}

/** Whether the process runs this program; false once it is gone. */
export function runs(pid: number, program: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith(`/${program}`);
  } catch {
    return false;
  }
}

/** The fields after the program's name, which may hold blanks and parentheses. */
function stat(pid: number): string[] | undefined {
  const line = read(`/proc/${pid}/stat`);
  return line ? line.slice(line.lastIndexOf(")") + 2).split(" ") : undefined;
}

function statusBytes(pid: number, field: string): number {
  const match = read(`/proc/${pid}/status`).match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"));
  return match ? Number(match[1]) * 1024 : 0;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
