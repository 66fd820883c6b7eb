/** What esbuild is answered when it asks what an import means. */

import type { OnResolveArgs, OnResolveResult } from "esbuild";
import { SUFFIX } from "./diagnose.ts";
import { OWN } from "./sources.ts";

/** It is a mistake, at the place of the import. */
export function wrong(args: OnResolveArgs, text: string, hint?: string): OnResolveResult {
  return { path: args.path, namespace: "stub", errors: [{ text, detail: { hint } }] };
}

/** It stays an import. Importing it for nothing can be left out. */
export function external(path: string): OnResolveResult {
  return { path, external: true, sideEffects: false };
}

/** A module of a val, or one that is treated the same. */
export function inVal(url: string): OnResolveResult {
  return { path: `${url}${SUFFIX}`, namespace: "val" };
}

/** The `import.meta` of a module. */
export function metaOf(url: string, path?: string): OnResolveResult {
  const expression = url.startsWith(OWN)
    ? `base + ${JSON.stringify(url.slice(OWN.length))}`
    : JSON.stringify(url);
  return { path: url, namespace: "meta", pluginData: { url: expression, path }, sideEffects: false };
}
