/** What is in a folder, to be compared with what was. */

import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `path → content` of plain files; of other things only what they are. `.staging` comes and goes with builds. */
export function snapshot(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === ".staging") continue;
    found.set(path, entry.isFile() ? Bun.hash(readFileSync(path)).toString(36) : kindOf(entry));
    if (entry.isDirectory()) for (const [inner, is] of snapshot(path)) found.set(inner, is);
  }
  return found;
}

/** One sentence for each difference. */
export function changes(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [
    ...[...now].filter(([path]) => !before.has(path)).map(([path]) => `${path} was made`),
    ...[...now]
      .filter(([path, is]) => (before.get(path) ?? is) !== is)
      .map(([path]) => `${path} was changed`),
    ...[...before.keys()].filter((path) => !now.has(path)).map((path) => `${path} was removed`),
  ];
}

function kindOf(entry: Dirent): string {
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}
