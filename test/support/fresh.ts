/** Data folders with databases that are new, but have their tables: making these is most of what opening a store costs. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/store/store.ts";

const FILES = ["hamlet.db", "telemetry.db"];

let made: Promise<readonly Buffer[]> | undefined;

/** Puts such databases into a folder that has none. */
export async function fillFolder(folder: string): Promise<void> {
  if (FILES.some((name) => existsSync(join(folder, name)))) return;
  made ??= make();
  const contents = await made;
  for (const [at, name] of FILES.entries()) writeFileSync(join(folder, name), contents[at]!);
}

async function make(): Promise<readonly Buffer[]> {
  const folder = mkdtempSync(join(tmpdir(), "fresh-"));
  try {
    await (await openStore({ folder })).close();
    return FILES.map((name) => readFileSync(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
