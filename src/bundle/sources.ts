/** The modules of a val, of the vals it imports, and of the standard library; all from memory. */

import { extname } from "node:path";
import { encodePath } from "../val/address.ts";
import type { BundlerSettings, FoundVal, NotFound, Source, WantedVal } from "../wire/bundle.ts";
import { fromEsmSh, hintFor, parseValUrl } from "./specifier.ts";
import type { Standard } from "./standard.ts";

/** What the val's own modules are called while they are built: who they are is not known to an artifact. */
export const OWN = "https://own.invalid/o/w/n/";

export type MediaType = "ts" | "tsx" | "js" | "jsx" | "json" | "wasm" | "other";

/** What an import means, as far as can be said without looking into packages or at other hosts. */
export type Target =
  | { readonly kind: "module"; readonly url: string }
  | { readonly kind: "npm"; readonly specifier: string; readonly deps: readonly string[] }
  /** `https:` or `jsr:`, not of this town. */
  | { readonly kind: "remote"; readonly specifier: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "wrong"; readonly message: string; readonly hint?: string };

export interface Module {
  readonly url: string;
  readonly text: string;
  readonly mediaType: MediaType;
}

interface Folder {
  /** URL with a slash at its end. */
  readonly base: string;
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
}

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx",
  ".json": "json",
};
const ENTRIES = ["main.tsx", "main.ts", "main.jsx", "main.js", "index.tsx", "index.ts"];
/** Of one build, what the host may send of other vals. */
const MAX_FOUND_BYTES = 40 * 2 ** 20;

export type Find = (want: WantedVal) => Promise<FoundVal | NotFound>;

export class Sources {
  readonly #settings: BundlerSettings;
  readonly #standard: Standard;
  readonly #hosts: ReadonlySet<string>;
  readonly #find: Find;
  readonly #folders = new Map<string, Folder>();
  readonly #found = new Map<string, Promise<FoundVal | NotFound>>();
  #foundBytes = 0;

  constructor(settings: BundlerSettings, standard: Standard, files: readonly Source[], find: Find) {
    this.#settings = settings;
    this.#standard = standard;
    this.#hosts = new Set([new URL(settings.origin).host, ...settings.esmHosts]);
    this.#find = find;
    this.#add(OWN, "this val", files);
  }

  /** Undefined: no such module. */
  get(url: string): Module | undefined {
    const standard = this.#standard.get(url);
    if (standard) return standard;
    const folder = this.#folderOf(url);
    const path = folder && pathIn(folder.base, url);
    const text = path === undefined ? undefined : folder?.files.get(path);
    return text === undefined ? undefined : { url, text, mediaType: mediaTypeOf(path ?? "") };
  }

