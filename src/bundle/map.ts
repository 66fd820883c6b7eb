/** The source map as a worker gets it: names that mean something outside of here, and no texts of packages. */

import { SUFFIX } from "./diagnose.ts";
import { OWN } from "./sources.ts";

interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

export interface MapNames {
  /** Goes before the paths of the val's own modules. */
  readonly placeholder: string;
  /** The text of a val's module, by its URL: esbuild has seen a changed one. */
  readonly textOf: (url: string) => string | undefined;
  /** What a file of the cache is called, by its path without the first slash. */
  readonly packageFile: (path: string) => string | undefined;
}

/** Of esbuild's own map. */
export function finishMap(text: string, { placeholder, textOf, packageFile }: MapNames): string {
  const { sources, names, mappings }: SourceMap = JSON.parse(text);
  const named = sources.map((source) => {
    const url = source.startsWith("val:") ? source.slice("val:".length, -SUFFIX.length) : source;
    if (url.startsWith(OWN)) return { name: `${placeholder}${url.slice(OWN.length)}`, text: textOf(url) };
    if (url.startsWith("https:")) return { name: url, text: textOf(url) };
    return { name: packageFile(url) ?? url, text: undefined };
  });
  return JSON.stringify({
    version: 3,
    sources: named.map(({ name }) => name),
    sourcesContent: named.map((source) => source.text ?? null),
    names,
    mappings,
  });
}
