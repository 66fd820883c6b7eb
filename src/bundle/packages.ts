/** Which file of which package an import means: as Node does it, with the dependencies that the lock gives each package. */

import { builtinModules } from "node:module";
import { dirname, extname, join, relative } from "node:path";
import type { Lock, LockedPackage } from "../wire/lock.ts";
import { type Conditions, resolveField } from "./exports.ts";
import type { PackageFiles } from "./package-files.ts";

/** A file of a package. */
export interface PackageFile {
  readonly kind: "file";
  readonly path: string;
  /** Its package, a key of the lock. */
  readonly id: string;
}

export type Resolved =
  | PackageFile
  | { readonly kind: "builtin"; readonly name: string }
  /** Not there; its importer may have a way around it. */
  | { readonly kind: "missing"; readonly why: string };

export type Mode = "import" | "require";

const CONDITIONS: Readonly<Record<Mode, Conditions>> = {
  import: new Set(["deno", "node", "import", "module-sync"]),
  require: new Set(["deno", "node", "require", "module-sync"]),
};
/** For packages that have a variant without machine code, which they make for runtimes that load none. */
const PORTABLE: Readonly<Record<Mode, Conditions>> = {
  import: new Set(["edge-light", "worker", "browser", "import", "module-sync"]),
  require: new Set(["edge-light", "worker", "browser", "require", "module-sync"]),
};
const BUILTINS = new Set(builtinModules.filter((name) => !name.startsWith("bun")));
const EXTENSIONS = ["", ".js", ".cjs", ".mjs", ".json", ".node"];
const NAME = /^(@[^/]+\/[^/]+|[^@./][^/]*)(?:\/(.*))?$/;

/** `fs`, `node:fs` and `fs/promises` → with `node:`; undefined when it is no built-in module. */
export function builtinName(specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return specifier;
  return BUILTINS.has(specifier) ? `node:${specifier}` : undefined;
}

export class Packages {
  readonly #lock: Lock;
  readonly #files: PackageFiles;
  readonly #byFolder: ReadonlyMap<string, string>;
  readonly #portable: ReadonlySet<string>;

