/** What is in the package cache; asked of the files themselves, which costs no process. */

import { existsSync } from "node:fs";
import { access, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { Lock, LockedPackage } from "../wire/lock.ts";

// Enough for every package there is; a larger one is only not looked at.
const MAX_PACKUMENT = 32 * 2 ** 20;

const Dependencies = z.record(z.string(), z.string()).optional().catch(undefined);
const Packument = z.object({
  "dist-tags": z.record(z.string(), z.string()).default({}),
  versions: z.record(
    z.string(),
    z.object({
      dependencies: Dependencies,
      peerDependencies: Dependencies,
      optionalDependencies: Dependencies,
    }),
  ),
});

/** What a registry said of one package. */
export interface Packument {
  readonly versions: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Names of what any of its versions depends on. */
  readonly dependencies: ReadonlySet<string>;
}

/** True if everything that the lock leads to is there. */
export async function isCached(cacheDir: string, { packages, modules }: Lock): Promise<boolean> {
  const needed = Object.values(packages).filter(isForThisMachine);
  const paths = [...needed.map(({ folder }) => folder), ...Object.values(modules).map(({ file }) => file)];
  const looks = await Promise.allSettled(paths.map((path) => access(join(cacheDir, path))));
  return looks.every(({ status }) => status === "fulfilled");
}

/** As it was last fetched, from whatever registry; undefined when it is not there or not readable. */
export async function readPackument(cacheDir: string, name: string): Promise<Packument | undefined> {
  const [newest] = (await findPackuments(cacheDir, name)).toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  if (newest === undefined || newest.size > MAX_PACKUMENT) return undefined;
  try {
    return toPackument(Packument.parse(JSON.parse(await readFile(newest.path, "utf8"))));
  } catch {
    return undefined;
  }
}

/** Puts what was put aside back where nothing newer has come. */
export type Restore = () => Promise<void>;

/**
 * Deno never asks again what it has been told of a package: put that aside when it is old. Undefined: nothing of it is.
 */
export async function setOldAside(
  cacheDir: string,
  names: readonly string[],
  maxAgeMs: number,
): Promise<Restore | undefined> {
  const found = (await Promise.all(names.map((name) => findPackuments(cacheDir, name)))).flat();
  const old = found.filter(({ mtimeMs }) => Date.now() - mtimeMs > maxAgeMs);
  if (old.length === 0) return undefined;
  const ignore = () => {};
  await Promise.all(old.map(({ path }) => rename(path, `${path}.old`).catch(ignore)));
  return async () => {
    for (const { path } of old) if (!existsSync(path)) await rename(`${path}.old`, path).catch(ignore);
  };
}

async function findPackuments(cacheDir: string, name: string) {
  const paths = (await findRegistries(cacheDir)).map((registry) => join(registry, name, "registry.json"));
  const infos = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return infos.flatMap((info, i) =>
    info ? [{ path: paths[i]!, size: info.size, mtimeMs: info.mtimeMs }] : [],
  );
}

/** Remove what fetches that failed have left half unpacked. No other may be under way. */
export async function sweep(cacheDir: string): Promise<void> {
  const named = (await Promise.all((await findRegistries(cacheDir)).map(foldersIn))).flat();
  const scoped = (await Promise.all(named.filter((at) => at.includes("/@")).map(foldersIn))).flat();
  const versions = (await Promise.all([...named, ...scoped].map(foldersIn))).flat();
  const left = versions.filter((at) => LEFT.test(at));
  await Promise.all(left.map((at) => rm(at, { recursive: true, force: true })));
}

/** A folder for each host; where a registry's address has a path too, its packages lie deeper. */
async function findRegistries(cacheDir: string): Promise<string[]> {
  const hosts = await foldersIn(join(cacheDir, "npm"));
  const descend = async (at: string): Promise<string> => {
    const [only = "@", ...others] = await foldersIn(at);
    const isPackage = basename(only).startsWith("@") || existsSync(join(only, "registry.json"));
    return isPackage || others.length > 0 ? at : descend(only);
  };
  return Promise.all(hosts.map(descend));
}

async function foldersIn(at: string): Promise<string[]> {
  const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(at, name));
}

// Deno unpacks 1.2.3 into 1.2.0123abcd.tmp and renames that.
const LEFT = /\.[0-9a-f]{8}\.tmp$/;

function toPackument({ versions, "dist-tags": tags }: z.infer<typeof Packument>): Packument {
  const dependencies = Object.values(versions).flatMap((one) =>
    Object.values(one).flatMap((list) => Object.entries(list ?? {}).map(realName)),
  );
  return { versions: Object.keys(versions), tags, dependencies: new Set(dependencies) };
}

/** An alias is written `"other": "npm:real@1"`. */
function realName([name, range]: [string, string]): string {
  return /^npm:(.+?)(?:@|$)/.exec(range.replace(/^npm:@/, "npm:\0"))?.[1]?.replace("\0", "@") ?? name;
}

function isForThisMachine({ os, cpu }: LockedPackage): boolean {
  return allows(os, process.platform) && allows(cpu, process.arch);
}

/** As npm reads these lists: names, or names that are excluded. */
function allows(list: readonly string[] | undefined, name: string): boolean {
  if (list === undefined || list.length === 0 || list.includes(name)) return true;
  return !list.includes(`!${name}`) && list.every((one) => one.startsWith("!"));
}
