import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Vals } from "../types.ts";

export const ROOT = join(import.meta.dirname, "../..");
export const DENO = join(ROOT, "node_modules/deno/deno");

/** A new folder outside the checkout, so that no package.json or tsconfig.json of ours is found from it. */
export function createFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "hamlet-bench-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** One folder per val, with an `entry.ts` beside the val's own files that exports `{ fetch }`. */
export function layOut(folder: string, vals: Vals): void {
  for (const [name, source] of Object.entries(vals)) {
    cpSync(source, join(folder, name), { recursive: true });
    writeFileSync(
      join(folder, name, "entry.ts"),
      'import handler from "./main.ts";\nexport default { fetch: (req: Request) => handler(req) };\n',
    );
  }
}
