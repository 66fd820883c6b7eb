import { killTree, preferAsVictim, send, toExit } from "./confined.ts";
import { treeUsage } from "./proc.ts";
import type { Piped } from "./spawn.ts";
import type { ConfinedProgram } from "./types.ts";
import type { Walls } from "./walls.ts";

/** Wrap a started program of ours as its owner knows it. */
export function createProgram(child: Piped, walls: Walls): ConfinedProgram {
  let ended = false;
  preferAsVictim(child.pid);
  const exited = child.exited.then((code) => {
    ended = true;
    return toExit(child.signalCode, code);
  });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    write: (data) => send(child, data),
    usage() {
      if (ended) return undefined;
      const pid = walls.denoPid(child.pid);
      return pid === undefined ? undefined : treeUsage(pid);
    },
    kill: () => killTree(child, walls),
  };
}