  /** @param portable packages to be taken in their variant without machine code, if they have one */
  constructor(lock: Lock, files: PackageFiles, portable: ReadonlySet<string> = new Set()) {
    this.#lock = lock;
    this.#files = files;
    this.#portable = portable;
    const folders = Object.entries(lock.packages).map(
      ([id, { folder }]) => [this.#path(folder), id] as const,
    );
    this.#byFolder = new Map(folders);
  }

  get(id: string): LockedPackage | undefined {
    return this.#lock.packages[id];
  }

  folder(id: string): string {
    return this.#path(this.#lock.packages[id]?.folder ?? "npm/none");
  }

  /** Packages that need this one. */
  dependantsOf(id: string): string[] {
    const packages = Object.entries(this.#lock.packages);
    return packages.flatMap(([one, { dependencies }]) =>
      Object.values(dependencies).includes(id) ? [one] : [],
    );
  }

  /** The package that a file belongs to. */
  ownerOf(path: string): string | undefined {
    for (let folder = dirname(path); folder.length > this.#files.root.length; folder = dirname(folder)) {
      const id = this.#byFolder.get(folder);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  /** `sub` of a package, as somebody outside of it imports it; `""` is the package itself. */
  resolve(id: string, sub: string, mode: Mode): Resolved {
    const folder = this.folder(id);
    const manifest = this.#files.manifest(folder);
    if (manifest === undefined) return { kind: "missing", why: `The package ${id} is not in the cache.` };
    if (manifest.exports === undefined || manifest.exports === null) {
      return this.#found(id, this.#legacy(join(folder, sub)) ?? undefined, sub);
    }
    const target = resolveField(manifest.exports, sub === "" ? "." : `./${sub}`, this.#conditions(id, mode));
    const path = target?.startsWith("./") ? join(folder, target) : undefined;
    return this.#found(id, path && this.#isIn(folder, path) ? this.#legacy(path) : undefined, sub);
  }

  /** What a file of a package imports. */
  resolveFrom(importer: PackageFile, specifier: string, mode: Mode): Resolved {
    const folder = this.folder(importer.id);
    if (/^\.{1,2}(?:\/|$)/.test(specifier)) {
      const path = join(dirname(importer.path), specifier);
      return this.#found(importer.id, this.#isIn(folder, path) ? this.#legacy(path) : undefined, specifier);
    }
    if (specifier.startsWith("#")) return this.#resolvePrivate(importer, specifier, mode);
    const builtin = builtinName(specifier);
    // A package may have the name of a built-in module; what it means is written in its dependencies.
    const [, name = "", sub = ""] = NAME.exec(specifier) ?? [];
    const dependency = this.#lock.packages[importer.id]?.dependencies[name];
    if (builtin && (dependency === undefined || specifier.startsWith("node:"))) {
      return { kind: "builtin", name: builtin };
    }
    if (dependency !== undefined) return this.resolve(dependency, sub, mode);
    return this.#inside(importer, name, sub, mode);
  }

  /** Whether importing it for nothing can be left out, by package.json's `sideEffects`. */
  hasSideEffects({ path, id }: PackageFile): boolean {
    const { folder, manifest } = this.#files.nearestManifest(path, this.folder(id));
    const { sideEffects } = manifest;
    if (typeof sideEffects === "boolean") return sideEffects;
    if (!Array.isArray(sideEffects)) return true;
    const inside = relative(folder, path);
    return sideEffects.some((pattern) => {
      if (typeof pattern !== "string") return true;
      const plain = pattern.replace(/^\.?\//, "");
      return new Bun.Glob(plain.includes("/") ? plain : `**/${plain}`).match(inside);
    });
  }

  isModule({ path, id }: PackageFile): boolean {
    const extension = extname(path);
    if (extension === ".mjs" || extension === ".mts") return true;
    if (extension !== ".js" && extension !== ".ts") return false;
    return this.#files.nearestManifest(path, this.folder(id)).manifest.type === "module";
  }

  #conditions(id: string, mode: Mode): Conditions {
    return (this.#portable.has(id) ? PORTABLE : CONDITIONS)[mode];
  }

  #resolvePrivate(importer: PackageFile, specifier: string, mode: Mode): Resolved {
    const { folder, manifest } = this.#files.nearestManifest(importer.path, this.folder(importer.id));
    const target = resolveField(manifest.imports, specifier, this.#conditions(importer.id, mode));
    if (target === undefined) return { kind: "missing", why: `"${specifier}" leads nowhere.` };
    if (!target.startsWith("./")) return this.resolveFrom(importer, target, mode);
    const path = join(folder, target);
    return this.#found(importer.id, this.#isIn(folder, path) ? this.#legacy(path) : undefined, specifier);
  }

  /** By its own name, or one that it brought along in a node_modules of its own. */
  #inside(importer: PackageFile, name: string, sub: string, mode: Mode): Resolved {
    const { id } = importer;
    const root = this.folder(id);
    if (name !== "" && name === this.#lock.packages[id]?.name) return this.resolve(id, sub, mode);
    for (let at = dirname(importer.path); name !== "" && at.startsWith(root); at = dirname(at)) {
      const folder = join(at, "node_modules", name);
      if (!this.#files.isFolder(folder)) continue;
      const { exports } = this.#files.manifest(folder) ?? {};
      const target = exports ? resolveField(exports, sub === "" ? "." : `./${sub}`, CONDITIONS[mode]) : sub;
      return this.#found(id, target === undefined ? undefined : this.#legacy(join(folder, target)), sub);
    }
    return { kind: "missing", why: `Cannot find module '${name}${sub && `/${sub}`}'` };
  }

  /** A file, with or without its extension, or a folder by its `main`. */
  #legacy(path: string): string | undefined {
    for (const extension of EXTENSIONS) {
      if (this.#files.isFile(`${path}${extension}`)) return `${path}${extension}`;
    }
    if (!this.#files.isFolder(path)) return undefined;
    const { main } = this.#files.manifest(path) ?? {};
    const tries = [...(typeof main === "string" ? [join(path, main)] : []), path];
    for (const one of tries) {
      const files = [...(one === path ? [] : EXTENSIONS.map((extension) => `${one}${extension}`))];
      const index = EXTENSIONS.slice(1).map((extension) => join(one, `index${extension}`));
      const found = [...files, ...index].find((file) => this.#isIn(path, file) && this.#files.isFile(file));
      if (found) return found;
    }
    return undefined;
  }

  /** A package is read by its own files only, whichever way the path was written. */
  #found(id: string, path: string | undefined, sub: string): Resolved {
    if (path !== undefined && this.#isIn(this.folder(id), path)) return { kind: "file", path, id };
    const what = sub === "" ? "no module of its own name" : `no module "${sub}"`;
    return { kind: "missing", why: `The package ${id} has ${what}.` };
  }

  #isIn(folder: string, path: string): boolean {
    return path.startsWith(`${folder}/`) || path === folder;
  }

  #path(folder: string): string {
    return join(this.#files.root, "..", folder);
  }
}