  /** URLs of all of the val's own files that can be imported as code. */
  ownModules(): string[] {
    const paths = [...this.#folders.get(OWN)!.files.keys()];
    const isCode = (path: string) => !["json", "other"].includes(mediaTypeOf(path));
    return paths.filter(isCode).map((path) => `${OWN}${encodePath(path)}`);
  }

  /** What `specifier` means in the module `importer`, which is one of these. */
  async resolve(specifier: string, importer: string): Promise<Target> {
    const sh = fromEsmSh(specifier);
    const meant = sh?.specifier ?? specifier;
    if (meant.startsWith("npm:")) return { kind: "npm", specifier: meant, deps: sh?.deps ?? [] };
    if (meant.startsWith("node:")) return { kind: "builtin", name: meant };
    if (/^\.{1,2}\//.test(meant)) return this.#relative(meant, importer);
    const want = parseValUrl(meant, this.#hosts);
    if (want) return want.username === "std" ? this.#std(want) : this.#val(want, meant);
    if (/^(?:https|jsr):/.test(meant)) return { kind: "remote", specifier: meant };
    if (/^(?:file:|\/)/.test(meant)) return onlyOwn(meant);
    return wrong(`"${specifier}" cannot be imported.`, hintFor(specifier));
  }

  #relative(specifier: string, importer: string): Target {
    const standard = this.#standard.relative(specifier, importer);
    if (standard) return standard;
    const folder = this.#folderOf(importer);
    if (!folder || !URL.canParse(specifier, importer)) return onlyOwn(specifier);
    const url = new URL(specifier, importer);
    url.hash = "";
    const path = pathIn(folder.base, url.href);
    if (path === undefined) return onlyOwn(specifier);
    if (!folder.files.has(path)) return missing(folder, path);
    return { kind: "module", url: `${folder.base}${encodePath(path)}${url.search}` };
  }

  #std(want: WantedVal): Target {
    const name = `${want.valName}${want.path === undefined ? "" : `/${want.path}`}`;
    const url = this.#standard.find(name);
    if (url) return { kind: "module", url };
    return wrong(`The standard library has no module "std/${name}".`, this.#standard.hint());
  }

  async #val(want: WantedVal, specifier: string): Promise<Target> {
    const { username, valName, version, branch } = want;
    const key = JSON.stringify([username, valName, version, branch]);
    if (!this.#found.has(key)) {
      if (this.#found.size >= this.#settings.limits.vals)
        return wrong(`A val can import at most ${this.#settings.limits.vals} others.`);
      this.#found.set(key, this.#find(want));
    }
    const found = await this.#found.get(key)!;
    if (found === "unknown_user" && this.#settings.foreignVals) return { kind: "remote", specifier };
    if (found === "unknown_user") return noUser(want);
    if (found === "none") return noVal(want);
    const pinned = `${found.version}-${encodeURIComponent(found.branch)}`;
    const base = `${this.#settings.origin}/v/${found.username}/${found.valName}@${pinned}/`;
    if (!this.#folders.has(base)) {
      for (const { content } of found.files) this.#foundBytes += content.length;
      if (this.#foundBytes > MAX_FOUND_BYTES) return wrong("The vals that this one imports are too large.");
      this.#add(base, `the val ${found.username}/${found.valName}`, found.files);
    }
    const folder = this.#folders.get(base)!;
    const path = want.path ?? found.entry ?? entryOf(folder);
    if (path === undefined || !folder.files.has(path)) return missing(folder, path ?? "main.ts");
    return { kind: "module", url: `${base}${encodePath(path)}` };
  }

  #add(base: string, name: string, files: readonly Source[]): void {
    const texts = files.map(({ path, content }) => [path, content] as const);
    this.#folders.set(base, { base, name, files: new Map(texts) });
  }

  #folderOf(url: string): Folder | undefined {
    if (url.startsWith(OWN)) return this.#folders.get(OWN);
    // origin, v, user, val@version
    const [base] = /^https?:\/\/[^/]+\/v\/[^/]+\/[^/]+\//.exec(url) ?? [];
    return base === undefined ? undefined : this.#folders.get(base);
  }
}

function wrong(message: string, hint?: string): Target {
  return { kind: "wrong", message, ...(hint === undefined ? {} : { hint }) };
}

function onlyOwn(specifier: string): Target {
  return wrong("A val can import its own files only.", hintFor(specifier));
}

function missing(folder: Folder, path: string): Target {
  const near = [...folder.files.keys()].find((one) => {
    const stem = one.slice(0, one.length - extname(one).length);
    return stem === path || stem === `${path}/index` || stem === path.replace(/\.\w+$/, "");
  });
  const hint = near ? `There is "${near}".` : "Check the path; it needs its file extension.";
  return wrong(`There is no file "${path}" in ${folder.name}.`, hint);
}

function noVal({ username, valName, version, branch }: WantedVal): Target {
  const at = branch === undefined ? "" : ` with a branch "${branch}"`;
  const of = version === undefined ? "" : `, version ${version}`;
  const hint = "Check the address. A private val can be imported by vals of its owner only.";
  return wrong(`There is no val ${username}/${valName}${at}${of} that this one can import.`, hint);
}

function noUser({ username }: WantedVal): Target {
  const hint =
    "Check the address. Vals of another town are fetched from there only if this one's operator allows it (--foreign-vals).";
  return wrong(`There is no user "${username}" in this town.`, hint);
}

function entryOf({ files }: Folder): string | undefined {
  const main = ENTRIES.find((path) => files.has(path));
  return (
    main ?? [...files.keys()].find((path) => /^(?!.*\.json$)/.test(path) && mediaTypeOf(path) !== "other")
  );
}

export function mediaTypeOf(path: string): MediaType {
  return MEDIA_TYPES[extname(path).toLowerCase()] ?? "other";
}

/** The path of a module below `base`, decoded. */
export function pathIn(base: string, url: string): string | undefined {
  if (!url.startsWith(base)) return undefined;
  const [path = ""] = url.slice(base.length).split(/[?#]/, 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
