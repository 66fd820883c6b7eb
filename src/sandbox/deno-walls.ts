/** Level `deno`: Deno's permissions and resource limits, where there are no namespaces (macOS, locked-down containers). */

import { chownSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doorOf } from "./run-folder.ts";
import type { WorkerLimits } from "./types.ts";
import {
  bunCommand,
  limitArgs,
  ONE_SHOT_LIMITS,
  programLimitArgs,
  type WallOptions,
  type Walls,
} from "./walls.ts";

/** Walls 1 and 3 only. `missing` tells the operator what the next level needs. */
export function createDenoWalls(options: WallOptions, missing: string): Walls {
  const { denoPath, guestEntry, guestFolders, libraries, cacheDir: cache } = options;
  const wrap = (limits: WorkerLimits, denoArgs: readonly string[]) => [
    ...prefix(limitArgs(limits, false), limits.files),
    denoPath,
    ...denoArgs,
  ];
  // So that a later start at a stronger level sees that what was added since is not its builder's.
  if (process.getuid?.() === 0) chownSync(cache, 0, 0);
  closeWebStorage(cache);
  return {
    level: "deno",
    description: `Deno permissions and resource limits only; ${missing}`,
    guestEntry,
    libraries,
    cache,
    layout: ({ root, val, socketFolder, scratch }) => {
      return {
        val,
        socketFolder,
        scratch,
        cache,
        guestEntry,
        guestFolders,
        libraries,
        door: join(root, "door"),
      };
    },
    prepare() {},
    seal: ({ root }) => addDoor(doorOf(options.runFolder), join(root, "door")),
    worker: (_folders, denoArgs) => wrap(options.limits, denoArgs),
    oneShot: (_folders, denoArgs) => wrap(ONE_SHOT_LIMITS, denoArgs),
    caFile: options.caFile,
    program(_folders, options) {
      const { limits } = options;
      return [...prefix(programLimitArgs(limits, false), limits.files), ...bunCommand(options)];
    },
    programScratch: ({ scratch }) => scratch,
    attached: undefined,
    firstPid: (pid) => pid,
    denoPid: (pid) => pid,
    close: async () => {},
  };
}

/**
 * Deno asks no permission for localStorage and caches, and keeps both in one folder for all vals. A file in its place
 * makes them fail, as the read-only cache does at the other levels.
 */
function closeWebStorage(cache: string): void {
  const place = join(cache, "location_data");
  rmSync(place, { recursive: true, force: true });
  writeFileSync(place, "");
}

/**
 * A link of its own for each worker: its val may write to this path, and so put something else there, but only there.
 * Where nobody listens, there is no door.
 */
function addDoor(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {}
}

/** util-linux only execs, so the process id stays Deno's. */
function prefix(limits: readonly string[], files: number): string[] {
  if (process.platform !== "linux") {
    return ["/bin/sh", "-c", `ulimit -c 0 -n ${files}; exec "$@"`, "sh"];
  }
  // The death signal makes a kill -9 of the server take its workers along, hanging ones too.
  return ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", "/usr/bin/prlimit", ...limits, "--"];
}
