/**
 * Keeps what is pinned where it is while more is added. Deno, to have fewer versions of a package, moves one that a lock
 * file has pinned to an older one that a new package wants; an import of an exact version is what it cannot move.
 */

import type { Lock } from "../wire/lock.ts";
import { parseLockFile, splitId } from "./lock-file.ts";
import { keysOf } from "./lock-restrict.ts";

export interface Pins {
  /** The imports to have resolved in place of the given ones. */
  readonly imports: readonly string[];
  /** The lock file to begin with. */
  readonly text: string;
  /** Of the lock file that came of it, one for the given imports. */
  restore(text: string): string;
}

/** @param known what of `specifiers` is pinned already */
export function pinExactly(specifiers: readonly string[], known: Lock): Pins {
  const file = parseLockFile(known.text);
  const exactly = new Map<string, string>();
  const imports = specifiers.map((specifier) => {
    const id = known.specifiers[specifier];
    const version = id === undefined ? undefined : known.packages[id]?.version;
    if (id === undefined || version === undefined) return specifier;
    const exact = `npm:${splitId(id)[0]}@${version}`;
    for (const key of keysOf(file, specifier, id)) exactly.set(key, exact);
    const [, sub = ""] = /^npm:\/?(?:@[^/]+\/)?[^/]+(\/.*)?$/.exec(specifier) ?? [];
    return `${exact}${sub}`;
  });
  const toExact = ([key, version]: [string, string]) => [exactly.get(key) ?? key, version];
  return {
    imports,
    text: write({ ...file, specifiers: Object.fromEntries(Object.entries(file.specifiers).map(toExact)) }),
    restore(text) {
      const result = parseLockFile(text);
      const back = [...exactly].flatMap(([key, exact]) => {
        const version = result.specifiers[exact];
        return version === undefined ? [] : [[key, version]];
      });
      const all = Object.entries({ ...result.specifiers, ...Object.fromEntries(back) });
      return write({
        ...result,
        specifiers: Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      });
    },
  };
}

function write(file: object): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
