/** The standard library: read once, at the builder's start. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path";
import { nameStandard, type StandardNames } from "../wire/standard.ts";
import type { MediaType, Module, Target } from "./sources.ts";

const TABLE = "modules.json";

export class Standard {
  readonly #named: StandardNames;
  readonly #files: ReadonlyMap<string, string>;
  readonly #modules: ReadonlyMap<string, Module>;

  /** @param origin of module URLs */
  constructor(folder: string, origin: string) {
    const isThere = existsSync(join(folder, TABLE));
    const table = isThere ? JSON.parse(readFileSync(join(folder, TABLE), "utf8")) : {};
    this.#named = nameStandard(table, isThere ? readdirSync(folder) : [], origin);
    this.#files = new Map([...this.#named.urls].map(([file, url]) => [url, file]));
    const modules = [...this.#named.urls].map(([file, url]) => {
      const text = readFileSync(join(folder, file), "utf8");
      return [url, { url, text, mediaType: extname(file).slice(1) as MediaType }] as const;
    });
    this.#modules = new Map(modules);
  }

  get(url: string): Module | undefined {
    return this.#modules.get(url);
  }

  /** The module that `std/{name}` means. */
  find(name: string): string | undefined {
    return this.#named.names.get(name);
  }

  /** Its own modules lie side by side, wherever they are imported from. Undefined: the importer is none of them. */
  relative(specifier: string, importer: string): Target | undefined {
    const file = this.#files.get(importer);
    if (file === undefined) return undefined;
    const url = this.#named.urls.get(normalize(join(dirname(file), specifier)));
    return url
      ? { kind: "module", url }
      : { kind: "wrong", message: `The standard library has no file ${specifier}.` };
  }

  hint(): string {
    const names = new Set([...this.#named.names.keys()].map((name) => name.split("/")[0]!));
    return `There are: ${[...names].toSorted().join(", ")}.`;
  }
}
