/** Files of the data folder that hold a key. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { HamletError } from "../errors.ts";

/** What is in a key's file; undefined when there is none. Throws HamletError `config` when it cannot be read. */
export function readKeyFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new HamletError("config", `${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** Writes a key's file, readable for us alone: whole or not at all, and on disk when it returns. */
export function makeKeyFile(folder: string, name: string, content: Uint8Array): void {
  const path = join(folder, name);
  const staged = `${path}.new`;
  // What a start that was killed left there.
  rmSync(staged, { force: true });
  withFile(staged, "wx", (file) => {
    writeSync(file, content);
    fsyncSync(file);
  });
  renameSync(staged, path);
  withFile(folder, "r", fsyncSync);
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
