/** Where does a part of the host keep its files? */

import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { HamletError } from "./errors.ts";

/** A folder within the data folder, made when missing. Throws HamletError `config` when it cannot be written. */
export function makeFolder(data: string, name: string): string {
  const folder = join(data, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch (cause) {
    const detail = `The data folder ${data} cannot be written (${(cause as Error).message}). Choose another with --data.`;
    throw new HamletError("config", detail, { cause });
  }
}
