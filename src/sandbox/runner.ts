/** Starts, lists and ends the processes of one server behind given walls. */

import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CodeCache } from "./code-cache.ts";
import { copyFolder, createConfined, killTree } from "./confined.ts";
import type { Egress } from "./egress.ts";
import { type Guard, startGuard } from "./guard.ts";
import { createMeter } from "./meter.ts";
import {
  denoEnv,
  fetchFlags,
  heapFlag,
  type ModuleHosts,
  type OwnProcess,
  openFlags,
  workerFlags,
} from "./permissions.ts";
import { createProgram } from "./program.ts";
import { doorOf, makeFolder, removeRunFolder } from "./run-folder.ts";
import { runToEnd, startPiped } from "./spawn.ts";
import type {
  Confined,
  ConfinedProgram,
  ProgramOptions,
  RunOptions,
  RunResult,
  Sandbox,
  WorkerLimits,
} from "./types.ts";
import type { Walls, WorkerFolders } from "./walls.ts";

export interface RunnerOptions {
  readonly walls: Walls;
  readonly runFolder: string;
  readonly egress: Egress;
  /** What runs that fetch modules may reach: that, and the operator's own registries. */
  readonly fetches: Egress;
  readonly limits: WorkerLimits;
  readonly permissions?: "walls" | "allow-all";
  readonly hosts: ModuleHosts;
  readonly cacheDir: string;
  readonly nativePackages?: boolean;
  readonly seedQuietMs?: number;
  readonly denoPath: string;
  readonly guestFolders: readonly string[];
}

/** Nothing is started yet. */
export function startRunner(options: RunnerOptions): Sandbox {
  return new Runner(options);
}

