/** Addresses on the module host: `/v/{user}/{val}[@{N}-{branch}|@{branch}][/{path}][?v=N]`. */
import type { FileType } from "./file.ts";

/** What such an address names; what is missing it leaves open. */
export interface ModulePath {
  readonly username: string;
  readonly valName: string;
  /** Of `branch`, or of `main` without one. */
  readonly version?: number;
  readonly branch?: string;
  /** Missing: the val's main file. */
  readonly path?: string;
}

const VERSION = /^\d{1,15}$/;
const VERSION_AND_BRANCH = /^(\d{1,15})-(.+)$/;

/**
 * Reads the path and query of a URL on the module host; undefined when they are no such address. A branch whose own
 * name looks like `3-draft` can only be named with its version.
 */
export function parseModulePath(pathname: string, search = ""): ModulePath | undefined {
  const segments = decodeSegments(pathname);
  if (segments === undefined || segments[0] !== "" || segments[1] !== "v") return undefined;
  const [username = "", named = "", ...rest] = segments.slice(2);
  const at = named.indexOf("@");
  const valName = at === -1 ? named : named.slice(0, at);
  const path = rest.join("/");
  const pin = at === -1 ? {} : parsePin(named.slice(at + 1));
  const query = new URLSearchParams(search).get("v") ?? undefined;
  if (username === "" || valName === "" || pin === undefined) return undefined;
  if (query !== undefined && !VERSION.test(query)) return undefined;
  const version = pin.version ?? (query === undefined ? undefined : Number(query));
  return {
    // Old addresses were written with an @.
    username: username.replace(/^@/, ""),
    valName,
    ...pin,
    ...(version === undefined ? {} : { version }),
    ...(path === "" ? {} : { path }),
  };
}

/** What follows the `@`. */
function parsePin(text: string): { version?: number; branch?: string } | undefined {
  if (text === "") return undefined;
  const [, version, branch] = VERSION_AND_BRANCH.exec(text) ?? [];
  return version === undefined || branch === undefined
    ? { branch: text }
    : { version: Number(version), branch };
}

function decodeSegments(pathname: string): string[] | undefined {
  try {
    return pathname.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const MAIN_FILES = ["main.tsx", "main.ts", "main.jsx", "main.js", "main.mts", "main.mjs"];
const MODULE = /\.[cm]?[jt]sx?$/;

/**
 * The file that an address without a path means: `main.tsx`, `main.ts`, …, else the first HTTP file, else the first
 * other module by path. Without types, all modules are alike.
 */
export function pickMain(files: readonly { path: string; type?: FileType }[]): string | undefined {
  const paths = new Set(files.map((file) => file.path));
  const main = MAIN_FILES.find((path) => paths.has(path));
  if (main !== undefined) return main;
  const modules = files
    .filter(({ path, type }) => MODULE.test(path) && type !== "directory" && type !== "file")
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return (modules.find(({ type }) => type === "http") ?? modules[0])?.path;
}
