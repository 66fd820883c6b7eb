/** What is in a folder, to be compared with what was. */

import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `path → content` of plain files; of other things only what they are. */
export function snapshot(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? Bun.hash(readFileSync(path)).toString(36) : kindOf(entry)];
    }),
  );
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
