import type { Auth, Viewer } from "../../auth/auth.ts";
import { type Branch, type Store, StoreError, type Val } from "../../store/store.ts";
import { fileUrl, type TownAddress, versionedModuleUrl } from "../../val/address.ts";
import { type ModulePath, parseModulePath, pickMain } from "../../val/module-path.ts";
import { mayRead } from "../../val/visibility.ts";
import { createStdFinder, type StdLibrary } from "./module-std.ts";
import { ApiError } from "./problem.ts";

/** Where modules are looked for. */
export interface FindOptions {
  readonly store: Store;
  readonly auth: Auth;
  /** As seen from outside. */
  readonly town: TownAddress;
  /** `https://esm.town`: with it begins what modules call themselves. */
  readonly moduleOrigin: string;
  readonly std?: StdLibrary;
  /** Another module host, `https://esm.town`, that modules of users who are not of this town are looked for at. */
  readonly elsewhere?: string;
}

/** One file of one version, found and allowed. */
export interface Module {
  readonly path: string;
  readonly content: string;
  readonly hash: string;
  /** What it calls itself. */
  readonly url: string;
  readonly banner: string;
  readonly shared: boolean;
  /** Epoch milliseconds; 0 when it was always so. */
  readonly modifiedAt: number;
}

/** The address to ask at instead. */
export interface Redirect {
  readonly location: string;
  readonly shared: boolean;
}

/** From an address to a module, or to the address of one version of it. */
export class Finder {
  readonly #options: FindOptions;
  readonly #std: ReturnType<typeof createStdFinder> | undefined;

  constructor(options: FindOptions) {
    this.#options = options;
    this.#std = options.std && createStdFinder(options.std);
  }

  async find(url: URL, authorization: string | null): Promise<Module | Redirect> {
    const where = parseModulePath(url.pathname, url.search);
    if (where === undefined) {
      throw new ApiError(
        404,
        "No module has such an address. They look like /v/USER/VAL/PATH or /v/USER/VAL@VERSION-BRANCH/PATH.",
      );
    }
    if (where.username.toLowerCase() === "std") {
      const standard = await this.#findStd(where, url);
      if (standard !== undefined) return standard;
    }
    const elsewhere = await this.#elsewhere(where, url);
    if (elsewhere !== undefined) return elsewhere;
    const val = await this.#readable(where, authorization);
    const branch = await this.#branch(val, where);
    const version = where.version ?? branch.version;
    const at = { valId: val.id, branchId: branch.id, version };
    const path = where.path ?? (await this.#mainOf(val, at));
    const shared = val.privacy !== "private";
    const file = { username: val.username, valName: val.name, version, branch: branch.name, path };
    const address = versionedModuleUrl("", file);
    // However else it was named: each module has one address, and so is loaded once.
    if (decodeURIComponent(address) !== decodeURIComponent(url.pathname)) {
      return { location: address + queryWithout(url, "v"), shared };
    }
    const { entry, content } = await this.#options.store.files.content(at, path).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      const hint = /\.\w+$/.test(path) ? "" : " A path needs its file extension.";
      throw new ApiError(
        404,
        `There is no file ${path} in version ${version} of ${nameOf(val, branch)}.${hint}`,
      );
    });
    const page = fileUrl(this.#options.town, { username: val.username, valName: val.name, path, branch });
    return {
      path,
      content,
      hash: entry.hash!,
      url: versionedModuleUrl(this.#options.moduleOrigin, file),
      banner: `/* Open in Hamlet: ${page} */`,
      shared,
      modifiedAt: entry.updatedAt,
    };
  }

  /** A module of the library; undefined when the name is that of one of its vals, which is served as any other. */
  async #findStd(where: ModulePath, url: URL): Promise<Module | Redirect | undefined> {
    if (this.#std === undefined) return undefined;
    const found = this.#std(where);
    if (found === undefined) {
      if (await this.#options.store.vals.findByName(where.username, where.valName)) return undefined;
      const name = [where.valName, where.path].filter((part) => part !== undefined).join("/");
      throw new ApiError(404, `The standard library has no std/${name}.`);
    }
    if ("location" in found) {
      return { location: found.location + queryWithout(url, "v"), shared: true };
    }
    const address = `${this.#options.moduleOrigin}${url.pathname}`;
    const banner = "/* Part of the standard library of Hamlet. */";
    return { ...found, url: address, banner, shared: true, modifiedAt: 0 };
  }

  async #elsewhere(where: ModulePath, url: URL) {
    const { store, elsewhere } = this.#options;
    if (elsewhere === undefined || (await store.users.findByName(where.username))) return undefined;
    return { location: elsewhere + url.pathname + url.search, shared: true };
  }

  /** The val, if the caller may read it. What is private is, for others, not there. */
  async #readable(where: ModulePath, authorization: string | null): Promise<Val> {
    const { store, auth } = this.#options;
    const [val, viewer] = await Promise.all([
      store.vals.findByAnyName(where.username, where.valName),
      auth.identify(authorization),
    ]);
    if (val !== undefined && mayRead(val, readerOf(viewer))) return val;
    if (viewer === "invalid") throw new ApiError(401, "The token is unknown, expired or revoked.");
    throw new ApiError(
      404,
      `There is no val ${where.username}/${where.valName} here, or it is private. Its owner's token opens it (authorization: Bearer TOKEN; for Deno, DENO_AUTH_TOKENS=TOKEN@HOST).`,
    );
  }

  async #branch(val: Val, { branch: name = "main", version }: ModulePath): Promise<Branch> {
    const branch = await this.#options.store.vals.branchByName(val.id, name);
    if (branch === undefined) throw new ApiError(404, `${val.username}/${val.name} has no branch ${name}.`);
    if (version !== undefined && version > branch.version) {
      throw new ApiError(
        404,
        `${nameOf(val, branch)} has no version ${version}; its newest is ${branch.version}.`,
      );
    }
    return branch;
  }

  async #mainOf(val: Val, at: { valId: string; branchId: string; version: number }): Promise<string> {
    const { rows } = await this.#options.store.files.list(at, {
      path: "",
      recursive: true,
      limit: 1000,
      offset: 0,
    });
    const main = pickMain(rows);
    if (main === undefined)
      throw new ApiError(404, `${val.username}/${val.name} has no module. Name a file of it.`);
    return main;
  }
}

/** A token for something else is no better than none. */
function readerOf(viewer: Viewer | "anonymous" | "invalid"): Viewer | undefined {
  return typeof viewer === "object" && viewer.permits("val:read") ? viewer : undefined;
}

function nameOf(val: Val, branch: Branch): string {
  return branch.name === "main"
    ? `${val.username}/${val.name}`
    : `${val.username}/${val.name}@${branch.name}`;
}

function queryWithout(url: URL, name: string): string {
  const query = new URLSearchParams(url.search);
  query.delete(name);
  // As it was written: `?map` has no value.
  const kept = [...query].map(([key, value]) => (value === "" ? key : `${key}=${encodeURIComponent(value)}`));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}
