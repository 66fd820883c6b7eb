/** Modules of other hosts, as the lock pinned them and Deno fetched them. */

import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import type { Lock } from "../wire/lock.ts";
import type { MediaType, Module, Target } from "./sources.ts";

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  TypeScript: "ts",
  Mts: "ts",
  Cts: "ts",
  TSX: "tsx",
  JavaScript: "js",
  Mjs: "js",
  Cjs: "js",
  JSX: "jsx",
  Json: "json",
};
const WASM = Buffer.from("\0asm");
const METADATA = /\n\/\/ denoCacheMetadata=[^\n]*\n?$/;

/** The module that an import of the val's means; undefined when the lock does not have it. */
export function findRemote(lock: Lock, specifier: string): string | undefined {
  const url = lock.redirects[specifier] ?? (URL.canParse(specifier) ? new URL(specifier).href : specifier);
  const final = lock.redirects[url] ?? url;
  return final in lock.modules ? final : undefined;
}

/** What an import of a remote module means. Deno has looked already, and knows of nothing that is not there. */
export function resolveRemote(lock: Lock, importer: string, specifier: string): Target {
  const target = lock.modules[importer]?.imports[specifier];
  if (target?.startsWith("npm:")) return { kind: "npm", specifier: target, deps: [] };
  if (target?.startsWith("node:")) return { kind: "builtin", name: target };
  if (target !== undefined && target in lock.modules) return { kind: "module", url: target };
  return { kind: "wrong", message: `"${specifier}" leads nowhere.` };
}

/** Its source, without what Deno wrote behind it. */
export function readRemote(lock: Lock, cacheDir: string, url: string): Module | undefined {
  const locked = lock.modules[url];
  if (locked === undefined) return undefined;
  const path = normalize(join(cacheDir, locked.file));
  if (!path.startsWith(`${cacheDir}/`)) return undefined;
  const bytes = readFileSync(path);
  // Deno does not say of what kind it is; every byte of it is one of this encoding's characters.
  const isWasm = bytes.subarray(0, WASM.length).equals(WASM);
  const text = bytes.toString(isWasm ? "latin1" : "utf8").replace(METADATA, "");
  return { url, text, mediaType: isWasm ? "wasm" : (MEDIA_TYPES[locked.mediaType] ?? "other") };
}
