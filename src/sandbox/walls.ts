/** What differs between the levels: how a worker's process is wrapped, and what it sees where. */

import type { Egress } from "./egress.ts";
import type { Layout, Libraries } from "./permissions.ts";
import type { ProgramLimits, ProgramOptions, SandboxLevel, WorkerLimits } from "./types.ts";

/** A worker's (or a one-shot run's) own folders on the host. */
export interface WorkerFolders {
  /** Small integer, free again once the process is gone. */
  readonly slot: number;
  /** Unique for the life of this server; the last part of `root`. */
  readonly name: string;
  readonly root: string;
  readonly val: string;
  readonly socketFolder: string;
  readonly scratch: string;
}

/** What a one-shot run may write. */
export interface OneShotRights {
  readonly cache: boolean;
  /** The val folder, whose files must be of this run alone. */
  readonly folder: boolean;
}

export interface Walls {
  readonly level: SandboxLevel;
  readonly description: string;
  /** Path of the guest's main module, as a worker sees it. */
  readonly guestEntry: string;
  /** The packages that the guest may import, as a worker sees them. */
  readonly libraries: Libraries;
  /** DENO_DIR as a worker sees it. */
  readonly cache: string;
  readonly layout: (folders: WorkerFolders) => Layout;
  /** Hand a worker's new folders to the user it will be. */
  readonly prepare: (folders: WorkerFolders) => void;
  /** The guest listens, and becomes a val: its socket folder stays as it is, and it gets its door. */
  readonly seal: (folders: WorkerFolders) => void;
  /** The whole command line for a worker, given Deno's own arguments; `own`: it is started for one val. */
  readonly worker: (folders: WorkerFolders, denoArgs: readonly string[], own: boolean) => string[];
  /** The same for a one-shot run in the val folder. */
  readonly oneShot: (folders: WorkerFolders, denoArgs: readonly string[], rights: OneShotRights) => string[];
  /** Certificates of the operator's own authorities, as Deno sees the path. */
  readonly caFile: string | undefined;
  /** The whole command line for a program of ours. */
  readonly program: (folders: WorkerFolders, options: ProgramOptions) => string[];
  /** The scratch folder as that program sees it. */
  readonly programScratch: (folders: WorkerFolders) => string;
  /** A file that all three commands read from descriptor 3. */
  readonly attached: string | undefined;
  /** The process whose death is the death of all, given the one that was started; undefined while there is none yet. */
  readonly firstPid: (pid: number) => number | undefined;
  /** The process id of Deno itself, given that of the process that was started. */
  readonly denoPid: (pid: number) => number | undefined;
  readonly close: () => Promise<void>;
}

export interface WallOptions {
  readonly denoPath: string;
  readonly guestEntry: string;
  readonly guestFolders: readonly string[];
  readonly libraries: Libraries;
  readonly cacheDir: string;
  /** Host path. */
  readonly caFile?: string | undefined;
  readonly runFolder: string;
  readonly nativePackages?: boolean;
  readonly limits: WorkerLimits;
  readonly egress: Egress;
}

/** For one-shot runs: Deno unpacks packages with many threads. */
export const ONE_SHOT_LIMITS: WorkerLimits = {
  memoryBytes: 2 ** 30,
  tasks: 512,
  files: 4096,
  fileBytes: 2 ** 29,
};

// Each V8 isolate maps 512 MB writable for code that it may never have: the main one, and some Web Workers.
const ISOLATES = 5;
const ISOLATE_BYTES = 544 * 2 ** 20;
const BASE_BYTES = 224 * 2 ** 20;

/**
 * Wall 3, as `prlimit` wants it. Resident memory is watched by the pool; the limit on data is what stops a bomb if that
 * look comes late. Processes and threads are counted per user, so only where a worker is a user of its own.
 */
export function limitArgs(limits: WorkerLimits, ownUser: boolean): string[] {
  const data = BASE_BYTES + ISOLATES * ISOLATE_BYTES + limits.memoryBytes;
  const tasks = ownUser ? [`--nproc=${limits.tasks}`] : [];
  return ["--core=0", `--data=${data}`, `--nofile=${limits.files}`, `--fsize=${limits.fileBytes}`, ...tasks];
}

/** The same for a program of ours, whose own memory is all that it maps. */
export function programLimitArgs(limits: ProgramLimits, ownUser: boolean): string[] {
  const { dataBytes, tasks, files, fileBytes } = limits;
  const own = ownUser ? [`--nproc=${tasks}`] : [];
  return ["--core=0", `--data=${dataBytes}`, `--nofile=${files}`, `--fsize=${fileBytes}`, ...own];
}

/** Bun, with nothing of what it would look for by itself. */
export function bunCommand({ main, args = [] }: ProgramOptions): string[] {
  return [process.execPath, "--no-install", "--no-env-file", main, ...args];
}
