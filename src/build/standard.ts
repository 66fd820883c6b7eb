/** The standard library as files of text, for whoever serves it. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Standard {
  /** From what is imported, such as `std/blob/main.ts`, to a file. */
  readonly names: Readonly<Record<string, string>>;
  /** Texts by file; they import each other relatively. */
  readonly files: Readonly<Record<string, string>>;
}

/** Read the modules in `folder`, and the table of their names. */
export function readStandardFrom(folder: string): Standard {
  const names = JSON.parse(readFileSync(join(folder, "modules.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /\.(?:ts|js)$/.test(file));
  const texts = files.map((file) => [file, readFileSync(join(folder, file), "utf8")]);
  return { names, files: Object.fromEntries(texts) };
}
