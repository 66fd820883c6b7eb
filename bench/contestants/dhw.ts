import { join } from "node:path";
import { startProcess } from "../process.ts";
import type { Contestant, ContestantName, Vals } from "../types.ts";
import { createFolder, DENO, layOut, ROOT } from "./folder.ts";

/** `@valtown/deno-http-worker` behind `node:http`, one worker per val, started by its first request. */
export const dhw = createDhw("dhw", {});

/** The same with every switch of its `next` option on. */
export const dhwFast = createDhw("dhw-fast", { cacheBootstrap: true, fastReady: true, skipWarm: true });

function createDhw(name: ContestantName, next: Record<string, boolean>): Contestant {
  return {
    name,
    async start(vals: Vals) {
      const folder = createFolder();
      layOut(folder.path, vals);
      const script = join(ROOT, "bench/peers/dhw.mjs");
      const command = ["node", script, folder.path, DENO, JSON.stringify(next)];
      // It leaves its sockets in the temporary folder.
      const env = { TMPDIR: folder.path };
      const child = await startProcess<{ port: number }>(command, { cwd: folder.path, env });
      return {
        port: child.ready.port,
        frontPid: child.pid,
        host: (val) => `${val}.localhost`,
        async stop() {
          await child.stop();
          folder.remove();
        },
      };
    },
  };
}
