/**
 * The server's folder for sockets and scratch: short path (a unix socket's must stay below 108 bytes), private to us,
 * removed at the end; what a killed server left behind is found by its owner's process id and start time.
 */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startTime } from "./proc.ts";

const PREFIX = "hamlet-run-";
const GRACE_MS = 60_000;
const OWNER = "owner";

/** Create this server's run folder (mode 0700, with `run` in it for the workers) and remove those of servers that are gone. */
export function createRunFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, PREFIX));
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, OWNER), `${process.pid} ${startTime(process.pid) ?? ""}`);
  makeFolder(join(folder, "run"), 0o755);
  makeFolder(dirname(doorOf(folder)), 0o755);
  removeStale(parent, statSync(folder).mtimeMs);
  return folder;
}

/** Where in a run folder the town listens for its workers; a folder of its own, for it is mounted into each of them. */
export function doorOf(runFolder: string): string {
  return join(runFolder, "door", "s");
}

/** Remove a run folder and all that is in it. */
export function removeRunFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Create `folder` with an exact mode, whatever the umask. */
export function makeFolder(folder: string, mode: number): string {
  mkdirSync(folder, { mode });
  if (process.umask() & mode) chmodSync(folder, mode);
  return folder;
}

function removeStale(parent: string, now: number): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    // Only what is ours: /tmp is shared, and a stranger's folder of this name must not steer what we delete.
    try {
      const info = statSync(folder);
      if (!info.isDirectory() || info.uid !== process.getuid?.()) continue;
      if (ownerIsGone(folder, now)) removeRunFolder(folder);
    } catch {}
  }
}

function ownerIsGone(folder: string, now: number): boolean {
  const [pid = "", started = ""] = readOwner(folder)?.split(" ") ?? [];
  // Without an owner it may be one that is just being made.
  if (!pid) return now - statSync(folder).mtimeMs > GRACE_MS;
  return started ? startTime(Number(pid)) !== started : !isAlive(Number(pid));
}

function readOwner(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, OWNER), "utf8");
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
