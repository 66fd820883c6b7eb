/** Whether what was built can be run as one file, and what must stay outside of it. */

import type { Message, Metafile } from "esbuild";
import { urlOf } from "./diagnose.ts";
import { COMPUTED_IMPORT, COMPUTED_REQUIRE } from "./esbuild.ts";
import type { PackageLoader } from "./package-loader.ts";
import type { Locked } from "./plugin.ts";
import { OWN, pathIn, type Sources } from "./sources.ts";

/** `import(` of a text whose beginning says that Deno finds it at run time as well as anybody. */
const ABSOLUTE = /^import\s*\(\s*["'`](?:npm|node|https?|jsr|data|blob):/;
const WORKER =
  /\bnew\s+Worker\s*\(\s*(?:new\s+URL\s*\(\s*["'`][^"'`]*["'`]\s*,\s*import\.meta\.url|import\.meta\.(?:resolve|url)|["'`](?:\.{1,2}\/|https:))/;
const GLOB = /^Could not resolve (?:import|require)\(/;
const COMPUTED = "it makes up names of modules at run time";

/** Why a val must keep its modules: they are looked for at run time. */
export function computedReasons(
  messages: readonly Message[],
  urls: Iterable<string>,
  sources: Sources,
): string[] {
  const reasons = messages.flatMap(({ id, text, location }) => {
    const url = urlOf(location?.file ?? "");
    if (url === undefined || location === null) return [];
    const code = Buffer.from(location.lineText).subarray(location.column).toString();
    const computed =
      (id === COMPUTED_IMPORT && !ABSOLUTE.test(code)) || GLOB.test(text) || id === "empty-glob";
    return computed ? [`${nameOf(url)}:${location.line} has a computed import.`] : [];
  });
  for (const url of urls) {
    if (WORKER.test(sources.get(url)?.text ?? "")) reasons.push(`${nameOf(url)} starts a Worker.`);
  }
  return [...new Set(reasons)];
}

const ELSEWHERE = /^import\s*\(\s*["'`](?:npm|https?|jsr):/;

/** Imports of a val's own modules that Deno will look for at run time, where nothing is fetched any more: as warnings. */
export function findUnknown(messages: readonly Message[]): Message[] {
  const text =
    "What this imports is known only at run time, when nothing is fetched: it fails unless the val imports the same by its full name too.";
  const hint = 'Write the names that it may have in full, such as import("npm:hono@4").';
  return messages.flatMap((message) => {
    const { id, location } = message;
    if (id !== COMPUTED_IMPORT || location === null || !urlOf(location.file)?.startsWith(OWN)) return [];
    const code = Buffer.from(location.lineText).subarray(location.column).toString();
    return ELSEWHERE.test(code) ? [{ ...message, text, notes: [], detail: { hint } }] : [];
  });
}

function nameOf(url: string): string {
  return pathIn(OWN, url) ?? url;
}

interface Ran {
  readonly ok: boolean;
  readonly built?: { readonly metafile: Metafile; readonly warnings: readonly Message[] };
  readonly errors?: readonly Message[];
}

/** Packages that cannot be part of a bundle, with the reason. */
export function findUnfit(run: Ran, locked: Locked): Map<string, string> {
  const { packages, loader } = locked;
  const why = new Map<string, string>();
  const inputs = run.built ? toLoadedPackages(run.built.metafile, locked) : [];
  for (const id of inputs) {
    if (packages.get(id)?.scripts) why.set(id, "it wants to run a script when it is installed");
  }
  for (const id of loader.native) why.set(id, "it has a native module");
  const computed = new Set((run.built?.warnings ?? []).flatMap((message) => computedIn(message, loader)));
  for (const id of computed) {
    if (inputs.includes(id) && hasNativeParts(id, locked))
      why.set(id, "it looks for native modules at run time");
  }
  for (const { location, text } of run.errors ?? []) {
    const id = loader.loaded.get(`/${location?.file}`)?.id;
    if (id !== undefined) why.set(id, GLOB.test(text) ? COMPUTED : `it cannot be bundled: ${text}`);
  }
  return why;
}

/** The `npm:` imports of the val that lead to such a package, with the reason. */
export function whyOutside(why: ReadonlyMap<string, string>, locked: Locked): Map<string, string> {
  const { lock, outside } = locked;
  const result = new Map<string, string>();
  for (const [specifier, root] of Object.entries(lock.specifiers)) {
    if (outside.has(specifier)) continue;
    const guilty = [...why.keys()].find((id) => reaches(root, id, locked));
    if (guilty !== undefined) result.set(specifier, `${guilty}: ${why.get(guilty)}.`);
  }
  return result;
}

/** Packages of which something is in the bundle. */
export function toLoadedPackages({ outputs }: Metafile, { loader }: Locked): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const ids = inputs.flatMap((name) => loader.loaded.get(`/${name}`)?.id ?? []);
  return [...new Set(ids)].toSorted();
}

/** A file that comes from nowhere that a build may read. */
export function strangeInput({ inputs }: Metafile, { loader }: Locked): string | undefined {
  const known = /^(?:val|meta|names|runtime|builtin|bytes|stub):/;
  return Object.keys(inputs).find((name) => !known.test(name) && !loader.loaded.has(`/${name}`));
}

function computedIn({ id, location }: Message, loader: PackageLoader): string[] {
  if (id !== COMPUTED_IMPORT && !COMPUTED_REQUIRE.includes(id)) return [];
  return [loader.loaded.get(`/${location?.file}`)?.id ?? []].flat();
}

/** Optional dependencies for one kind of machine each are how native modules come along. */
function hasNativeParts(id: string, { packages }: Locked): boolean {
  const dependencies = Object.values(packages.get(id)?.dependencies ?? {});
  return dependencies.some((one) => {
    const dependency = packages.get(one);
    return dependency?.optional && (dependency.os || dependency.cpu);
  });
}

function reaches(from: string, goal: string, { packages }: Locked, seen = new Set<string>()): boolean {
  if (from === goal) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return Object.values(packages.get(from)?.dependencies ?? {}).some((one) =>
    reaches(one, goal, { packages } as Locked, seen),
  );
}
