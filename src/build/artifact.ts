/** Built files on disk: one folder per content, whole or not there at all. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface Source {
  /** Relative, `/`-separated, as the store allows it: no `..`, not absolute. */
  readonly path: string;
  readonly content: string;
}

/** Raise it when the same sources are to be built in another way. */
const FORMAT = 1;

/** SHA-256 over everything that decides the result, as hex. */
export function artifactKey(files: readonly Source[], entry: string): string {
  const hash = createHash("sha256");
  const add = (text: string) => hash.update(`${Buffer.byteLength(text)}:`).update(text);
  add(`${FORMAT}`);
  add(entry);
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    add(file.path);
    add(file.content);
  }
  return hash.digest("hex");
}

/** The folder of artifacts; half-written ones of a process that was killed are removed when it is opened. */
export class Artifacts {
  readonly #folder: string;
  readonly #staging: string;
  #staged = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#staging = join(folder, ".staging");
    rmSync(this.#staging, { recursive: true, force: true });
    mkdirSync(this.#staging, { recursive: true });
  }

  path(key: string): string {
    return join(this.#folder, key);
  }

  has(key: string): boolean {
    return existsSync(this.path(key));
  }

  /** Write the files where nobody takes them for a finished artifact; returns the folder. */
  async stage(files: readonly Source[]): Promise<string> {
    const folder = join(this.#staging, `${++this.#staged}`);
    await mkdir(folder);
    for (const file of files) {
      const path = join(folder, file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.content, { mode: 0o644 });
    }
    return folder;
  }

  /** Make a staged folder the artifact `key`. The rename is the moment at which it exists. */
  async publish(staged: string, key: string): Promise<void> {
    for (const entry of await readdir(staged, { recursive: true, withFileTypes: true }))
      await sync(join(entry.parentPath, entry.name));
    await sync(staged);
    await rename(staged, this.path(key));
    await sync(this.#folder);
  }

  /** Remove every artifact but these: aside at once, for a start must not wait for the disk, and then for good. */
  async keepOnly(keys: ReadonlySet<string>): Promise<void> {
    const aside = join(this.#staging, "removed");
    await mkdir(aside, { recursive: true });
    const names = await readdir(this.#folder);
    const unneeded = names.filter((name) => !name.startsWith(".") && !keys.has(name));
    await Promise.all(unneeded.map((name) => rename(this.path(name), join(aside, name))));
    // What of it a kill leaves goes with the staging folder at the next start.
    rm(aside, { recursive: true, force: true }).catch(() => {});
  }

  async discard(staged: string): Promise<void> {
    await rm(staged, { recursive: true, force: true });
  }
}

/** Until the disk has it; the event loop goes on meanwhile, for streams must not wait for a save. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