class Runner implements Sandbox {
  readonly #options: RunnerOptions;
  readonly #workers = new Set<Confined>();
  readonly #programs = new Set<ConfinedProgram>();
  readonly #runs = new Set<Promise<unknown>>();
  readonly #slots = new Set<number>();
  readonly #guard: Guard;
  readonly #closing = new AbortController();
  /** Not where each worker has its val elsewhere, under another address. */
  readonly #codeCache: CodeCache | undefined;
  #started = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#guard = startGuard(options.runFolder);
    const { walls, limits } = options;
    if (walls.level !== "deno")
      this.#codeCache = new CodeCache({
        ...options,
        guestEntry: walls.guestEntry,
        libraries: walls.libraries,
        quietMs: options.seedQuietMs,
        v8Flags: heapFlag(limits.memoryBytes),
        run: (prepare, commands, take) => this.#tracked(this.#runAlone(prepare, commands, take)),
      });
  }

  get level() {
    return this.#options.walls.level;
  }

  get description() {
    return this.#options.walls.description;
  }

  get cacheDir() {
    return this.#options.cacheDir;
  }

  get door() {
    return doorOf(this.#options.runFolder);
  }

  spawn(artifact?: string): Confined {
    const { walls, egress, limits, permissions, hosts } = this.#options;
    const folders = this.#makeFolders("w");
    walls.prepare(folders);
    const seen = walls.layout(folders);
    const code = artifact === undefined ? this.#codeCache?.take() : undefined;
    const shared = { cache: code ? `${seen.cache}/${code.path}` : seen.cache, codeCache: code !== undefined };
    const { cache, ...own } = artifact === undefined ? shared : this.#settle(artifact, folders);
    const flags =
      permissions === "allow-all"
        ? openFlags(seen, limits.memoryBytes, own)
        : workerFlags(seen, egress, limits.memoryBytes, own);
    const command = walls.worker(folders, ["run", ...flags, walls.guestEntry], artifact !== undefined);
    const env = denoEnv(cache, seen.scratch, hosts);
    const child = startPiped(command, env, folders.val, walls.attached);
    const confined = createConfined(child, folders, walls, {
      artifact,
      codeCache: artifact === undefined ? this.#codeCache : undefined,
    });
    this.#workers.add(confined);
    confined.exited.then(() => {
      this.#workers.delete(confined);
      this.#removeFolders(folders);
      if (code) this.#codeCache?.release(code);
    });
    return confined;
  }

  get cache() {
    return this.#options.walls.cache;
  }

  program(options: ProgramOptions): ConfinedProgram {
    const { walls } = this.#options;
    const folders = this.#makeFolders("p");
    const scratch = walls.programScratch(folders);
    const env = { ...options.env, HOME: scratch, TMPDIR: scratch };
    const child = startPiped(walls.program(folders, options), env, folders.scratch, walls.attached);
    const program = createProgram(child, walls);
    this.#programs.add(program);
    program.exited.then(() => {
      this.#programs.delete(program);
      this.#removeFolders(folders);
    });
    return program;
  }

  async seed(artifact: string, entry: string): Promise<boolean> {
    return (await this.#codeCache?.add(join(artifact, entry))) ?? false;
  }

  run(options: RunOptions): Promise<RunResult> {
    return this.#tracked(this.#run(options));
  }

  #tracked<T>(running: Promise<T>): Promise<T> {
    this.#runs.add(running);
    return running.finally(() => this.#runs.delete(running));
  }

  async close(): Promise<void> {
    // A build in progress is not worth waiting for.
    this.#closing.abort();
    this.#codeCache?.close();
    const all = [...this.#workers, ...this.#programs];
    for (const one of all) one.kill();
    await Promise.all(all.map((one) => one.exited));
    await Promise.allSettled(this.#runs);
    await this.#options.walls.close();
    removeRunFolder(this.#options.runFolder);
    await this.#guard.close();
  }

  async #run(options: RunOptions): Promise<RunResult> {
    const { walls, fetches, hosts } = this.#options;
    const { folder, writes, writeCache, remote = writeCache } = options;
    const folders = this.#makeFolders("r");
    const meter = createMeter(walls, options.maxWriteBytes);
    try {
      if (typeof folder === "string") copyFolder(folder, folders.val);
      else for (const [name, text] of Object.entries(folder)) writeFileSync(join(folders.val, name), text);
      const { cache, scratch, val } = walls.layout(folders);
      const [command = "", ...rest] = options.args;
      const flags = remote ? fetchFlags(fetches) : [];
      const rights = { cache: writeCache, folder: writes !== undefined };
      const result = await runToEnd(walls.oneShot(folders, [command, ...flags, ...rest], rights), {
        env: denoEnv(cache, scratch, hosts),
        cwd: folders.val,
        attached: walls.attached,
        timeoutMs: options.timeoutMs,
        maxOutputBytes: options.maxOutputBytes,
        signal: this.#closing.signal,
        started: meter.watch,
        kill: (child) => killTree(child, walls),
      });
      const hasWritten = writes !== undefined && result.code === 0;
      const written = hasWritten ? readBounded(join(folders.val, writes)) : undefined;
      const more = { exceeded: meter.exceeded(result), folder: `${Bun.pathToFileURL(val).href}/` };
      return { ...result, ...more, ...(written === undefined ? {} : { written }) };
    } finally {
      meter.stop();
      this.#removeFolders(folders);
    }
  }

  /** Deno's runs in a folder of their own that nobody else's files are in, and that is all they may write. */
  async #runAlone(
    prepare: (folder: string) => void,
    commands: readonly (readonly string[])[],
    take: (folder: string) => void,
  ): Promise<boolean> {
    const { walls } = this.#options;
    const folders = this.#makeFolders("s");
    try {
      prepare(folders.val);
      const { scratch, val } = walls.layout(folders);
      for (const args of commands) {
        const { code } = await runToEnd(walls.oneShot(folders, args, { cache: false, folder: true }), {
          env: denoEnv(val, scratch),
          cwd: folders.val,
          attached: walls.attached,
          timeoutMs: 30_000,
          maxOutputBytes: 64 * 1024,
          signal: this.#closing.signal,
          kill: (child) => killTree(child, walls),
        });
        if (code !== 0) return false;
      }
      take(folders.val);
      return true;
    } finally {
      this.#removeFolders(folders);
    }
  }

  /** Place a val whose own process is about to start; it may bring a lock, and a cache beside the shared packages. */
  #settle(artifact: string, folders: WorkerFolders): OwnProcess & { readonly cache: string } {
    const { walls, nativePackages = false } = this.#options;
    const seen = walls.layout(folders);
    copyFolder(artifact, folders.val);
    const hasLock = existsSync(join(folders.val, "deno.lock"));
    const hasCache = existsSync(join(folders.val, "deno"));
    if (hasCache) symlinkSync(`${seen.cache}/npm`, join(folders.val, "deno/npm"));
    return {
      lock: hasLock ? `${seen.val}/deno.lock` : undefined,
      native: nativePackages && walls.level !== "deno",
      cache: hasCache ? `${seen.val}/deno` : seen.cache,
    };
  }

  #makeFolders(kind: string): WorkerFolders {
    let slot = 0;
    while (this.#slots.has(slot)) slot++;
    this.#slots.add(slot);
    const name = `${kind}${++this.#started}`;
    const root = makeFolder(join(this.#options.runFolder, "run", name), 0o755);
    return {
      slot,
      name,
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

const MAX_WRITTEN = 16 * 2 ** 20;

/** A plain file only: Deno is not ours to trust with where a link leads. */
function readBounded(path: string): string | undefined {
  const info = lstatSync(path, { throwIfNoEntry: false });
  return info?.isFile() && info.size <= MAX_WRITTEN ? readFileSync(path, "utf8") : undefined;
}
