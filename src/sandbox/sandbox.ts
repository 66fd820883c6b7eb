/** How one process is confined, started and stopped. The level is chosen once, at start. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { HamletError } from "../errors.ts";
import { createConfined } from "./confined.ts";
import { createDenoWalls } from "./deno-walls.ts";
import { parseEgress } from "./egress.ts";
import { denoEnv, openFlags, workerFlags } from "./permissions.ts";
import { createRunFolder, makeFolder, removeRunFolder } from "./run-folder.ts";
import { runToEnd, startPiped } from "./spawn.ts";
import type { Confined, RunOptions, RunResult, Sandbox, WorkerLimits } from "./types.ts";
import type { Walls, WorkerFolders } from "./walls.ts";

export interface SandboxOptions {
  /** `auto`: the strongest this machine has; `strict`: all walls or none of it; `deno`: without namespaces. */
  readonly mode: "auto" | "strict" | "deno";
  /** The Deno executable itself, not a launcher script. */
  readonly denoPath: string;
  /** Host path of the guest's main module. */
  readonly guestEntry: string;
  /** Host folders that hold the guest and what it imports. */
  readonly guestFolders: readonly string[];
  /** DENO_DIR: the shared package cache. */
  readonly cacheDir: string;
  readonly limits: WorkerLimits;
  readonly egressAllow: readonly string[];
  readonly egressDeny: readonly string[];
  /** `allow-all` takes wall 1 away, to test that the others hold alone. */
  readonly permissions?: "walls" | "allow-all";
  /** URL of the npm registry, when it is not Deno's default. */
  readonly registry?: string;
}

/** Build the walls; throws HamletError `config` when they cannot stand as asked. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const egress = parseEgress(options.egressAllow, options.egressDeny);
  const runFolder = createRunFolder();
  try {
    const walls = await chooseWalls(options, runFolder);
    return new Town(options, runFolder, walls, egress);
  } catch (error) {
    removeRunFolder(runFolder);
    throw error;
  }
}

async function chooseWalls(options: SandboxOptions, runFolder: string): Promise<Walls> {
  if (options.mode === "strict") throw new HamletError("config", "--sandbox strict is not possible here.");
  return createDenoWalls({ ...options, runFolder }, "namespaces were not asked for.");
}

class Town implements Sandbox {
  readonly #options: SandboxOptions;
  readonly #folder: string;
  readonly #walls: Walls;
  readonly #egress: ReturnType<typeof parseEgress>;
  readonly #workers = new Set<Confined>();
  readonly #slots = new Set<number>();
  #started = 0;

  constructor(options: SandboxOptions, folder: string, walls: Walls, egress: ReturnType<typeof parseEgress>) {
    this.#options = options;
    this.#folder = folder;
    this.#walls = walls;
    this.#egress = egress;
  }

  get level() {
    return this.#walls.level;
  }

  get description() {
    return this.#walls.description;
  }

  spawn(): Confined {
    const { limits, permissions, registry } = this.#options;
    const id = `w${++this.#started}`;
    const folders = this.#makeFolders(id);
    const seen = this.#walls.layout(folders);
    const flags =
      permissions === "allow-all"
        ? openFlags(limits.memoryBytes)
        : workerFlags(seen, this.#egress, limits.memoryBytes);
    const command = this.#walls.worker(folders, ["run", ...flags, this.#walls.guestEntry]);
    const child = startPiped(command, denoEnv(seen.cache, seen.scratch, registry), folders.root);
    const confined = createConfined(id, child, folders, this.#walls);
    this.#workers.add(confined);
    confined.exited.then(() => {
      this.#workers.delete(confined);
      this.#removeFolders(folders);
    });
    return confined;
  }

  async run(run: RunOptions): Promise<RunResult> {
    const folders = this.#makeFolders(`r${++this.#started}`);
    try {
      const seen = this.#walls.layout(folders);
      const command = this.#walls.oneShot(folders, { ...run, denoArgs: run.args });
      const env = denoEnv(seen.cache, seen.scratch, this.#options.registry);
      return await runToEnd(command, { ...run, env, cwd: run.folder });
    } finally {
      this.#removeFolders(folders);
    }
  }

  async close(): Promise<void> {
    const workers = [...this.#workers];
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map((worker) => worker.exited));
    await this.#walls.close();
    removeRunFolder(this.#folder);
  }

  #makeFolders(id: string): WorkerFolders {
    let slot = 0;
    while (this.#slots.has(slot)) slot++;
    this.#slots.add(slot);
    const root = makeFolder(join(this.#folder, id), 0o755);
    return {
      slot,
      root,
      val: makeFolder(join(root, "val"), 0o755),
      socketFolder: makeFolder(join(root, "sock"), 0o700),
      scratch: makeFolder(join(root, "tmp"), 0o700),
    };
  }

  #removeFolders(folders: WorkerFolders): void {
    this.#slots.delete(folders.slot);
    rmSync(folders.root, { recursive: true, force: true });
  }
}
