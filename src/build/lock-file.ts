/** Reads `deno.lock`, and keeps of it what is needed. */

import { z } from "zod";

const List = z.array(z.string().max(1000)).max(5000).optional();

const Entry = z.looseObject({
  dependencies: List,
  optionalDependencies: List,
  optionalPeers: List,
  os: List,
  cpu: List,
  scripts: z.boolean().optional(),
});

const Schema = z.looseObject({
  version: z.literal("5"),
  specifiers: z.record(z.string(), z.string()).default({}),
  npm: z.record(z.string(), Entry).default({}),
  jsr: z.record(z.string(), z.looseObject({ dependencies: List })).default({}),
  redirects: z.record(z.string(), z.string()).optional(),
  remote: z.record(z.string(), z.string()).optional(),
});

export type LockFile = z.infer<typeof Schema>;
export type LockEntry = z.infer<typeof Entry>;

/** Throws when it is no lock file of version 5. */
export function parseLockFile(text: string): LockFile {
  return Schema.parse(JSON.parse(text));
}

/** `@scope/name@1.2.3_peer@4` → `["@scope/name", "1.2.3_peer@4"]`; the second is "" for a name alone. */
export function splitId(id: string): [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return at < 0 ? [id, ""] : [id.slice(0, at), id.slice(at + 1)];
}

/** What the code of a package imports by which name. */
export function dependenciesOf(file: LockFile): (entry: LockEntry) => Record<string, string> {
  const idOf = new Map(Object.keys(file.npm).map((id) => [splitId(id)[0], id]));
  return (entry) => {
    const found: Record<string, string> = {};
    const all = [entry.dependencies, entry.optionalDependencies, entry.optionalPeers];
    for (const text of all.flatMap((list) => list ?? [])) {
      const [, alias, target = text] = /^(.+?)@npm:(.+)$/.exec(text) ?? [];
      // The version is left out where the lock file has only one.
      const [name, version] = splitId(target);
      const id = version === "" ? idOf.get(name) : target;
      if (id !== undefined && id in file.npm) found[alias ?? name] = id;
    }
    return found;
  };
}

/** Packages that somebody cannot do without. */
export function requiredIds(file: LockFile): Set<string> {
  const of = dependenciesOf(file);
  const roots = Object.entries(file.specifiers).map(([spec, version]) => `${packageName(spec)}@${version}`);
  return reach(roots, (id) => Object.values(of({ dependencies: file.npm[id]?.dependencies })));
}

/** Everything that can be got to from `roots`, themselves included. */
export function reach(roots: Iterable<string>, next: (id: string) => Iterable<string>): Set<string> {
  const seen = new Set(roots);
  for (const id of seen) for (const to of next(id)) seen.add(to);
  return seen;
}

/** `npm:@scope/name@1/sub` → `@scope/name`. */
export function packageName(specifier: string): string {
  const [, name = ""] = /^(?:npm|jsr):\/?((?:@[^/]+\/)?[^/@]+)/.exec(specifier) ?? [];
  return name;
}
