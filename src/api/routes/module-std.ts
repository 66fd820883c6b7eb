import { createHash } from "node:crypto";
import type { ModulePath } from "../../val/module-path.ts";

/** The standard library as the module host serves it. */
export interface StdLibrary {
  /** From what is imported, such as `std/blob/main.ts`, to a file. */
  readonly names: Readonly<Record<string, string>>;
  /** Texts by file; they import each other relatively. */
  readonly files: Readonly<Record<string, string>>;
}

/** A file of the library with its hash, or the path that leads to it. */
export type StdAnswer =
  | { readonly path: string; readonly content: string; readonly hash: string }
  | { readonly location: string };

const HOME = "hamlet";

/**
 * Finds modules of the library. The names that vals import lead to the files' own place, which names their content:
 * there relative imports hold, and what is there stays. Versions in the names are Val Town's and mean nothing here.
 */
export function createStdFinder({ names, files }: StdLibrary): (where: ModulePath) => StdAnswer | undefined {
  const tag = hashOf(JSON.stringify(Object.entries(files).sort())).slice(0, 12);
  const locate = (file: string) => ({ location: `/v/std/${HOME}@0-${tag}/${file}` });
  return ({ valName, branch, path }) => {
    if (valName === HOME && path !== undefined && Object.hasOwn(files, path)) {
      const content = files[path]!;
      return branch === tag ? { path, content, hash: hashOf(content) } : locate(path);
    }
    const name = ["std", valName, ...(path === undefined ? [] : [path])].join("/");
    return Object.hasOwn(names, name) ? locate(names[name]!) : undefined;
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
