/**
 * What Deno and V8 found out about a bundle once (what it imports, its byte code) is read by later workers instead of being
 * found out again. Deno keeps both in SQLite files in DENO_DIR, by module address and a weak hash of the text. V8 believes
 * what it reads there, so no worker may write it: a run that is given nothing else compiles a bundle without running it, and
 * what it leaves becomes the DENO_DIR of the workers that are started from then on. It never changes any more.
 */

import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Libraries } from "./permissions.ts";

export interface CodeCacheOptions {
  readonly cacheDir: string;
  readonly denoPath: string;
  /** The guest's main module, as a worker sees it, and the host folders that it lies in. */
  readonly guestEntry: string;
  readonly guestFolders: readonly string[];
  /** The guest's packages, as a worker sees them. */
  readonly libraries: Libraries;
  /** How long nothing new may have come before it is taken in; saves come in bursts, and the machine is busy then. */
  readonly quietMs?: number | undefined;
  /** V8 takes no code that was compiled with other flags. */
  readonly v8Flags: string;
  /** Run Deno with each of these arguments, in turn, in one folder that `prepare` fills and that is its DENO_DIR; false when one fails. */
  run(
    prepare: (folder: string) => void,
    commands: readonly (readonly string[])[],
    take: (folder: string) => void,
  ): Promise<boolean>;
}

/** Deno's own names; an update of Deno may change them, which the test would see. */
const FILES = ["v8_code_cache_v2", "dep_analysis_cache_v2", "node_analysis_cache_v2"];
/** The folder of them all, in the shared cache. */
const HOME = "code";
/** What workers find in the shared cache. */
const SHARED = ["npm", "remote"];
/** Which bundles are in it, and for which Deno. */
const LIST = "list.json";
/** Smaller ones are compiled as fast as they are looked up. */
const MIN_BYTES = 16 * 1024;
/** Nothing is ever taken out: a larger one is begun anew. */
const MAX_BYTES = 128 * 2 ** 20;
const MAX_NAMES = 10_000;
const QUIET_MS = 2000;
const PATIENCE_MS = 10_000;
const FLAGS = ["--no-config", "--no-lock", "--no-prompt", "--no-remote", "--no-npm", "--quiet"];

/** Node's modules, as far as packages commonly ask for them: Deno compiles them at first use too. */
const BUILTINS =
  "assert async_hooks buffer child_process constants crypto diagnostics_channel dns events fs fs/promises http http2 https module net os path perf_hooks process punycode querystring readline stream stream/promises stream/web string_decoder timers timers/promises tls tty url util util/types v8 vm worker_threads zlib".split(
    " ",
  );

const TEND = `import { DatabaseSync } from "node:sqlite";
for (const file of ${JSON.stringify(FILES)}) {
  const database = new DatabaseSync(file);
  // Or Deno does it at the next opening, which in a worker fails, and with it everything.
  database.exec("ANALYZE");
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}`;

/** A DENO_DIR of workers. */
export interface Generation {
  /** Below the shared cache. */
  readonly path: string;
  readonly folder: string;
  users: number;
}

export class CodeCache {
  readonly #options: CodeCacheOptions;
  readonly #names = new Map<string, string>();
  readonly #version: string;
  #known = new Set<string>();
  #current: Generation | undefined;
  #count = 0;
  readonly #pending = new Map<string, string>();
  #settled: PromiseWithResolvers<boolean> | undefined;
  #timer: Timer | undefined;
  #since = 0;
  #running = false;
  #closed = false;

  constructor(options: CodeCacheOptions) {
    this.#options = options;
    this.#version = versionOf(options);
    this.#recover();
  }

  /** For a worker that is being started, until `release`; undefined: there is nothing yet. */
  take(): Generation | undefined {
    const current = this.#current;
    if (current) current.users++;
    return current;
  }

