/** What the parts of the data folder take. */

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One entry of the data folder with all that is in it. */
interface DiskPart {
  readonly name: string;
  readonly bytes: number;
}

export interface DiskUse {
  readonly parts: readonly DiskPart[];
  /** There is more than was looked at. */
  readonly partial: boolean;
  /** Epoch ms. */
  readonly at: number;
}

const FRESH_MS = 60_000;
/** So many files are looked at. */
const MAX_FILES = 200_000;
/** Files that SQLite has beside a database are a part of it. */
const BESIDE = /-(?:wal|shm|journal)$/;

/** Gives what was last found at once, and looks anew, beside whatever else goes on, when that is a minute old. */
export function createDiskMeter(folder: string): () => DiskUse | undefined {
  let last: DiskUse | undefined;
  let looking = false;
  return () => {
    if (!looking && (last === undefined || Date.now() - last.at > FRESH_MS)) {
      looking = true;
      // A folder that cannot be read now is read the next time.
      void measure(folder).then(
        (found) => {
          last = found;
          looking = false;
        },
        () => {
          looking = false;
        },
      );
    }
    return last;
  };
}

/** @see createDiskMeter */
export async function measure(folder: string, maxFiles = MAX_FILES): Promise<DiskUse> {
  const parts = new Map<string, number>();
  const left = { files: maxFiles };
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    const part = name.replace(BESIDE, "");
    parts.set(part, (parts.get(part) ?? 0) + (await sizeOf(join(folder, name), left)));
  }
  const sorted = [...parts].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
  return { parts: sorted, partial: left.files <= 0, at: Date.now() };
}

async function sizeOf(path: string, left: { files: number }): Promise<number> {
  let bytes = 0;
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined && left.files-- > 0; next = waiting.pop()) {
    // It may have gone meanwhile.
    const found = await lstat(next).catch(() => undefined);
    if (found === undefined) continue;
    bytes += found.size;
    if (!found.isDirectory()) continue;
    for (const name of await readdir(next).catch(() => [])) waiting.push(join(next, name));
  }
  return bytes;
}
