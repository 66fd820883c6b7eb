/** Reads the files of packages, changed where they want to know their place; the same for every build, so remembered. */

import { readFileSync, statSync } from "node:fs";
import { dirname, extname, relative } from "node:path";
import type { Loader, OnLoadResult } from "esbuild";
import { keepClassNames } from "./names.ts";
import type { PackageFiles } from "./package-files.ts";
import type { PackageFile, Packages } from "./packages.ts";
import { stubModule, transformPackage } from "./transform.ts";
import { wasmModule } from "./wasm.ts";

const LOADERS: Readonly<Record<string, Loader>> = {
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx",
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".json": "json",
};
/** esbuild would read the package's own maps; but stacks are to name the files that are there. */
const MAP_COMMENT = /^[ \t]*\/\/[#@][ \t]*sourceMappingURL=.*$/gm;
const MAX_FILE = 16 * 2 ** 20;
/** The last one counts: esbuild would read the file that a package names, whatever that is, and tell of its place here. */
const NO_MAP = `\n//# sourceMappingURL=data:application/json;base64,${btoa('{"version":3,"sources":[],"mappings":""}')}\n`;

/**
 * Told of what esbuild's own search for a pattern, which climbs wherever the pattern leads, has found outside of the packages.
 * It begins like what is told of a pattern that fits nothing, and has no name in it: whether a file is there, and what it is
 * called, is nothing for whoever wrote the pattern.
 */
export const NOT_OURS: OnLoadResult = {
  errors: [{ text: "Could not resolve import(…): it leads out of the package." }],
};

/** Texts by path; the one that was asked for longest ago goes first. */
export class TextMemory {
  readonly #texts = new Map<string, string>();
  readonly #limit: number;
  #size = 0;

  constructor(limit = 64 * 2 ** 20) {
    this.#limit = limit;
  }

  async get(path: string, make: () => Promise<string>): Promise<string> {
    const known = this.#texts.get(path);
    const text = known ?? (await make());
    if (known !== undefined) this.#texts.delete(path);
    else this.#size += text.length;
    this.#texts.set(path, text);
    for (const [oldest, old] of this.#texts) {
      if (this.#size <= this.#limit) break;
      this.#texts.delete(oldest);
      this.#size -= old.length;
    }
    return text;
  }
}

export class PackageLoader {
  readonly #packages: Packages;
  readonly #files: PackageFiles;
  readonly #memory: TextMemory;
  readonly #seenAs: (path: string) => string;
  /** Packages with a native file, which no bundle can hold. */
  readonly native = new Set<string>();
  /** By what esbuild calls it. */
  readonly loaded = new Map<string, PackageFile>();

  /** @param seenAs what a path in the cache is for a worker */
  constructor(packages: Packages, files: PackageFiles, memory: TextMemory, seenAs: (path: string) => string) {
    this.#packages = packages;
    this.#files = files;
    this.#memory = memory;
    this.#seenAs = seenAs;
  }

  /** `data` comes from whoever resolved the import; esbuild's own search for a pattern gives none. */
  async load(name: string, data: { file: PackageFile } | undefined): Promise<OnLoadResult> {
    const file = data?.file ?? this.#find(name);
    if (file === undefined) return NOT_OURS;
    this.loaded.set(name, file);
    const { path, id } = file;
    const extension = extname(path);
    const loader = LOADERS[extension];
    if (extension === ".node") {
      this.native.add(id);
      return { contents: stubModule(`${this.#seenAs(path)} is a native module`), loader: "js" };
    }
    if (statSync(path).size > MAX_FILE) return { errors: [{ text: `${path} is too large.` }] };
    if (extension === ".wasm") return wasmModule(readFileSync(path));
    // A style sheet, say, which is for other bundlers.
    if (loader === undefined)
      return { contents: stubModule(`Unknown file extension "${extension}"`), loader: "js" };
    const seen = this.#seenAs(path);
    const contents = await this.#memory.get(path, async () => {
      const source = readFileSync(path, "utf8");
      if (loader === "json") return source;
      const text = source.replace(MAP_COMMENT, "");
      const named = this.#packages.isModule(file) ? `${text}${keepClassNames(text)}` : text;
      const alone = text.includes("sourceMappingURL=") ? `${named}${NO_MAP}` : named;
      return (await transformPackage(alone, seen, path)) ?? alone;
    });
    return { contents, loader, resolveDir: dirname(path), pluginData: { file, seen } };
  }

  /** What a file is called in stack traces; its path may be without the first slash. */
  nameOf(name: string): string | undefined {
    const path = `/${name.replace(/^\//, "")}`;
    const file = this.loaded.get(path) ?? this.#find(path);
    if (file === undefined) return undefined;
    const { name: packageName, version } = this.#packages.get(file.id)!;
    return `npm:${packageName}@${version}/${relative(this.#packages.folder(file.id), file.path)}`;
  }

  #find(path: string): PackageFile | undefined {
    const id = this.#packages.ownerOf(path);
    return id !== undefined && this.#files.isFile(path) ? { kind: "file", path, id } : undefined;
  }
}
