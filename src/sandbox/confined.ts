import { chmodSync, copyFileSync, linkSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CodeCache, linkAs } from "./code-cache.ts";
import { ourFolders } from "./permissions.ts";
import { usageOf } from "./proc.ts";
import { makeFolder } from "./run-folder.ts";
import type { Piped } from "./spawn.ts";
import type { Confined, Exit } from "./types.ts";
import type { Walls, WorkerFolders } from "./walls.ts";

export const SOCKET_NAME = "s";

export interface Start {
  /** What it was started with, and has in its place already. */
  readonly artifact: string | undefined;
  readonly codeCache: CodeCache | undefined;
}

/** Wrap a started process as the pool knows it. */
export function createConfined(child: Piped, folders: WorkerFolders, walls: Walls, start: Start): Confined {
  const seen = walls.layout(folders);
  let pid: number | undefined;
  let ended = false;
  preferAsVictim(child.pid);
  const exited = child.exited.then((code): Exit => {
    ended = true;
    return toExit(child.signalCode, code);
  });
  return {
    id: folders.name,
    socketPath: join(folders.socketFolder, SOCKET_NAME),
    guestSocketPath: `${seen.socketFolder}/${SOCKET_NAME}`,
    guestDoor: seen.door,
    places: {
      val: toUrl(seen.val),
      packages: toUrl(`${seen.cache}/npm`),
      guest: ourFolders(seen).map(toUrl),
    },
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    write: (text) => send(child, text),
    place(artifact, entry) {
      walls.seal(folders);
      if (start.artifact === undefined) copyFolder(artifact, folders.val);
      if (/^https?:/.test(entry)) return entry;
      const name = start.codeCache?.nameOf(join(artifact, entry));
      if (name !== undefined) linkAs(folders.val, entry, name);
      return Bun.pathToFileURL(`${seen.val}/${name ?? entry}`).href;
    },
    usage() {
      if (ended) return undefined;
      pid ??= walls.denoPid(child.pid);
      return pid === undefined ? undefined : usageOf(pid);
    },
    kill: () => killTree(child, walls),
  };
}

const toUrl = (folder: string) => `${Bun.pathToFileURL(folder).href}/`;

const RETRY_MS = 1;
const PATIENCE_MS = 1000;

/**
 * SIGKILL to the first process inside: with it goes all its namespace, and bubblewrap outside collects it and ends.
 * Not to the one outside: killed between its first steps it leaves a child that waits for ever.
 */
export function killTree(child: Piped, walls: Walls): void {
  if (hasEnded(child)) return;
  const first = walls.firstPid(child.pid);
  if (first === undefined) {
    setTimeout(killTree, RETRY_MS, child, walls);
    return;
  }
  try {
    process.kill(first, "SIGKILL");
  } catch {}
  setTimeout(() => hasEnded(child) || child.kill("SIGKILL"), PATIENCE_MS).unref();
}

function hasEnded(child: Piped): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** When the machine runs out of memory, the kernel shall take this before it takes the server. */
export function preferAsVictim(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "700");
  } catch {}
}

/** Queue bytes for its stdin. */
export function send(child: Piped, text: string | Uint8Array): void {
  // Writing to a dead process is no error of the writer's: it hears of the death through `exited`.
  try {
    child.stdin.write(text);
    Promise.resolve(child.stdin.flush()).catch(() => {});
  } catch {}
}

/** How it ended; bwrap ends with 128 + n when signal n ended its child. */
export function toExit(signal: string | number | null, code: number): Exit {
  if (signal) return { code: null, signal: String(signal) };
  const name = code > 128 ? SIGNALS.get(code - 128) : undefined;
  return name ? { code: null, signal: name } : { code, signal: null };
}

const SIGNALS = new Map([
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [11, "SIGSEGV"],
  [15, "SIGTERM"],
  [25, "SIGXFSZ"],
  [31, "SIGSYS"],
]);

/** Hard links where the file system allows it: nothing is copied, and the read-only mount keeps them unchanged. */
export function copyFolder(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyFolder(source, makeFolder(target, 0o755));
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  // A link keeps the mode, and a worker is another user than the one who wrote the file.
  if (statSync(source).mode & 0o004) {
    try {
      linkSync(source, target);
      return;
    } catch {}
  }
  copyFileSync(source, target);
  chmodSync(target, 0o644);
}
