/** Built files on disk: one folder per content, whole or not there at all. */

import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
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
  stage(files: readonly Source[]): string {
    const folder = join(this.#staging, `${++this.#staged}`);
    mkdirSync(folder);
    for (const file of files) {
      const path = join(folder, file.path);
      mkdirSync(dirname(path), { recursive: true });
      writeDurably(path, file.content);
    }
    return folder;
  }

  /** Make a staged folder the artifact `key`. The rename is the moment at which it exists. */
  publish(staged: string, key: string): void {
    for (const name of readdirSync(staged, { recursive: true, withFileTypes: true })) {
      if (name.isDirectory()) syncFolder(join(name.parentPath, name.name));
    }
    syncFolder(staged);
    renameSync(staged, this.path(key));
    syncFolder(this.#folder);
  }

  discard(staged: string): void {
    rmSync(staged, { recursive: true, force: true });
  }
}

function writeDurably(path: string, content: string): void {
  const file = openSync(path, "w", 0o644);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
