import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../process.ts";
import type { Contestant, Vals } from "../types.ts";
import { createFolder, layOut, ROOT } from "./folder.ts";

/** `workerd`: one val as its only service; several through its worker loader, all with the code of the first. */
export const workerd: Contestant = {
  name: "workerd",
  async start(vals: Vals) {
    const folder = createFolder();
    layOut(folder.path, vals);
    const names = Object.keys(vals);
    await bundle(join(folder.path, names[0]!, "entry.ts"), folder.path);
    copyFileSync(join(ROOT, "bench/peers/workerd-loader.js"), join(folder.path, "loader.js"));
    writeFileSync(join(folder.path, "config.capnp"), config(names.length > 1));
    // Its own control channel names the port that was bound; ours must be the first line of stdout.
    const command = [
      join(ROOT, "node_modules/.bin/workerd"),
      ...["serve", "config.capnp", "--experimental", "--control-fd=1"],
    ];
    const child = await startProcess<{ event: string; port: number }>(command, { cwd: folder.path });
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

/** workerd runs JavaScript without imports from npm: bundle what Deno would resolve itself. */
async function bundle(entry: string, folder: string): Promise<void> {
  const built = await Bun.build({
    entrypoints: [entry],
    outdir: folder,
    naming: "val.js",
    target: "browser",
    plugins: [
      {
        name: "npm-specifiers",
        setup(build) {
          build.onResolve({ filter: /^npm:/ }, (args) => ({
            path: Bun.resolveSync(args.path.replace(/^npm:|@[\d.]+$/g, ""), ROOT),
          }));
        },
      },
    ],
  });
  if (!built.success) throw new AggregateError(built.logs, `Could not bundle ${entry} for workerd.`);
}

function config(loader: boolean): string {
  const plain = `(compatibilityDate = "2026-11-01", modules = [(name = "val.js", esModule = embed "val.js")])`;
  const loading = `(compatibilityDate = "2026-11-01", modules = [(name = "loader.js", esModule = embed "loader.js")],
    bindings = [(name = "LOADER", workerLoader = ()), (name = "CODE", text = embed "val.js")])`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = ${loader ? loading : plain})],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
}
