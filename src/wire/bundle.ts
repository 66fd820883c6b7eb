/** What the host and the builder process say to each other; as frames, over the builder's stdin and stdout. */

import type { Lock, Problem } from "./lock.ts";

/** One file of a val. */
export interface Source {
  /** Relative, `/`-separated, as the store allows it: no `..`, not absolute. */
  readonly path: string;
  readonly content: string;
}

/** One thing that is wrong with a val's source, as its author is told. */
export interface Diagnostic {
  /** The val's own path, or the URL of a module of somebody else's; missing when it is about the whole. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A val that a module imports; as written, so that version, branch and path may be missing. */
export interface WantedVal {
  readonly username: string;
  readonly valName: string;
  readonly version?: number;
  readonly branch?: string;
  readonly path?: string;
}

/** What is there: one version, with all of its files. */
export interface FoundVal {
  readonly valId: string;
  readonly username: string;
  readonly valName: string;
  readonly version: number;
  readonly branch: string;
  readonly files: readonly Source[];
  /** What the val's bare address means; `main.tsx`, `main.ts` or the first module if not given. */
  readonly entry?: string;
}

/** How the builder process works for as long as it lives: JSON, its first argument. */
export interface BundlerSettings {
  /** Of module URLs, such as `https://esm.town`. */
  readonly origin: string;
  /** Hosts, with ports, whose `/v/…` are vals of this town too. */
  readonly esmHosts: readonly string[];
  /** DENO_DIR as the builder sees it, and as workers do. */
  readonly cacheDir: string;
  readonly workerCache: string;
  /** Folder of the standard library. */
  readonly stdFolder: string;
  /** A val of a user who does not exist here is any other `https:` module. */
  readonly foreignVals: boolean;
  readonly limits: BundleLimits;
}

export interface BundleLimits {
  readonly fileBytes: number;
  /** All files of the val, or of those that it imports. */
  readonly valBytes: number;
  readonly modules: number;
  /** Vals that one val may import, each version counted. */
  readonly vals: number;
  readonly bundleBytes: number;
}

/** Host to builder. */
export type Order =
  /** Begin a build: answered by `find`s and then by `scanned`. */
  | { readonly kind: "scan"; readonly job: number; readonly entry: string; readonly files: readonly Source[] }
  | { readonly kind: "found"; readonly job: number; readonly ask: number; readonly val: FoundVal | NotFound }
  /** Go on with a scanned one: answered by `bundled` or `failed`. */
  | {
      readonly kind: "bundle";
      readonly job: number;
      readonly lock: Lock;
      /** Of imports that are not in the lock. */
      readonly problems: readonly Problem[];
      /** Goes before the paths of the val's own modules in the map. */
      readonly placeholder: string;
    }
  | { readonly kind: "end"; readonly job: number }
  /** On its own: answered by `transpiled` or `failed`. */
  | {
      readonly kind: "transpile";
      readonly job: number;
      readonly path: string;
      readonly content: string;
      readonly url: string;
      /** Beginnings of import specifiers, and what to write instead. */
      readonly prefixes: Readonly<Record<string, string>>;
    };

export type NotFound = "none" | "unknown_user";

/** Builder to host. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "find"; readonly job: number; readonly ask: number; readonly want: WantedVal }
  | ({ readonly kind: "scanned"; readonly job: number } & Scanned)
  | ({ readonly kind: "bundled"; readonly job: number } & Bundled)
  | {
      readonly kind: "failed";
      readonly job: number;
      readonly diagnostics: readonly Diagnostic[];
      /** It can run all the same, but not as one file. */
      readonly unbundled?: string;
    }
  /** The builder itself has failed. */
  | { readonly kind: "broken"; readonly job: number; readonly message: string }
  /** The body is the code, then the map. */
  | { readonly kind: "transpiled"; readonly job: number; readonly codeBytes: number };

/** What a val imports, without having looked into packages. */
export interface Scanned {
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** `npm:`, `jsr:` and `https:`, for the lock. */
  readonly specifiers: readonly string[];
  /** Those of them that are imported dynamically only: they may fail when they are. */
  readonly dynamic: readonly string[];
  /** Those in the val's own code that are not used, which Deno wants to find all the same. */
  readonly unused: readonly string[];
  /** Paths of the val's own modules. */
  readonly own: readonly string[];
  /** URLs of the standard library's and of other vals' modules. */
  readonly others: readonly string[];
  /** From an `https:` URL as imported to the URL or `npm:` specifier that is meant. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Why it cannot be made one file. */
  readonly reasons: readonly string[];
}

/** One file made of a val. The body is the code, then the map. */
export interface Bundled {
  readonly codeBytes: number;
  readonly warnings: readonly Diagnostic[];
  /** Packages in it, keys of the lock. */
  readonly packages: readonly string[];
  /** Packages that stay outside, with the reason. */
  readonly outside: readonly { readonly specifier: string; readonly reason: string }[];
  readonly modules: number;
}
