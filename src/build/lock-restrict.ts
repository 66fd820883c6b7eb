/** Keeps of a lock what some of its specifiers need, so that what a val no longer imports is forgotten. */

import type { Lock } from "../wire/lock.ts";
import { type LockEntry, type LockFile, packageName, parseLockFile, reach, splitId } from "./lock-file.ts";

/** Those of `specifiers` that the lock does not know are ignored. */
export function restrictLock(lock: Lock, specifiers: readonly string[]): Lock {
  const start = specifiers.flatMap((one) => lock.redirects[one] ?? (one in lock.modules ? one : []));
  const urls = reach(start, (url) => Object.values(lock.modules[url]?.imports ?? {}).filter(isModule));
  const modules = pick(lock.modules, (url) => urls.has(url));
  const asked = [...specifiers, ...Object.values(modules).flatMap(({ imports }) => Object.keys(imports))];
  const known = pick(lock.specifiers, (one) => asked.includes(one));
  const listed = jsrNeeds(parseLockFile(lock.text), [...urls]).npm;
  const ids = reach([...Object.values(known), ...listed.map(idOf)], (id) =>
    Object.values(lock.packages[id]?.dependencies ?? {}),
  );
  const kept = {
    specifiers: known,
    packages: pick(lock.packages, (id) => ids.has(id)),
    modules,
    redirects: pick(lock.redirects, (_, to) => urls.has(to)),
  };
  const sizeOf = (parts: Omit<Lock, "text">) => Object.values(parts).map((part) => Object.keys(part).length);
  const isWhole = sizeOf(kept).every((size, i) => size === sizeOf(withoutText(lock))[i]);
  return { text: isWhole ? lock.text : trimText(lock.text, kept), ...kept };

  function isModule(target: string): boolean {
    return target in lock.modules;
  }
}

function withoutText({ specifiers, packages, modules, redirects }: Lock): Omit<Lock, "text"> {
  return { specifiers, packages, modules, redirects };
}

/** The lock file with what is needed for these parts and nothing more: the same text for the same parts. */
export function trimText(
  text: string,
  { specifiers, packages, modules, redirects }: Omit<Lock, "text">,
): string {
  const file = parseLockFile(text);
  const keys = new Set(Object.entries(specifiers).flatMap(([specifier, id]) => keysOf(file, specifier, id)));
  const needs = jsrNeeds(file, Object.keys(modules));
  for (const [key] of needs.npm) keys.add(key);
  const shorten = shortener(Object.keys(packages));
  const kept = {
    version: file.version,
    specifiers: pick(file.specifiers, (key, version) =>
      key.startsWith("jsr:") ? needs.jsr.has(idOf([key, version])) : keys.has(key),
    ),
    jsr: pick(file.jsr, (id) => needs.jsr.has(id)),
    npm: Object.fromEntries(
      Object.entries(file.npm).flatMap(([id, entry]) => (id in packages ? [[id, shorten(entry)]] : [])),
    ),
    redirects: pick(file.redirects ?? {}, (from) => from in redirects),
    remote: pick(file.remote ?? {}, (url) => url in modules),
  };
  const filled = Object.entries(kept).filter(([, part]) => Object.keys(part).length > 0);
  return `${JSON.stringify(Object.fromEntries(filled), null, 2)}\n`;
}

type Resolved = readonly [specifier: string, version: string];

function idOf([specifier, version]: Resolved): string {
  return `${packageName(specifier)}@${version}`;
}

/** A lock file lists what all of a JSR package needs, not only those modules of it that are imported. */
function jsrNeeds(file: LockFile, urls: readonly string[]): { jsr: ReadonlySet<string>; npm: Resolved[] } {
  const resolved = Object.entries(file.specifiers);
  // As in npm's part, the range is left out where there is but one.
  const listed = (id: string) =>
    (file.jsr[id]?.dependencies ?? []).flatMap((one) =>
      resolved.filter(([key]) => key === one || key.startsWith(`${one}@`)),
    );
  const imported = Object.keys(file.jsr).filter((id) =>
    urls.some((url) => url.includes(`/${splitId(id).join("/")}/`)),
  );
  const ofKind = (id: string, kind: string) => listed(id).filter(([key]) => key.startsWith(kind));
  const jsr = reach(imported, (id) => ofKind(id, "jsr:").map(idOf));
  return { jsr, npm: [...jsr].flatMap((id) => ofKind(id, "npm:")) };
}

/** As Deno does, the version of a dependency is left out where there is but one. */
function shortener(ids: readonly string[]): (entry: LockEntry) => LockEntry {
  const count = new Map<string, number>();
  for (const [name] of ids.map(splitId)) count.set(name, (count.get(name) ?? 0) + 1);
  const short = (text: string) => {
    const [name, version] = splitId(text);
    return count.get(name) === 1 && !version.startsWith("npm:") ? name : text;
  };
  return (entry) => {
    const lists = { dependencies: entry.dependencies, optionalDependencies: entry.optionalDependencies };
    const shortened = Object.entries(lists).flatMap(([key, list]) => (list ? [[key, list.map(short)]] : []));
    return { ...entry, ...Object.fromEntries(shortened) };
  };
}

/** Deno writes some ranges in a way of its own: where the obvious key is not there, all of that very package. */
export function keysOf({ specifiers }: LockFile, specifier: string, id: string): string[] {
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
