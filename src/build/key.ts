/** What an artifact is called: everything that decides what is in it. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json";

/** Raise it when the same sources are to be built in another way. */
const FORMAT = 2;

/** Who builds: for the key, and for the record. */
export const BUILDER = {
  esbuild: manifest.dependencies.esbuild,
  deno: manifest.dependencies.deno,
  format: FORMAT,
} as const;

/** SHA-256, as hex, over strings of which none can be taken for a part of another. */
export function hashOf(parts: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const text of parts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return hash.digest("hex");
}

/** One hash of all files in a folder. */
export function hashOfFolder(folder: string): string {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map(({ name }) => name).toSorted();
  return hashOf(files.flatMap((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** The key of what is made of these; each record is by name, in any order. */
export function artifactKey(made: {
  readonly settings: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  readonly others: ReadonlyMap<string, string>;
  readonly lock: string;
}): string {
  const list = (map: ReadonlyMap<string, string>) => [
    `${map.size}`,
    ...[...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).flat(),
  ];
  const { settings, files, others, lock } = made;
  return hashOf([JSON.stringify(BUILDER), ...settings, ...list(files), ...list(others), lock]);
}
