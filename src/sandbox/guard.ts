import { startPiped } from "./spawn.ts";

/**
 * Waits for the server's end, which it learns of by the end of its stdin. Death signals reach what is up and running,
 * but bubblewrap killed between two of its own first steps leaves a child that waits for ever: what still has the
 * run folder mounted is killed, a few times over because it may just be starting something.
 */
const GUARD = `read -r _
for turn in 1 2 3; do
  for file in $(grep -ls "$2" /proc/[0-9]*/mountinfo); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/mountinfo}" 2> /dev/null
  done
  sleep 0.1
done
rm -rf "$1/$2"`;

export interface Guard {
  /** Call it off: the server itself has cleaned up. */
  close(): Promise<void>;
}

/** Start the one process that outlives a kill -9 of the server, by a moment: it removes what is left of it. */
export function startGuard(runFolder: string): Guard {
  const at = runFolder.lastIndexOf("/");
  const [parent, name] = [runFolder.slice(0, at), runFolder.slice(at + 1)];
  const child = startPiped(["/bin/sh", "-c", GUARD, "guard", parent, name], { PATH: "/usr/bin:/bin" });
  return {
    async close() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