  /** A worker is gone. */
  release(generation: Generation): void {
    generation.users--;
    if (generation !== this.#current) this.#removeUnused(generation);
  }

  /** Name of a module by its whole content, under which workers are to import it; undefined when it is too small for that. */
  nameOf(path: string): string | undefined {
    if (!path.endsWith(".js") || statSync(path).size < MIN_BYTES) return undefined;
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const name = `${createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 32)}.js`;
    this.#names.set(path, name);
    return name;
  }

  /** Take in the module at this host path, soon; resolves with whether workers that start from now on have it anew. */
  async add(path: string): Promise<boolean> {
    const name = this.#closed ? undefined : this.nameOf(path);
    if (name === undefined || this.#known.has(name)) return false;
    this.#pending.set(name, path);
    this.#settled ??= Promise.withResolvers<boolean>();
    const { promise } = this.#settled;
    this.#schedule();
    return promise;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#settled?.resolve(false);
  }

  #schedule(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#since = now;
    if (this.#running) return;
    clearTimeout(this.#timer);
    const { quietMs = QUIET_MS } = this.#options;
    const delay = Math.max(0, Math.min(quietMs, this.#since + PATIENCE_MS - now));
    this.#timer = setTimeout(() => this.#renew(), delay);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    this.#timer = undefined;
    this.#running = true;
    const settled = this.#settled;
    const batch = new Map(this.#pending);
    this.#settled = undefined;
    this.#pending.clear();
    const done = await this.#make(batch).catch(() => false);
    this.#running = false;
    settled?.resolve(done);
    if (this.#settled && !this.#closed) this.#schedule();
  }

  async #make(batch: ReadonlyMap<string, string>): Promise<boolean> {
    const { v8Flags, guestEntry, libraries } = this.#options;
    const packages = Object.values(libraries).map((path) => Bun.pathToFileURL(path).href);
    const last = this.#current;
    const isFresh = last === undefined || sizeOf(last) > MAX_BYTES;
    const seeds = [...batch.keys()];
    const prepare = (folder: string) => {
      for (const file of last && !isFresh ? FILES : [])
        copyFileSync(join(last!.folder, file), join(folder, file));
      for (const [name, path] of batch) copyFileSync(path, join(folder, name));
      const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
      file("throw.js", "throw undefined;");
      for (const [at, name] of seeds.entries()) file(`seed${at}.js`, compileOnly(`./${name}`));
      const guest = Bun.pathToFileURL(guestEntry).href;
      file("guest.js", compileOnly(guest));
      file("warm.js", compileOnly(new URL("warm-val.ts", guest).href));
      for (const [at, url] of packages.entries()) file(`package${at}.js`, compileOnly(url));
      file("main.js", mainOf(isFresh, packages.length, seeds.length));
      file("tend.js", TEND);
    };
    const seed = ["run", ...FLAGS, v8Flags, "--allow-read", "main.js"];
    const tend = ["run", ...FLAGS, "--no-code-cache", "--allow-read", "--allow-write=.", "tend.js"];
    return await this.#options.run(prepare, [seed, tend], (folder) => {
      if (isFresh) this.#known = new Set();
      for (const name of seeds) this.#known.add(name);
      this.#publish(folder);
    });
  }

  #publish(made: string): void {
    const generation = this.#generation(`${++this.#count}`);
    const { folder } = generation;
    mkdirSync(folder, { mode: 0o755 });
    for (const file of FILES) {
      copyFileSync(join(made, file), join(folder, file));
      // SQLite makes them if they are not there, which in a worker it cannot, and reads that there is nothing in them.
      for (const suffix of ["-wal", "-shm"]) writeFileSync(join(folder, file + suffix), "");
    }
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    for (const name of SHARED) symlinkSync(`../../${name}`, join(folder, name));
    chmodSync(folder, 0o755);
    // Last: without it the folder is that of a server that was killed just now.
    writeFileSync(join(folder, LIST), JSON.stringify({ version: this.#version, names: [...this.#known] }));
    const last = this.#current;
    this.#current = generation;
    if (last) this.#removeUnused(last);
  }

  #generation(name: string): Generation {
    return { path: `${HOME}/${name}`, folder: join(this.#options.cacheDir, HOME, name), users: 0 };
  }

  /** What an earlier server left, if it is of use; no worker of its own is left. */
  #recover(): void {
    const home = join(this.#options.cacheDir, HOME);
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o755);
    for (const name of readdirSync(home).sort((a, b) => Number(b) - Number(a))) {
      const list = this.#current ? undefined : readList(join(home, name, LIST), this.#version);
      if (list === undefined) rmSync(join(home, name), { recursive: true, force: true });
      else {
        this.#known = new Set(list);
        this.#current = this.#generation(name);
        this.#count = Number(name);
      }
    }
  }

  #removeUnused(generation: Generation): void {
    if (generation.users === 0) rmSync(generation.folder, { recursive: true, force: true });
  }
}

function sizeOf({ folder }: Generation): number {
  return FILES.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** Under its own name as in the cache, beside the files of one worker. */
export function linkAs(folder: string, entry: string, name: string): void {
  linkSync(join(folder, entry), join(folder, name));
}

/** A module is compiled when all of a graph is there, and run after those before it: the first one throws. */
function compileOnly(specifier: string): string {
  return `import "./throw.js";\nimport "${specifier}";`;
}

function mainOf(isFresh: boolean, packages: number, seeds: number): string {
  const quietly = (expression: string) => `await ${expression}.catch(() => {});\n`;
  const ours = [
    ...BUILTINS.map((name) => `import("node:${name}")`),
    'import("./guest.js")',
    'import("./warm.js")',
    ...numbered("package", packages),
    // What Deno itself compiles at first use.
    'fetch("data:text/plain,a").then((response) => response.text())',
    "Promise.resolve([Deno.serve, new Request('http://a'), new Response('a'), new Headers(), new FormData(), Deno.inspect({})])",
  ];
  return [...(isFresh ? ours : []), ...numbered("seed", seeds)].map(quietly).join("");
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `import("./${name}${at}.js")`);
}

/** Of all that what is in it depends on, but for the bundles themselves. */
function versionOf({ denoPath, guestFolders, v8Flags, guestEntry }: CodeCacheOptions): string {
  const { size, mtimeMs } = statSync(denoPath);
  const hash = createHash("sha256").update(`${size} ${mtimeMs} ${v8Flags} ${guestEntry}\n`);
  for (const folder of guestFolders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort())
      if (name.endsWith(".ts")) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

function readList(path: string, version: string): string[] | undefined {
  try {
    const list = JSON.parse(readFileSync(path, "utf8"));
    return list.version === version ? list.names : undefined;
  } catch {
    return undefined;
  }
}
