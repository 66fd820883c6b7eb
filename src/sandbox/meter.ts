/** Watches what a one-shot run takes: memory and disk are everyone's, and a package may be a bomb. */

import { killTree } from "./confined.ts";
import { usageOf, writtenBytes } from "./proc.ts";
import type { Finished, Piped } from "./spawn.ts";
import { ONE_SHOT_LIMITS, type Walls } from "./walls.ts";

const LOOK_MS = 50;
// As a signal, and as the exit code of the program around the one it ended.
const TOO_LARGE_A_FILE = { signal: "SIGXFSZ", code: 128 + 25 };

type Exceeded = "memory" | "disk" | undefined;

/** @param maxWriteBytes over all files, as far as /proc tells; without it only a single file's size is limited */
export function createMeter(walls: Walls, maxWriteBytes = Number.POSITIVE_INFINITY) {
  let over: Exceeded;
  let timer: Timer | undefined;
  const look = (child: Piped) => {
    const pid = walls.denoPid(child.pid);
    if (over || pid === undefined) return;
    if (writtenBytes(pid) > maxWriteBytes) over = "disk";
    if ((usageOf(pid)?.rssBytes ?? 0) > ONE_SHOT_LIMITS.memoryBytes) over = "memory";
    if (over) killTree(child, walls);
  };
  return {
    watch(child: Piped): void {
      timer = setInterval(look, LOOK_MS, child);
    },
    stop: () => clearInterval(timer),
    exceeded({ signal, code }: Finished): Exceeded {
      return signal === TOO_LARGE_A_FILE.signal || code === TOO_LARGE_A_FILE.code ? "disk" : over;
    },
  };
}
