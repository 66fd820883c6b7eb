/** LOCK: what a val's imports from elsewhere are, exactly. Deno resolves them, and sees nothing of the val but them. */

import { access } from "node:fs/promises";
import { join } from "node:path";
import type { RunOptions, RunResult, Sandbox } from "../sandbox/types.ts";
import type { Lock, LockedPackage, Problem } from "../wire/lock.ts";
import { parseLockFile } from "./lock-file.ts";
import { gateOf } from "./lock-gate.ts";
import { type Info, parseInfo, toLock } from "./lock-info.ts";
import { explain, outOfTime, tooMuch } from "./lock-problems.ts";
import { restrictLock } from "./lock-restrict.ts";
import { isSpecifier, parseSpecifier } from "./specifier.ts";

export type { Lock, LockedModule, LockedPackage, Problem } from "../wire/lock.ts";

export interface LockRequest {
  readonly sandbox: Sandbox;
  /** As the val writes them; each is checked. */
  readonly specifiers: readonly string[];
  /** Of the last good build: what it has pinned stays. */
  readonly previous?: Lock | undefined;
  /** For all that must be fetched. */
  readonly timeoutMs?: number;
}

export type LockResult =
  | { readonly ok: true; readonly lock: Lock }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const FETCH_MS = 60_000;
const OFFLINE_MS = 20_000;
const MAX_SPECIFIERS = 500;
const MAX_OUTPUT = 32 * 2 ** 20;
/** What one fetch may write to the disk. */
const MAX_FETCH = 2 ** 30;
const EMPTY_TEXT = '{\n  "version": "5"\n}\n';
const EMPTY: Lock = { text: EMPTY_TEXT, specifiers: {}, packages: {}, modules: {}, redirects: {} };

/**
 * Resolve these imports to exact versions that are all in the package cache. Fetches what is not there yet, runs nothing
 * of it, and starts no process at all when `previous` has everything.
 */
export async function resolveLock(request: LockRequest): Promise<LockResult> {
  const specifiers = [...new Set(request.specifiers)].toSorted();
  if (specifiers.length > MAX_SPECIFIERS) return failed([tooMany(specifiers)]);
  const malformed = specifiers.flatMap((specifier) => check(specifier));
  if (malformed.length > 0) return failed(malformed);
  if (specifiers.length === 0) return { ok: true, lock: EMPTY };
  const known = restrictLock(request.previous ?? EMPTY, specifiers);
  const missing = specifiers.filter((one) => !has(known, one));
  if (missing.length === 0 && (await isCached(request.sandbox, known))) return { ok: true, lock: known };
  return new Resolution(request, specifiers, missing, known).run();
}

/** One set of specifiers on its way to a lock. */
class Resolution {
  readonly #sandbox: Sandbox;
  readonly #specifiers: readonly string[];
  readonly #missing: readonly string[];
  readonly #known: Lock;
  readonly #deadline: number;

  constructor(request: LockRequest, specifiers: readonly string[], missing: readonly string[], known: Lock) {
    this.#sandbox = request.sandbox;
    this.#specifiers = specifiers;
    this.#missing = missing.length > 0 ? missing : specifiers;
    this.#known = known;
    this.#deadline = performance.now() + (request.timeoutMs ?? FETCH_MS);
  }

  async run(): Promise<LockResult> {
    return (await this.#offline()) ?? (await this.#online());
  }

  /** Most saves add what somebody has fetched before. */
  async #offline(): Promise<LockResult | undefined> {
    const cached = await this.#deno(["install", "--entrypoint", "--cached-only"], false);
    if (cached.code !== 0 || cached.written === undefined) return undefined;
    const lock = await this.#read(cached.written);
    return lock && (await isCached(this.#sandbox, lock)) ? { ok: true, lock } : undefined;
  }

  async #online(): Promise<LockResult> {
    const fetched = await this.#deno(["cache"], true);
    if (fetched.timedOut) return failed(this.#missing.map(outOfTime));
    if (fetched.overfull) return failed(this.#missing.map(tooMuch));
    const lock = fetched.written === undefined ? undefined : await this.#read(fetched.written);
    if (lock) return { ok: true, lock };
    const info = await this.#info(this.#known.text, true).catch(() => undefined);
    return failed(
      await explain({
        specifiers: this.#missing,
        info: info?.info,
        stderr: fetched.stderr,
        sandbox: this.#sandbox,
      }),
    );
  }

  async #read(text: string): Promise<Lock | undefined> {
    const result = await this.#info(text, false);
    return result && toLock(text, parseLockFile(text), result.info, result.cache);
  }

  async #info(text: string, fetch: boolean): Promise<{ info: Info; cache: string } | undefined> {
    const { code, stdout, cache } = await this.#deno(["info", "--json"], fetch, text);
    return code === 0 ? { info: parseInfo(stdout), cache } : undefined;
  }

  #deno([command = "", ...flags]: readonly string[], fetch: boolean, lock?: string): Promise<RunResult> {
    const remaining = Math.max(1, this.#deadline - performance.now());
    const stub = this.#specifiers.map((one) => `import ${JSON.stringify(one)};\n`).join("");
    const common = ["--quiet", "--no-config", "--lock=deno.lock", "stub.ts"];
    const options: RunOptions = {
      // A run that fetches is given its rights by the sandbox; this one has no use for a network.
      args: [command, ...flags, ...(fetch ? [] : ["--allow-import"]), ...common],
      folder: { "stub.ts": stub, "deno.lock": lock ?? this.#known.text },
      writes: "deno.lock",
      writeCache: fetch,
      timeoutMs: fetch ? remaining : OFFLINE_MS,
      maxOutputBytes: MAX_OUTPUT,
      maxWriteBytes: MAX_FETCH,
    };
    return fetch ? gateOf(this.#sandbox).pass(() => this.#sandbox.run(options)) : this.#sandbox.run(options);
  }
}

function failed(problems: readonly Problem[]): LockResult {
  return { ok: false, problems };
}

function check(specifier: string): Problem[] {
  const parsed = parseSpecifier(specifier);
  return isSpecifier(parsed) ? [] : [{ specifier, ...parsed }];
}

function tooMany(specifiers: readonly string[]): Problem {
  return {
    specifier: specifiers[MAX_SPECIFIERS]!,
    message: `This val imports ${specifiers.length} packages and modules, more than ${MAX_SPECIFIERS}.`,
  };
}

function has(lock: Lock, specifier: string): boolean {
  return specifier in lock.specifiers || specifier in lock.modules || specifier in lock.redirects;
}

async function isCached(sandbox: Sandbox, { packages, modules }: Lock): Promise<boolean> {
  const needed = Object.values(packages).filter(isForThisMachine);
  const paths = [...needed.map(({ folder }) => folder), ...Object.values(modules).map(({ file }) => file)];
  const looks = await Promise.allSettled(paths.map((path) => access(join(sandbox.cacheDir, path))));
  return looks.every(({ status }) => status === "fulfilled");
}

function isForThisMachine({ os, cpu }: LockedPackage): boolean {
  return allows(os, process.platform) && allows(cpu, process.arch);
}

/** As npm reads these lists: names, or names that are excluded. */
function allows(list: readonly string[] | undefined, name: string): boolean {
  if (list === undefined || list.length === 0 || list.includes(name)) return true;
  return !list.includes(`!${name}`) && list.every((one) => one.startsWith("!"));
}
