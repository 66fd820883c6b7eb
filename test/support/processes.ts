/** Which processes are there, whose they are, and what a killed server leaves behind. Linux only, as the walls are. */

import { dlopen } from "bun:ffi";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** One letter, as in proc(5); `Z` is gone but for its entry. */
  readonly state: string;
  /** Ticks since boot: with the id it names a process for good. */
  readonly started: string;
  /** Its arguments, separated by spaces. */
  readonly command: string;
  readonly rssBytes: number;
}

const PAGE = 4096;
const SUBREAPER = 36;
const NO_HANG = 1;

const { symbols: libc } =
  process.platform === "linux"
    ? dlopen("libc.so.6", {
        prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
        waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
      })
    : { symbols: undefined };

/** From now on, orphans among our descendants become our children, so that none can hide (prctl(2)). */
export function adoptOrphans(): void {
  if (libc?.prctl(SUBREAPER, 1n, 0n, 0n, 0n) !== 0) throw new Error("prctl refused PR_SET_CHILD_SUBREAPER");
}

/** Every living process below `root`, parents before children. */
export function processesBelow(root: number): Process[] {
  const children = Map.groupBy(allProcesses(), (one) => one.parent);
  const below: Process[] = [];
  const add = (pid: number) => {
    for (const child of children.get(pid) ?? []) {
      below.push(child);
      add(child.pid);
    }
  };
  add(root);
  return below.filter((one) => one.state !== "Z");
}

/** Whether this very process still lives. */
export function isAlive({ pid, started }: Process): boolean {
  const now = read(pid);
  return now !== undefined && now.started === started && now.state !== "Z";
}

/** Whether its parent has not buried it yet: until then, threads of it may still hold its sockets open. */
export function isThere({ pid, started }: Process): boolean {
  return read(pid)?.started === started;
}

/** The Deno processes among them: workers and builds, each below its bubblewrap. */
export function denosOf(processes: readonly Process[]): Process[] {
  return processes.filter(({ command }) => /^\S*\/deno /.test(command));
}

/** Waits until none of them lives; resolves with those that do after `patienceMs`. */
export async function awaitGone(
  find: () => readonly Process[],
  patienceMs = 10_000,
): Promise<readonly Process[]> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await Bun.sleep(20)) {
    if (find().length === 0) return [];
  }
  return find();
}

/** Our own children that no test started: orphans that were adopted. The dead ones are reaped on the way. */
export function orphans(own: readonly number[]): Process[] {
  const adopted = allProcesses().filter(({ parent, pid }) => parent === process.pid && !own.includes(pid));
  // Bun waits for the children it started itself; for these nobody would.
  for (const { pid, state } of adopted) if (state === "Z") libc?.waitpid(pid, null, NO_HANG);
  return adopted.filter(({ state }) => state !== "Z");
}

/** How many descriptors a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Its resident bytes. */
export function residentBytes(pid: number): number {
  return read(pid)?.rssBytes ?? 0;
}

/** The folder for sockets and scratch that the server with this process id has made. */
export function runFolderOf(server: number): string | undefined {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith("hamlet-run-"));
  return folders.map((name) => join(tmpdir(), name)).find((path) => readOwner(path) === server);
}

function readOwner(runFolder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(runFolder, "owner"), "utf8"), 10);
  } catch {
    return undefined; // Another test's server has just removed it.
  }
}

function allProcesses(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? []);
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return {
      pid,
      parent: Number(fields[1]),
      state: fields[0]!,
      started: fields[19]!,
      command,
      rssBytes: Number(fields[21]) * PAGE,
    };
  } catch {
    return undefined; // It ended while we looked.
  }
}
