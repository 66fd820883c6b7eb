/** Keeps of a lock what some of its specifiers need, so that what a val no longer imports is forgotten. */

import type { Lock } from "../wire/lock.ts";
import { type LockFile, packageName, parseLockFile, reach, splitId } from "./lock-file.ts";

/** Those of `specifiers` that the lock does not know are ignored. */
export function restrictLock(lock: Lock, specifiers: readonly string[]): Lock {
  const start = specifiers.flatMap((one) => lock.redirects[one] ?? (one in lock.modules ? one : []));
  const urls = reach(start, (url) => Object.values(lock.modules[url]?.imports ?? {}).filter(isModule));
  const modules = pick(lock.modules, (url) => urls.has(url));
  const asked = [...specifiers, ...Object.values(modules).flatMap(({ imports }) => Object.keys(imports))];
  const known = pick(lock.specifiers, (one) => asked.includes(one));
  const ids = reach(Object.values(known), (id) => Object.values(lock.packages[id]?.dependencies ?? {}));
  const isWhole = Object.keys(lock.specifiers).length === Object.keys(known).length;
  if (isWhole && Object.keys(lock.modules).length === urls.size) return lock;
  return {
    text: restrictText(lock.text, { known, ids, urls }),
    specifiers: known,
    packages: pick(lock.packages, (id) => ids.has(id)),
    modules,
    redirects: pick(lock.redirects, (_, to) => urls.has(to)),
  };

  function isModule(target: string): boolean {
    return target in lock.modules;
  }
}

interface Kept {
  readonly known: Readonly<Record<string, string>>;
  readonly ids: ReadonlySet<string>;
  readonly urls: ReadonlySet<string>;
}

function restrictText(text: string, { known, ids, urls }: Kept): string {
  const file = parseLockFile(text);
  const keys = new Set(Object.entries(known).flatMap(([specifier, id]) => keysOf(file, specifier, id)));
  const jsr = pick(file.jsr, (id) => {
    const [name, version] = splitId(id);
    return [...urls].some((url) => url.includes(`/${name}/${version}/`));
  });
  const kept = {
    ...file,
    specifiers: pick(file.specifiers, (key, version) =>
      key.startsWith("jsr:") ? `${packageName(key)}@${version}` in jsr : keys.has(key),
    ),
    jsr,
    npm: pick(file.npm, (id) => ids.has(id)),
    redirects: pick(file.redirects ?? {}, (_, to) => urls.has(to)),
    remote: pick(file.remote ?? {}, (url) => urls.has(url)),
  };
  const filled = Object.entries(kept).filter(
    ([, part]) => typeof part !== "object" || Object.keys(part!).length > 0,
  );
  return `${JSON.stringify(Object.fromEntries(filled), null, 2)}\n`;
}

/** Deno writes some ranges in a way of its own: where the obvious key is not there, all of that very package. */
function keysOf({ specifiers }: LockFile, specifier: string, id: string): string[] {
  const [name, version] = splitId(id);
  const [, range = "*"] = /^[^@]*@([^/]*)/.exec(specifier.slice(specifier.indexOf(name) + name.length)) ?? [];
  const key = `npm:${name}@${range}`;
  if (specifiers[key] !== undefined) return [key];
  return Object.keys(specifiers).filter(
    (one) => one.startsWith("npm:") && packageName(one) === name && specifiers[one] === version,
  );
}

function pick<T>(
  from: Readonly<Record<string, T>>,
  keep: (key: string, value: T) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([key, value]) => keep(key, value)));
}
