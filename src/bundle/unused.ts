/** Imports whose names nobody uses: TypeScript leaves them out, but Deno's own graph wants to find them. */

import type { Diagnostic } from "../wire/bundle.ts";
import { type Module, OWN, pathIn, type Sources } from "./sources.ts";

export interface Unused {
  /** Of those that lead nowhere. */
  readonly warnings: Diagnostic[];
  /** `npm:`, `jsr:` and `https:`. */
  readonly specifiers: string[];
}

const CODE = new Set(["ts", "tsx", "js", "jsx"]);

/** Of the val's own modules, which esbuild could parse; `imports` is what it asked for. */
export async function unusedImports(
  sources: Sources,
  urls: Iterable<string>,
  imports: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Unused> {
  const unused: Unused = { warnings: [], specifiers: [] };
  for (const url of urls) {
    const file = pathIn(OWN, url);
    const module = sources.get(url);
    if (file === undefined || module === undefined || !CODE.has(module.mediaType)) continue;
    const used = imports.get(url);
    for (const { path: specifier, kind } of scanImports(module)) {
      if (kind !== "import-statement" || used?.has(specifier)) continue;
      const target = await sources.resolve(specifier, url);
      if (target.kind === "npm" || target.kind === "remote") unused.specifiers.push(target.specifier);
      if (target.kind !== "wrong") continue;
      const { message, hint } = target;
      unused.warnings.push({
        file,
        ...placeOf(module.text, specifier),
        message: `${message} Nothing of it is used, so it is left out.`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
  return unused;
}

/** Whatever esbuild thinks of it: this parser keeps them, but does not know all of the language. */
function scanImports({ text, mediaType }: Module) {
  try {
    return new Bun.Transpiler({ loader: mediaType === "js" ? "jsx" : "tsx" }).scanImports(text);
  } catch {
    return [];
  }
}

function placeOf(text: string, specifier: string): { line?: number; column?: number } {
  const at = ['"', "'"].map((quote) => text.indexOf(`from ${quote}${specifier}${quote}`)).find((i) => i >= 0);
  if (at === undefined) return {};
  const before = text.slice(0, at + "from ".length);
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
}
