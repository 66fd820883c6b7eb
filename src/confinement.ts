/** What a worker of this installation is made of, and how much it may take; for the server and for `hamlet doctor`. */

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";
import { HamletError } from "./errors.ts";
import type { SandboxOptions } from "./sandbox/sandbox.ts";

const ROOT = join(import.meta.dir, "..");
/** Our own code inside a worker, and by name what of it, and of others', is read only where it is needed. */
export const GUEST = {
  guestEntry: join(ROOT, "src/guest/main.ts"),
  guestFolders: [join(ROOT, "src/guest"), join(ROOT, "src/wire")],
  libraries: {
    "postal-mime": fileURLToPath(import.meta.resolve("postal-mime")),
    // Each module that every worker reads costs each of them two milliseconds of its start.
    "hamlet-mail": join(ROOT, "src/guest/mail/mail.ts"),
  },
};
const WORKER_FILES = 8192;
const WORKER_FILE_BYTES = 256 * 1024 * 1024;
/** Processes and threads of one worker. */
export const WORKER_TASKS = 64;

/** `cacheDir` is the folder of the shared package cache. Throws HamletError `config` when Deno is not installed. */
export function toSandboxOptions(config: Config, cacheDir: string): SandboxOptions {
  return {
    mode: config.sandbox,
    denoPath: findDeno(ROOT),
    ...GUEST,
    cacheDir,
    limits: {
      memoryBytes: config.memory,
      tasks: WORKER_TASKS,
      files: WORKER_FILES,
      fileBytes: WORKER_FILE_BYTES,
    },
    egressAllow: config.egressAllow,
    egressDeny: config.egressDeny,
    registry: config.registry,
    jsrUrl: config.jsrUrl,
    caFile: config.caFile,
    nativePackages: config.nativePackages === "on",
    permissions: config.unsafePermissions ? "allow-all" : "walls",
  };
}

/**
 * Deno lies in our own node_modules, or beside us when Hamlet is itself a dependency: where its install script put it,
 * or, where install scripts are switched off, still in the package for this platform.
 */
function findDeno(folder: string): string {
  const modules = join(folder, "node_modules");
  const platforms = existsSync(join(modules, "@deno")) ? readdirSync(join(modules, "@deno")) : [];
  const places = [
    join(modules, "deno/deno"),
    ...platforms.map((name) => join(modules, "@deno", name, "deno")),
  ];
  const found = places.find((path) => existsSync(path));
  if (found) return found;
  if (dirname(folder) !== folder) return findDeno(dirname(folder));
  const detail = `Deno, the runtime of the vals, is not installed. Run "npm ci" in ${ROOT}, without --omit=optional.`;
  throw new HamletError("config", detail);
}
