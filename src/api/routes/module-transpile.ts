import type { Diagnostic } from "./types.ts";

/** Makes JavaScript of one module; nothing of it is run, and what it imports is not looked at. */
export type Transpile = (file: {
  readonly path: string;
  readonly content: string;
  /** What the module calls itself. */
  readonly url: string;
  /** Beginnings of import specifiers, and what to write instead; the longest that fits counts. */
  readonly prefixes: Readonly<Record<string, string>>;
}) => Promise<
  | { readonly ok: true; readonly code: string; readonly map: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
>;

/** One module to be transpiled. */
export interface ModuleSource {
  readonly path: string;
  readonly content: string;
  readonly url: string;
  /** First line of the output, without its end. */
  readonly banner: string;
  readonly prefixes: Readonly<Record<string, string>>;
}

/** JavaScript with its source map, or what is wrong with the source. */
export type Output = { readonly code: string; readonly map: string } | readonly Diagnostic[];

/** A module has at most 80,000 characters, and its map about four times that. */
const REMEMBERED = 64;

/** Transpiles each module once while it is in demand. `key` stands for all that the output depends on. */
export function createTranspiler(
  transpile: Transpile,
): (key: string, source: ModuleSource) => Promise<Output> {
  const memory = new Map<string, Promise<Output>>();
  return (key, source) => {
    const output = memory.get(key) ?? make(transpile, source);
    memory.delete(key);
    if (memory.size >= REMEMBERED) memory.delete(memory.keys().next().value!);
    memory.set(key, output);
    output.catch(() => memory.delete(key));
    return output;
  };
}

async function make(transpile: Transpile, { banner, ...file }: ModuleSource): Promise<Output> {
  const result = await transpile(file);
  if (!result.ok) return result.diagnostics;
  const name = encodeURIComponent(file.path.slice(file.path.lastIndexOf("/") + 1));
  const code = result.code.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, "").trimEnd();
  const map = JSON.parse(result.map) as { mappings: string };
  return {
    // Relative, so that it leads to the host that the module was fetched from.
    code: `${banner}\n${code}\n//# sourceMappingURL=${name}?map\n`,
    map: JSON.stringify({
      ...map,
      sources: [file.url],
      sourcesContent: [file.content],
      // One line for the banner.
      mappings: `;${map.mappings}`,
    }),
  };
}
