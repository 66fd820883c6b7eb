import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProcess } from "../process.ts";
import type { Contestant, Vals } from "../types.ts";
import { createFolder, DENO, layOut, ROOT } from "./folder.ts";

/** `Deno.serve` alone, on TCP: what is left when there is no platform at all. One val only. */
export const direct: Contestant = {
  name: "direct",
  async start(vals: Vals) {
    const folder = createFolder();
    layOut(folder.path, vals);
    const [val] = Object.keys(vals);
    const entry = pathToFileURL(join(folder.path, val!, "main.ts")).href;
    const script = join(ROOT, "bench/peers/direct.ts");
    const command = [DENO, "run", "-A", "--quiet", "--no-check", "--no-lock", "--no-config", script, entry];
    const child = await startProcess<{ port: number }>(command, { cwd: folder.path });
    return {
      port: child.ready.port,
      frontPid: child.pid,
      host: (name) => `${name}.localhost`,
      async stop() {
        await child.stop();
        folder.remove();
      },
    };
  },
};
