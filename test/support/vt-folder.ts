/** The folder of a val as `vt` keeps it: `.vt/state.json`, what is ignored, which types files get. */

import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Which val, branch and version a folder is of. */
export interface VtState {
  readonly val: { readonly id: string };
  readonly branch: { readonly id: string; readonly version: number };
}

/** Something in the folder; a directory has no content. */
export interface LocalItem {
  readonly path: string;
  readonly mtime: number;
  readonly content: string | undefined;
}

type Rules = (path: string) => boolean;

const ALWAYS_IGNORED = [".vt", ".env", "node_modules"];

export class VtFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static make(path: string, state: VtState): VtFolder {
    const folder = new VtFolder(path);
    mkdirSync(join(path, ".vt"), { recursive: true });
    folder.save(state);
    return folder;
  }

  get state(): VtState {
    return JSON.parse(readFileSync(join(this.path, ".vt/state.json"), "utf8"));
  }

  save(state: VtState): void {
    const lastRun = { pid: process.pid, time: new Date().toISOString() };
    writeFileSync(join(this.path, ".vt/state.json"), JSON.stringify({ ...state, lastRun }));
  }

  /** What `.vtignore` and `vt` itself leave alone. Names and `*` at either end are understood. */
  rules(): Rules {
    let lines: string[] = [];
    try {
      lines = readFileSync(join(this.path, ".vtignore"), "utf8").split("\n");
    } catch {
      // There need not be one.
    }
    const names = [...ALWAYS_IGNORED, ...lines.filter((line) => line !== "" && !line.startsWith("#"))];
    const patterns = names.map((name) => new RegExp(`^${RegExp.escape(name).replaceAll("\\*", ".*")}$`));
    return (path) => path.split("/").some((part) => patterns.some((pattern) => pattern.test(part)));
  }
}

/** Everything in a folder that is not ignored. */
export function scan(root: string, ignored: Rules): LocalItem[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(root.length + 1);
    if (ignored(path)) return [];
    const content = entry.isDirectory() ? undefined : readFileSync(full, "utf8");
    return [{ path, mtime: Math.trunc(statSync(full).mtimeMs), content }];
  });
}

/** A file or directory of the val, with the time that the town gave it. */
export function writeItem(
  root: string,
  { path, type, updatedAt }: { path: string; type: string; updatedAt: string },
  content: string,
): void {
  const full = join(root, path);
  if (type === "directory") return void mkdirSync(full, { recursive: true });
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  utimesSync(full, new Date(updatedAt), new Date(updatedAt));
}

/** The type that a new file gets. */
export function typeOf(path: string): "file" | "script" | "http" | "interval" | "email" {
  if (!/\.(ts|tsx|js|jsx)$/.test(path)) return "file";
  const words = { cron: "interval", http: "http", email: "email" } as const;
  const found = Object.entries(words).filter(([word]) => path.includes(word));
  return found.length === 1 ? found[0]![1] : "script";
}

/** Why a file is not uploaded. */
export function warningsOf({ path, content }: LocalItem): string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return [
    ...(/^[a-zA-Z0-9\-_.]{1,80}$/.test(name) ? [] : ["bad_name"]),
    ...(content === "" ? ["empty"] : []),
    ...(content?.includes("\0") ? ["binary"] : []),
    ...((content?.length ?? 0) > 80_000 ? ["too_large"] : []),
  ];
}
