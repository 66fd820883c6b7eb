/** What does a saved val become? One file and its map, or, where it must be, its modules as they are. */

import { existsSync } from "node:fs";
import { encodePath } from "../val/address.ts";
import type { BundlerSettings } from "../wire/bundle.ts";
import { Artifacts } from "./artifact.ts";
import { Build, type Outcome, type Tools } from "./build-one.ts";
import { Bundler, STD } from "./bundler.ts";
import { Gates } from "./gate.ts";
import { hashOf, hashOfFolder } from "./key.ts";
import { assemble, liveFolder, moduleBase } from "./live.ts";
import { RecentLocks } from "./recent.ts";
import { readStandardFrom, type Standard } from "./standard.ts";
import type { Builder, BuilderOptions, BuildLimits, BuildRequest, BuildResult, Diagnostic } from "./types.ts";

export type {
  Builder,
  BuilderOptions,
  BuildRequest,
  BuildResult,
  Diagnostic,
  FindVal,
  FoundVal,
  Identity,
  Needed,
  Pin,
  Source,
  TranspileResult,
  WantedVal,
} from "./types.ts";

const LIMITS: BuildLimits = {
  fileBytes: 2 ** 20,
  valBytes: 10 * 2 ** 20,
  modules: 2000,
  vals: 200,
  bundleBytes: 10 * 2 ** 20,
  timeMs: 10_000,
  memoryBytes: 2 ** 30,
};

/** At once: who saves a hundred files that take their time waits for himself, and not everybody for him. */
const BUILDS_PER_USER = 2;

/** Throws HamletError `config` when esbuild is not installed. The builder process is started by the first build. */
export function createBuilder(options: BuilderOptions): Builder {
  const { sandbox, artifactsDir, moduleOrigin, findVal } = options;
  const limits = { ...LIMITS, ...options.limits };
  const settings = toSettings(options, limits);
  const artifacts = new Artifacts(artifactsDir);
  const bundler = new Bundler({ sandbox, settings, limits });
  const standard = existsSync(STD) ? hashOfFolder(STD) : "";
  const tools: Tools = {
    sandbox,
    artifacts,
    bundler,
    settings,
    standard,
    findVal,
    recent: new RecentLocks(),
    making: new Map(),
  };
  const running = new Map<string, Promise<Outcome>>();
  const perUser = new Gates(BUILDS_PER_USER);
  // Anybody may ask for any module, any number of times.
  const readers = new Gates(1);
  return {
    async build(request) {
      const wrong = checkInput(request, limits);
      if (wrong.length > 0) return { ok: false, diagnostics: wrong };
      const made = await once(running, requestKey(request), () =>
        perUser.pass(request.userId, () => new Build(tools, request).run()),
      );
      return toResult(made, moduleOrigin, request);
    },
    assemble: (key, identity) => assemble(artifacts, moduleOrigin, key, identity),
    folderOf: (key, identity) => liveFolder(artifacts, moduleOrigin, key, identity),
    transpile: (file) => readers.pass(ownerOf(file.url), () => bundler.transpile(file)),
    keepOnly: (needed) => {
      const keys = new Set(needed.map((one) => one.artifact));
      const live = needed.map((one) => liveFolder(artifacts, moduleOrigin, one.artifact, one));
      return artifacts.keepOnly(keys, new Set(live));
    },
    close: () => bundler.close(),
  };
}

/** The standard library that vals are built with. */
export function readStandard(): Standard {
  return readStandardFrom(STD);
}

function toSettings(options: BuilderOptions, limits: BuildLimits): BundlerSettings {
  const { sandbox, moduleOrigin, esmHosts, foreignVals = false } = options;
  const { fileBytes, valBytes, modules, vals, bundleBytes } = limits;
  return {
    origin: moduleOrigin,
    get esmHosts() {
      return esmHosts();
    },
    cacheDir: sandbox.cacheDir,
    workerCache: sandbox.cache,
    stdFolder: STD,
    foreignVals,
    limits: { fileBytes, valBytes, modules, vals, bundleBytes },
  };
}

/** Of a module, by its URL: `/v/{user}/…`. */
function ownerOf(url: string): string {
  return new URL(url).pathname.split("/")[2] ?? "";
}

/** What of a request can lead to another result. */
function requestKey({ files, entry, userId, previous = "", unbundled = "" }: BuildRequest): string {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return hashOf([
    entry,
    userId,
    previous,
    unbundled,
    ...sorted.flatMap(({ path, content }) => [path, content]),
  ]);
}

/** All that want the same at the same time get the same. */
async function once<T>(running: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  const present = running.get(key);
  if (present !== undefined) return present;
  const run = begin();
  running.set(key, run);
  try {
    return await run;
  } finally {
    running.delete(key);
  }
}

function checkInput({ files, entry }: BuildRequest, { fileBytes, valBytes }: BuildLimits): Diagnostic[] {
  if (!files.some(({ path }) => path === entry)) {
    return [{ message: `There is no file "${entry}" in this val.` }];
  }
  const sizes = files.map(({ path, content }) => ({ path, size: Buffer.byteLength(content) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total > valBytes) return [{ message: `This val is larger than ${toMegabytes(valBytes)} MB.` }];
  return sizes
    .filter(({ size }) => size > fileBytes)
    .map(({ path }) => ({ file: path, message: `This file is larger than ${toMegabytes(fileBytes)} MB.` }));
}

function toMegabytes(bytes: number): number {
  return bytes / 2 ** 20;
}

function toResult(made: Outcome, origin: string, { entry, identity }: BuildRequest): BuildResult {
  if (!made.ok) return made;
  const { key, level, reasons, warnings } = made.graph;
  return {
    ok: true,
    key,
    level,
    start: level === 0 ? "pooled" : "locked",
    entry: level === 2 ? `${moduleBase(origin, identity)}${encodePath(entry)}` : "bundle.js",
    reasons,
    pins: made.pins,
    warnings,
  };
}
