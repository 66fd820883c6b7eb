/** How one process is confined, started and stopped. The level is chosen once, at start. */

import { lookup } from "node:dns/promises";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { HamletError } from "../errors.ts";
import { parseCidr } from "./cidr.ts";
import { createDenoWalls } from "./deno-walls.ts";
import { type Egress, parseEgress } from "./egress.ts";
import { createNamespaceWalls } from "./namespace-walls.ts";
import type { Libraries } from "./permissions.ts";
import { createRunFolder, makeFolder, removeRunFolder } from "./run-folder.ts";
import { startRunner } from "./runner.ts";
import type { Sandbox, WorkerLimits } from "./types.ts";
import { canChangeUser } from "./users.ts";
import type { WallOptions, Walls } from "./walls.ts";

export { createEgressCheck, parseEgress } from "./egress.ts";

export interface SandboxOptions {
  /** `auto`: the strongest this machine has; `strict`: all walls or none of it; `deno`: without namespaces. */
  readonly mode: "auto" | "strict" | "deno";
  /** The Deno executable itself, not a launcher script. */
  readonly denoPath: string;
  /** Host path of the guest's main module. */
  readonly guestEntry: string;
  /** Host folders that hold the guest and what it imports. */
  readonly guestFolders: readonly string[];
  /** Packages that the guest may import, and no val: by name, the host path of the module. Its folder has all of it. */
  readonly libraries: Libraries;
  /** DENO_DIR: the shared package cache. */
  readonly cacheDir: string;
  readonly limits: WorkerLimits;
  readonly egressAllow: readonly string[];
  readonly egressDeny: readonly string[];
  /** `allow-all` takes wall 1 away, to test that the others hold alone. */
  readonly permissions?: "walls" | "allow-all";
  /** How long no bundle may have come to `seed` before those that did are taken in. */
  readonly seedQuietMs?: number;
  /** Workers that are started for one val may load machine code from the package cache, where they have namespaces. */
  readonly nativePackages?: boolean;
  /** URL of the npm registry, when it is not Deno's default. */
  readonly registry?: string | undefined;
  /** URL of the JSR registry, when it is not Deno's default. */
  readonly jsrUrl?: string | undefined;
  /** Host path of certificates (PEM) that are trusted beside the known authorities'. */
  readonly caFile?: string | undefined;
}

/** Build the walls; throws HamletError `config` when they cannot stand as asked. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const egress = parseEgress(options.egressAllow, options.egressDeny);
  requireFile(options.caFile);
  const npm = await registryAddresses(options.registry);
  const jsr = await registryAddresses(options.jsrUrl);
  const wall = { ...egress, allow: [...egress.allow, ...npm, ...jsr] };
  // Deno asks the packages of JSR for the permission of other modules.
  const fetches = { ...egress, allow: [...egress.allow, ...jsr] };
  mkdirSync(options.cacheDir, { recursive: true });
  const reasons: string[] = [];
  for (const build of candidates(options)) {
    const runFolder = createRunFolder();
    try {
      const walls = await build({ ...options, runFolder, egress: wall }, reasons);
      return await tryOut(walls, options, runFolder, { egress, fetches });
    } catch (error) {
      removeRunFolder(runFolder);
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  const wanted = options.mode === "strict" ? "--sandbox strict needs all walls, but " : "";
  throw new HamletError("config", `${wanted}${reasons[0]}. \`hamlet doctor\` says what to do.`);
}

function requireFile(caFile: string | undefined): void {
  if (caFile === undefined || existsSync(caFile)) return;
  throw new HamletError(
    "config",
    `--ca-file ${caFile} is not there. Name a file of certificates in PEM form.`,
  );
}

/** A registry of the operator's own, maybe at a private address, which builds must reach; vals are refused it by Deno. */
async function registryAddresses(registry: string | undefined): Promise<Egress["allow"]> {
  if (registry === undefined) return [];
  const { hostname, port, protocol } = new URL(registry);
  const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
  const service = Number(port) || (protocol === "http:" ? 80 : 443);
  return found.flatMap(({ address }) => {
    const range = parseCidr(address);
    return range ? [{ range, port: service }] : [];
  });
}

type Build = (options: WallOptions, reasons: readonly string[]) => Walls | Promise<Walls>;

/** From the strongest down. */
function candidates({ mode }: SandboxOptions): Build[] {
  const full: Build = (options) => createNamespaceWalls(options, canChangeUser());
  const namespaces: Build = (options, [reason]) => createNamespaceWalls(options, canChangeUser(), reason);
  const deno: Build = (options, reasons) => createDenoWalls(options, reasons.at(-1) ?? reasonFor(mode));
  if (mode === "strict") return [full];
  return mode === "deno" || process.platform !== "linux" ? [deno] : [full, namespaces, deno];
}

function reasonFor(mode: string): string {
  return mode === "deno" ? "--sandbox deno asks for no more" : "namespaces need Linux";
}

/** Walls are believed only after they have run Deno once. */
async function tryOut(
  walls: Walls,
  options: SandboxOptions,
  runFolder: string,
  reach: { egress: Egress; fetches: Egress },
): Promise<Sandbox> {
  const hosts = { registry: options.registry, jsrUrl: options.jsrUrl, caFile: walls.caFile };
  const sandbox = startRunner({ ...options, ...reach, hosts, walls, runFolder });
  const empty = makeFolder(join(runFolder, "empty"), 0o755);
  const once = {
    args: ["--version"],
    folder: empty,
    writeCache: false,
    timeoutMs: 30_000,
    maxOutputBytes: 4096,
  };
  const { code, stderr } = await sandbox.run(once);
  if (code === 0) return sandbox;
  await sandbox.close();
  throw new HamletError(
    "config",
    `Deno does not run behind these walls: ${stderr.trim() || `exit code ${code}`}`,
  );
}
