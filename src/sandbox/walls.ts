/** What differs between the levels: how a worker's process is wrapped, and what it sees where. */

import type { Layout } from "./permissions.ts";
import type { SandboxLevel, WorkerLimits } from "./types.ts";

/** A worker's (or a one-shot run's) own folders on the host. */
export interface WorkerFolders {
  /** Small integer, free again once the process is gone. */
  readonly slot: number;
  readonly root: string;
  readonly val: string;
  readonly socketFolder: string;
  readonly scratch: string;
}

export interface Walls {
  readonly level: SandboxLevel;
  readonly description: string;
  /** Path of the guest's main module, as a worker sees it. */
  readonly guestEntry: string;
  readonly layout: (folders: WorkerFolders) => Layout;
  /** The whole command line for a worker, given Deno's own arguments. */
  readonly worker: (folders: WorkerFolders, denoArgs: readonly string[]) => string[];
  /** The same for a one-shot run that sees `folder` as its working folder. */
  readonly oneShot: (folders: WorkerFolders, run: OneShot) => string[];
  /** Where a one-shot run sees its working folder. */
  readonly workFolder: (folder: string) => string;
  /** The process id of Deno itself, given that of the process that was started. */
  readonly denoPid: (pid: number) => number | undefined;
  readonly close: () => Promise<void>;
}

export interface OneShot {
  readonly folder: string;
  readonly writeCache: boolean;
  readonly denoArgs: readonly string[];
}

export interface WallOptions {
  readonly denoPath: string;
  readonly guestEntry: string;
  readonly guestFolders: readonly string[];
  readonly cacheDir: string;
  readonly runFolder: string;
  readonly limits: WorkerLimits;
}

/** Resource limits as `prlimit` wants them. */
export function limitArgs(limits: WorkerLimits): string[] {
  return ["--core=0", `--nofile=${limits.files}`, `--fsize=${limits.fileBytes}`];
}
