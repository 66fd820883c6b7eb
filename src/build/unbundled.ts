/**
 * Level 2: a val whose modules stay as they are, in the form of Deno's own cache (DENO_DIR), so that they have their URLs
 * without any server. The form is internal to Deno: test/build-levels.test.ts tries it with the Deno that is installed.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { encodePath } from "../val/address.ts";
import type { Lock } from "../wire/lock.ts";
import type { Content, Files } from "./artifact.ts";
import { parseLockFile } from "./lock-file.ts";

/** A module by its URL, or where that URL leads. */
export interface CachedModule {
  readonly url: string;
  readonly text: string;
  readonly headers: { readonly "content-type"?: string; readonly location?: string };
}

const TYPES: Readonly<Record<string, string>> = {
  ".ts": "application/typescript",
  ".mts": "application/typescript",
  ".cts": "application/typescript",
  ".tsx": "text/tsx",
  ".jsx": "text/jsx",
  ".js": "application/javascript",
  ".mjs": "application/javascript",
  ".cjs": "application/javascript",
  ".json": "application/json",
};
/** Files of the val itself, and what an assembled one adds to the lock. */
const OWN = "own.json";

export interface Unbundled {
  /** The val's own files, whose URLs are not known yet. */
  readonly own: Readonly<Record<string, string>>;
  readonly modules: readonly CachedModule[];
  readonly lock: Lock;
  /** The shared package cache. */
  readonly cacheDir: string;
}

/** What the artifact of such a val holds. Packages stay where they are: workers have the shared cache's. */
export function toArtifact({ own, modules, lock, cacheDir }: Unbundled): Files {
  const files: Record<string, Content> = {
    [OWN]: JSON.stringify(own),
    "deno.lock": extendLock(lock.text, modules),
  };
  for (const url of fetchedUrls(lock)) {
    const name = cacheName(url);
    if (existsSync(join(cacheDir, name))) files[`deno/${name}`] = { copyOf: join(cacheDir, name) };
  }
  return Object.assign(files, ...modules.map(inCache));
}

/** What a version's folder holds. */
export async function assembleUnbundled(folder: string, base: string): Promise<Files> {
  const own: Record<string, string> = JSON.parse(await readFile(join(folder, OWN), "utf8"));
  const modules = Object.entries(own).map(([path, text]) => fileModule(`${base}${encodePath(path)}`, text));
  const files: Record<string, Content> = {
    "deno.lock": extendLock(await readFile(join(folder, "deno.lock"), "utf8"), modules),
  };
  const cached = join(folder, "deno");
  const entries = existsSync(cached) ? await readdir(cached, { recursive: true, withFileTypes: true }) : [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(folder.length + 1)] = { sameAs: path };
  }
  return Object.assign(files, ...modules.map(inCache));
}

/** Everything that Deno has fetched for this lock, and wants to see again: also redirects, and what JSR tells of its packages. */
function fetchedUrls(lock: Lock): string[] {
  const written = parseLockFile(lock.text).redirects ?? {};
  const redirected = [lock.redirects, written].flatMap((all) => [...Object.keys(all), ...Object.values(all)]);
  const urls = [...Object.keys(lock.modules), ...redirected].filter((url) => /^https?:/.test(url));
  const about = urls.flatMap((url) => {
    const [, home, version] = /^(https?:\/\/[^/]+\/@[^/]+\/[^/]+)\/([^/]+)\//.exec(url) ?? [];
    return home === undefined ? [] : [`${home}/meta.json`, `${home}/${version}_meta.json`];
  });
  return [...new Set([...urls, ...about])];
}

/** A file at its URL. */
export function fileModule(url: string, text: string): CachedModule {
  const type = TYPES[extname(new URL(url).pathname).toLowerCase()] ?? "text/plain";
  return { url, text, headers: { "content-type": type } };
}

/** Another URL of a module. */
export function aliasModule(url: string, location: string): CachedModule {
  return { url, text: "", headers: { location } };
}

/** A package under a URL. Its default export, if it has one, does not come along with a star. */
export function packageModule(url: string, specifier: string): CachedModule {
  const from = JSON.stringify(specifier);
  const text = `import * as all from ${from};\nexport * from ${from};\nexport default all.default;\n`;
  return { url, text, headers: { "content-type": "application/javascript" } };
}

function inCache({ url, text, headers }: CachedModule): Files {
  const metadata = JSON.stringify({ headers, url, time: 1_700_000_000 });
  return { [`deno/${cacheName(url)}`]: `${text}\n// denoCacheMetadata=${metadata}` };
}

/** Where Deno keeps what it has fetched from a URL, below DENO_DIR. */
function cacheName(url: string): string {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const name = createHash("sha256").update(`${pathname}${search}`).digest("hex");
  return `remote/${protocol.slice(0, -1)}/${hostname}${port === "" ? "" : `_PORT${port}`}/${name}`;
}

/** Deno compares the whole text: what it would add itself must be there, in its order. */
function extendLock(text: string, modules: readonly CachedModule[]): string {
  const { redirects = {}, remote = {}, ...rest } = parseLockFile(text);
  const more = { redirects: { ...redirects }, remote: { ...remote } };
  for (const { url, text: source, headers } of modules) {
    if (headers.location !== undefined) more.redirects[url] = headers.location;
    else more.remote[url] = createHash("sha256").update(source).digest("hex");
  }
  const filled = Object.entries(more).filter(([, part]) => Object.keys(part).length > 0);
  const sorted = filled.map(([name, part]) => [name, sortKeys(part)] as const);
  return `${JSON.stringify({ ...rest, ...Object.fromEntries(sorted) }, null, 2)}\n`;
}

function sortKeys(part: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
