/** LOCK: what a val's imports from elsewhere are, exactly. Deno resolves them, and sees nothing of the val but them. */

import type { RunOptions, RunResult, Sandbox } from "../sandbox/types.ts";
import type { Lock, Problem } from "../wire/lock.ts";
import { isCached, setOldAside } from "./lock-cache.ts";
import { fetchesOf } from "./lock-fetches.ts";
import { parseLockFile } from "./lock-file.ts";
import { findBroken, type Info, parseInfo, toLock } from "./lock-info.ts";
import { type Pins, pinExactly } from "./lock-pins.ts";
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
/** A tenth of a second as a rule; beside other fetches it was seen to hang, and then the fetch does it all. */
const OFFLINE_MS = 10_000;
const MAX_SPECIFIERS = 500;
const MAX_OUTPUT = 32 * 2 ** 20;
/** What one fetch may write to the disk. */
const MAX_FETCH = 512 * 2 ** 20;
/** How long a registry is believed that a version is the newest. */
const MAX_AGE_MS = 3_600_000;
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
  if (missing.length === 0 && (await isCached(request.sandbox.cacheDir, known)))
    return { ok: true, lock: known };
  return new Resolution(request, specifiers, missing, known).run();
}

/** One set of specifiers on its way to a lock. */
class Resolution {
  readonly #sandbox: Sandbox;
  readonly #specifiers: readonly string[];
  readonly #missing: readonly string[];
  readonly #pins: Pins;
  readonly #deadline: number;

  constructor(request: LockRequest, specifiers: readonly string[], missing: readonly string[], known: Lock) {
    this.#sandbox = request.sandbox;
    this.#specifiers = specifiers;
    this.#missing = missing.length > 0 ? missing : specifiers;
    this.#pins = pinExactly(specifiers, known);
    this.#deadline = performance.now() + (request.timeoutMs ?? FETCH_MS);
  }

  async run(): Promise<LockResult> {
    const names = this.#missing.flatMap(floatingName);
    const restore = await setOldAside(this.#sandbox.cacheDir, names, MAX_AGE_MS);
    if (!restore) return (await this.#offline()) ?? (await this.#online());
    const result = await this.#online();
    if (result.ok) return result;
    // Rather an older version than none, when the registry is down.
    await restore();
    return (await this.#offline()) ?? result;
  }

  /** Most saves add what somebody has fetched before. */
  async #offline(): Promise<LockResult | undefined> {
    const { imports, text } = this.#pins;
    const cached = await this.#deno(["install", "--entrypoint", "--cached-only"], imports, text, false);
    if (cached.code !== 0 || cached.written === undefined) return undefined;
    const { lock } = (await this.#read(cached.written)) ?? {};
    return lock && (await isCached(this.#sandbox.cacheDir, lock)) ? { ok: true, lock } : undefined;
  }

  async #online(): Promise<LockResult> {
    const { imports, text } = this.#pins;
    const fetched = await this.#deno(["cache"], imports, text, true);
    if (fetched.timedOut) return failed(this.#missing.map(outOfTime));
    const { exceeded, stderr } = fetched;
    if (exceeded) return failed(this.#missing.map((one) => tooMuch(one, exceeded)));
    const read = fetched.written === undefined ? undefined : await this.#read(fetched.written);
    if (read?.lock) return { ok: true, lock: read.lock };
    const info = read?.info ?? (await this.#info(imports, text, true));
    const { cacheDir } = this.#sandbox;
    return failed(await explain({ specifiers: this.#missing, info, stderr, cacheDir }));
  }

  /** Without a lock when something of what the lock file leads to is not usable. */
  async #read(written: string): Promise<{ info: Info; lock?: Lock } | undefined> {
    let info: Info | undefined;
    try {
      const text = this.#pins.restore(written);
      info = await this.#info(this.#specifiers, text, false);
      if (!info || findBroken(info).length > 0) return info && { info };
      return { info, lock: toLock(text, parseLockFile(text), info, this.#sandbox.cache) };
    } catch {
      // A registry may say what no registry should, and Deno write it down.
      return info && { info };
    }
  }

  async #info(imports: readonly string[], text: string, fetch: boolean) {
    const { code, stdout } = await this.#deno(["info", "--json"], imports, text, fetch);
    return code === 0 ? parseInfo(stdout) : undefined;
  }

  #deno(
    command: readonly string[],
    imports: readonly string[],
    lock: string,
    fetch: boolean,
  ): Promise<RunResult> {
    const stub = imports.map((one) => `import ${JSON.stringify(one)}${attribute(one)};\n`).join("");
    const common = ["--quiet", "--no-config", "--lock=deno.lock", "stub.ts"];
    const options: RunOptions = {
      args: [...command, ...common],
      folder: { "stub.ts": stub, "deno.lock": lock },
      writes: "deno.lock",
      remote: true,
      writeCache: fetch,
      timeoutMs: OFFLINE_MS,
      maxOutputBytes: MAX_OUTPUT,
      maxWriteBytes: MAX_FETCH,
    };
    if (!fetch) return this.#sandbox.run(options);
    // Its turn may come late, but the author does not wait longer for that.
    const run = () =>
      this.#sandbox.run({ ...options, timeoutMs: Math.max(1, this.#deadline - performance.now()) });
    return fetchesOf(this.#sandbox).pass(run, ({ code }) => code === 0 && command[0] === "cache");
  }
}

/** Deno wants to be told what is no code. */
function attribute(specifier: string): string {
  if (!specifier.startsWith("https:")) return "";
  const { pathname } = new URL(specifier);
  if (/\.json$/i.test(pathname)) return ' with { type: "json" }';
  return /\.(?:txt|md|html?|css|csv|svg|sql)$/i.test(pathname) ? ' with { type: "text" }' : "";
}

/** Of a package without an exact version: what is the newest may change. */
function floatingName(specifier: string): string[] {
  const parsed = parseSpecifier(specifier);
  if (!isSpecifier(parsed) || parsed.kind !== "npm") return [];
  return /^\d+\.\d+\.\d+/.test(parsed.range ?? "") ? [] : [parsed.name];
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
