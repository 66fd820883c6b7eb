/** Level `deno`: Deno's permissions and resource limits, where there are no namespaces (macOS, locked-down containers). */

import { chownSync } from "node:fs";
import type { WorkerLimits } from "./types.ts";
import { limitArgs, ONE_SHOT_LIMITS, type WallOptions, type Walls } from "./walls.ts";

/** Walls 1 and 3 only. `missing` tells the operator what the next level needs. */
export function createDenoWalls(options: WallOptions, missing: string): Walls {
  const { denoPath, guestEntry, guestFolders, cacheDir: cache } = options;
  const wrap = (limits: WorkerLimits, denoArgs: readonly string[]) => [
    ...prefix(limits),
    denoPath,
    ...denoArgs,
  ];
  // So that a later start at a stronger level sees that what was added since is not its builder's.
  if (process.getuid?.() === 0) chownSync(cache, 0, 0);
  return {
    level: "deno",
    description: `Deno permissions and resource limits only; ${missing}`,
    guestEntry,
    layout: ({ val, socketFolder, scratch }) => ({ val, socketFolder, scratch, cache, guestFolders }),
    prepare() {},
    seal() {},
    worker: (_folders, denoArgs) => wrap(options.limits, denoArgs),
    oneShot: (_folders, denoArgs) => wrap(ONE_SHOT_LIMITS, denoArgs),
    firstPid: (pid) => pid,
    denoPid: (pid) => pid,
    close: async () => {},
  };
}

/** util-linux only execs, so the process id stays Deno's. */
function prefix(limits: WorkerLimits): string[] {
  if (process.platform !== "linux") {
    return ["/bin/sh", "-c", `ulimit -c 0 -n ${limits.files}; exec "$@"`, "sh"];
  }
  // The death signal makes a kill -9 of the server take its workers along, hanging ones too.
  return [
    "/usr/bin/setpriv",
    "--pdeathsig",
    "KILL",
    "--",
    "/usr/bin/prlimit",
    ...limitArgs(limits, false),
    "--",
  ];
}
