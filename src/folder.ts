/** Where does a part of the host keep its files? */

import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HamletError } from "./errors.ts";

/** `sun_path` holds 108 bytes, its end included (unix(7)). */
const MAX_SOCKET_PATH = 107;

/** Where a server of our own listens: in the data folder or, where that path is too long, in the temporary folder. */
export function socketIn(data: string, name: string): string {
  const path = join(data, `${name}.sock`);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  const digest = createHash("sha256").update(data).digest("hex").slice(0, 16);
  return join(tmpdir(), `hamlet-${digest}-${name}.sock`);
}

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
