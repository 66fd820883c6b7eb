/** The source map as a worker gets it: names that mean something outside of here, and no texts of packages. */

import { SUFFIX } from "./diagnose.ts";
import { OWN } from "./sources.ts";

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
}

export interface MapNames {
  /** Goes before the paths of the val's own modules. */
  readonly placeholder: string;
  /** What a file of the cache is called, by its path without the first slash. */
  readonly packageFile: (path: string) => string | undefined;
}

/** Of esbuild's own map. */
export function finishMap(text: string, { placeholder, packageFile }: MapNames): string {
  const { sources, sourcesContent = [], names, mappings }: SourceMap = JSON.parse(text);
  const named = sources.map((source) => {
    const url = source.startsWith("val:") ? source.slice("val:".length, -SUFFIX.length) : source;
    if (url.startsWith(OWN)) return { name: `${placeholder}${url.slice(OWN.length)}`, keep: true };
    if (url.startsWith("https:")) return { name: url, keep: true };
    return { name: packageFile(url) ?? url, keep: false };
  });
  return JSON.stringify({
    version: 3,
    sources: named.map(({ name }) => name),
    sourcesContent: named.map(({ keep }, index) => (keep ? (sourcesContent[index] ?? null) : null)),
    names,
    mappings,
  });
}
