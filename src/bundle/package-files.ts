/** Looks into the package cache. Packages never change once they are there, so what was seen is remembered. */

import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export interface PackageJson {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly sideEffects?: unknown;
}

type Kind = "file" | "folder" | "nothing";

const MAX_REMEMBERED = 100_000;
const MAX_JSON = 2 ** 20;

export class PackageFiles {
  /** DENO_DIR; nothing outside of its `npm` folder is looked at. */
  readonly root: string;
  readonly #kinds = new Map<string, Kind>();
  readonly #manifests = new Map<string, PackageJson | undefined>();

  constructor(cacheDir: string) {
    this.root = join(cacheDir, "npm");
  }

  isFile(path: string): boolean {
    return this.#kind(path) === "file";
  }

  isFolder(path: string): boolean {
    return this.#kind(path) === "folder";
  }

  /** The package.json of this very folder. */
  manifest(folder: string): PackageJson | undefined {
    return this.#remember(this.#manifests, folder, () => readManifest(join(folder, "package.json")));
  }

  /** The package.json that decides about a file: the nearest one, up to that of its package. */
  nearestManifest(file: string, packageFolder: string): { folder: string; manifest: PackageJson } {
    for (let folder = dirname(file); folder.startsWith(packageFolder); folder = dirname(folder)) {
      const manifest = this.manifest(folder);
      if (manifest) return { folder, manifest };
    }
    return { folder: packageFolder, manifest: {} };
  }

  /** A link may lead anywhere, so that one is nothing. */
  #kind(path: string): Kind {
    return this.#remember(this.#kinds, path, () => {
      if (!path.startsWith(`${this.root}/`)) return "nothing";
      try {
        if (realpathSync(path) !== path) return "nothing";
        const info = statSync(path);
        return info.isFile() ? "file" : info.isDirectory() ? "folder" : "nothing";
      } catch {
        return "nothing";
      }
    });
  }

  #remember<T>(memory: Map<string, T>, key: string, look: () => T): T {
    if (memory.has(key)) return memory.get(key) as T;
    if (memory.size >= MAX_REMEMBERED) memory.clear();
    const value = look();
    memory.set(key, value);
    return value;
  }
}

function readManifest(path: string): PackageJson | undefined {
  try {
    if (statSync(path).size > MAX_JSON) return undefined;
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
