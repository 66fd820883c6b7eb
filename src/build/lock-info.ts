/** Makes the lock of what `deno info --json` says of the stub, and of the lock file. */

import { z } from "zod";
import type { Lock, LockedModule, LockedPackage } from "../wire/lock.ts";
import { dependenciesOf, type LockFile, reach, requiredIds } from "./lock-file.ts";
import { trimText } from "./lock-restrict.ts";

const Edge = z.object({ specifier: z.string().optional(), error: z.string().optional() });

const Module = z.object({
  specifier: z.string(),
  kind: z.string().optional(),
  local: z.string().nullish(),
  mediaType: z.string().optional(),
  error: z.string().optional(),
  dependencies: z
    .array(
      z.object({
        specifier: z.string(),
        code: Edge.optional(),
        isDynamic: z.boolean().optional(),
        npmPackage: z.string().optional(),
      }),
    )
    .optional(),
});

const Schema = z.object({
  roots: z.array(z.string()),
  modules: z.array(Module),
  redirects: z.record(z.string(), z.string()),
  npmPackages: z.record(
    z.string(),
    z.object({ name: z.string(), version: z.string(), localPath: z.string().optional() }),
  ),
});

export type Info = z.infer<typeof Schema>;
export type InfoModule = z.infer<typeof Module>;

/** Undefined when it is not the output of `deno info --json`. */
export function parseInfo(output: string): Info | undefined {
  try {
    return Schema.parse(JSON.parse(output));
  } catch {
    return undefined;
  }
}

/** Why a module that must be there is not usable. */
export interface Broken {
  readonly about: string;
  /** Deno's message, or one of `FORBIDDEN`. */
  readonly error: string;
}

/** Told of modules whose scheme no module from elsewhere may import; Deno itself reads them. */
export const FORBIDDEN = "Forbidden scheme";

/** What is wrong with the modules that cannot be done without; a dynamic import may fail at its own time. */
export function findBroken(info: Info): Broken[] {
  const modules = new Map(info.modules.map((module) => [module.specifier, module]));
  const required = (url: string) =>
    (modules.get(url)?.dependencies ?? []).filter(({ isDynamic }) => !isDynamic);
  const targets = (url: string) =>
    required(url).flatMap(({ code }) =>
      code?.specifier === undefined ? [] : [follow(code.specifier, info)],
    );
  return [...reach(info.roots, targets)].flatMap((url) => {
    if (info.roots.includes(url)) return [];
    if (!/^(?:https|npm|jsr|node):/.test(url)) return [{ about: url, error: FORBIDDEN }];
    const own = [modules.get(url)?.error, ...required(url).map(({ code }) => code?.error)];
    return own.flatMap((error) => (error === undefined ? [] : [{ about: url, error }]));
  });
}

/** @param cache DENO_DIR as that Deno saw it */
export function toLock(text: string, file: LockFile, info: Info, cache: string): Lock {
  const remote = info.modules.filter(isUsable);
  const importers = info.modules.filter((one) => info.roots.includes(one.specifier)).concat(remote);
  const imports = importers.flatMap(({ dependencies = [] }) => dependencies);
  const specifiers = imports.flatMap((one) =>
    one.npmPackage === undefined ? [] : [[one.specifier, one.npmPackage] as const],
  );
  const urls = new Set(remote.map(({ specifier }) => specifier));
  const written = imports.map(({ specifier, code }) => [specifier, code?.specifier ?? specifier] as const);
  const redirects = [...Object.entries(info.redirects), ...written].flatMap(([from, to]) => {
    const end = follow(to, info);
    return /^(?:https|jsr):/i.test(from) && urls.has(end) && from !== end ? [[from, end] as const] : [];
  });
  const parts = {
    specifiers: Object.fromEntries(specifiers),
    packages: toPackages(file, info, cache),
    modules: Object.fromEntries(remote.map((one) => [one.specifier, toModule(one, urls, info, cache)])),
    redirects: Object.fromEntries(redirects),
  };
  return { text: trimText(text, parts), ...parts };
}

function isUsable({ specifier, error, local }: InfoModule): boolean {
  return specifier.startsWith("https:") && error === undefined && typeof local === "string";
}

/** Where a URL leads in the end. */
export function follow(url: string, info: Pick<Info, "redirects">): string {
  let at = url;
  for (let hops = 0; hops < 20 && at in info.redirects; hops++) at = info.redirects[at]!;
  return at;
}

function toPackages(file: LockFile, info: Info, cache: string): Record<string, LockedPackage> {
  const dependencies = dependenciesOf(file);
  const required = requiredIds(file);
  const packages: Record<string, LockedPackage> = {};
  for (const [id, { name, version, localPath }] of Object.entries(info.npmPackages)) {
    const entry = file.npm[id];
    if (!entry) throw new Error(`the lock file does not have ${id}`);
    packages[id] = {
      name,
      version,
      folder: below(cache, localPath, `the folder of ${id}`),
      dependencies: dependencies(entry),
      ...(entry.scripts ? { scripts: true } : {}),
      ...(entry.os ? { os: entry.os } : {}),
      ...(entry.cpu ? { cpu: entry.cpu } : {}),
      ...(required.has(id) ? {} : { optional: true }),
    };
  }
  return packages;
}

function toModule(module: InfoModule, urls: ReadonlySet<string>, info: Info, cache: string): LockedModule {
  const imports: Record<string, string> = {};
  for (const { specifier, code, npmPackage } of module.dependencies ?? []) {
    if (code?.specifier === undefined) continue;
    const target = npmPackage === undefined ? follow(code.specifier, info) : specifier;
    // What only a dynamic import leads to, and is not there, is not in the lock either.
    if (/^(?:npm|node):/.test(target) || urls.has(target)) imports[specifier] = target;
  }
  return {
    file: below(cache, module.local, module.specifier),
    mediaType: module.mediaType ?? "Unknown",
    imports,
  };
}

/** A path in DENO_DIR, and in nothing else. */
function below(cache: string, path: string | null | undefined, what: string): string {
  const inside = path?.startsWith(`${cache}/`) ? path.slice(cache.length + 1) : "";
  if (inside === "" || inside.split("/").includes("..")) throw new Error(`${what} is not in the cache`);
  return inside;
}
