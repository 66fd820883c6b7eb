/** Built files on disk: one folder per content, whole or not there at all. */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { chmod, copyFile, link, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A text, bytes, or those of another file: a copy of it, or, where it will never change, that file itself. */
export type Content = string | Uint8Array | { readonly copyOf: string } | { readonly sameAs: string };

/** By relative path, `/`-separated, without `..`. */
export type Files = Readonly<Record<string, Content>>;

/** Where assembled folders are: one for each version that an artifact is for. */
const LIVE = ".live";
const STAGING = ".staging";

/** The folder of artifacts; half-written ones of a process that was killed are removed when it is opened. */
export class Artifacts {
  readonly #folder: string;
  readonly #staging: string;
  #staged = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#staging = join(folder, STAGING);
    rmSync(this.#staging, { recursive: true, force: true });
    mkdirSync(this.#staging, { recursive: true });
    mkdirSync(join(folder, LIVE), { recursive: true });
  }

  path(key: string): string {
    return join(this.#folder, key);
  }

  /** Of an artifact as one version has it; `name` begins with the artifact's key. */
  livePath(name: string): string {
    return join(this.#folder, LIVE, name);
  }

  has(key: string): boolean {
    return existsSync(this.path(key));
  }

  /** Write the files where nobody takes them for a finished artifact; returns the folder. */
  async stage(files: Files): Promise<string> {
    const folder = join(this.#staging, `${++this.#staged}`);
    await mkdir(folder);
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await put(content, path);
    }
    return folder;
  }

  /** Make a staged folder the one at `target`, which exists from the rename on. Somebody else may have been faster. */
  async publish(staged: string, target: string): Promise<void> {
    for (const entry of await readdir(staged, { recursive: true, withFileTypes: true })) {
      await sync(join(entry.parentPath, entry.name));
    }
    await sync(staged);
    await rename(staged, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
    await sync(dirname(target));
  }

  /**
   * Remove every artifact but these, and every folder that one is assembled in but these: aside at once, for nobody must
   * wait for the disk, and then for good.
   */
  async keepOnly(keys: ReadonlySet<string>, assembled: ReadonlySet<string>): Promise<void> {
    const aside = join(this.#staging, `removed-${++this.#staged}`);
    await mkdir(aside, { recursive: true });
    const [made, live] = await Promise.all([readdir(this.#folder), readdir(join(this.#folder, LIVE))]);
    const unneeded = made
      .filter((name) => !name.startsWith(".") && !keys.has(name))
      .map((name) => this.path(name));
    const stale = live.map((name) => this.livePath(name)).filter((path) => !assembled.has(path));
    await Promise.all([...unneeded, ...stale].map((path, index) => rename(path, join(aside, `${index}`))));
    // What of it a kill leaves goes with the staging folder at the next start.
    rm(aside, { recursive: true, force: true }).catch(() => {});
  }

  async discard(staged: string): Promise<void> {
    await rm(staged, { recursive: true, force: true });
  }
}

async function put(content: Content, path: string): Promise<void> {
  if (typeof content === "string" || content instanceof Uint8Array) {
    await writeFile(path, content, { mode: 0o644 });
  } else if ("sameAs" in content) await link(content.sameAs, path);
  else {
    await copyFile(content.copyOf, path);
    await chmod(path, 0o644);
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
