import type { Sandbox } from "../sandbox/types.ts";
import type { Diagnostic, FoundVal, NotFound, Source, WantedVal } from "../wire/bundle.ts";

export type { Diagnostic, FoundVal, Source, WantedVal } from "../wire/bundle.ts";

/** Which version of which val is built. */
export interface Identity {
  readonly username: string;
  readonly valName: string;
  readonly version: number;
  readonly branch: string;
}

/** Another val's version that was built in. */
export interface Pin extends Identity {
  readonly valId: string;
  /** It was imported without a version, so that a newer one is wanted when there is one. */
  readonly floating: boolean;
}

/**
 * Finds a val that is imported. Undefined: there is none, or this importer may not read it; `unknown_user`: not even a user
 * of that name.
 */
export type FindVal = (
  want: WantedVal,
  importer: { readonly userId: string },
) => Promise<FoundVal | undefined | Extract<NotFound, "unknown_user">>;

export interface BuildRequest {
  readonly files: readonly Source[];
  /** Path of the module to import. */
  readonly entry: string;
  readonly identity: Identity;
  /** The val's owner: what this user may read can be imported. */
  readonly userId: string;
  /** Key of the last good build: what it has pinned stays. */
  readonly previous?: string;
  /** Why it is not to be made one file. */
  readonly unbundled?: string;
}

export type BuildResult =
  | {
      readonly ok: true;
      readonly key: string;
      /** 0: one file; 1: one file, and packages beside it; 2: its modules as they are. */
      readonly level: 0 | 1 | 2;
      readonly start: "pooled" | "locked";
      /** What a worker imports: `bundle.js`, or the URL of the module. */
      readonly entry: string;
      /** Why the level is not 0, as sentences. */
      readonly reasons: readonly string[];
      readonly pins: readonly Pin[];
      readonly warnings: readonly Diagnostic[];
    }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** What it would have taken in; missing when that was not looked for. */
      readonly pins?: readonly Pin[];
    };

export interface ToTranspile {
  readonly path: string;
  readonly content: string;
  /** What the module calls itself. */
  readonly url: string;
  /** Beginnings of import specifiers, and what to write instead; the longest that fits counts. */
  readonly prefixes: Readonly<Record<string, string>>;
}

export type TranspileResult =
  | { readonly ok: true; readonly code: string; readonly map: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface Builder {
  /** Build a val. The same content is built once; nothing of it is run. Resolves with all that is wrong when it cannot be. */
  build(request: BuildRequest): Promise<BuildResult>;
  /** The absolute folder of a built val for one version of it, which is to be a worker's. Cheap when it was made before. */
  assemble(key: string, identity: Identity & { readonly entry: string }): Promise<string>;
  /** Where that folder is, or would be. */
  folderOf(key: string, identity: Identity & { readonly entry: string }): string;
  /** One module as JavaScript; what it imports is not looked at. */
  transpile(file: ToTranspile): Promise<TranspileResult>;
  /** Remove everything that was built and assembled but these; no build may run meanwhile. */
  keepOnly(needed: readonly Needed[]): Promise<void>;
  /** End the builder process. */
  close(): Promise<void>;
}

/** An artifact, and what it is assembled for. */
export interface Needed extends Identity {
  /** Its key. */
  readonly artifact: string;
  readonly entry: string;
}

export interface BuilderOptions {
  readonly sandbox: Sandbox;
  /** Absolute folder of all artifacts, this builder's alone. */
  readonly artifactsDir: string;
  /** Of module URLs, such as `https://esm.town`. */
  readonly moduleOrigin: string;
  /** Hosts, with their ports, that serve this town's modules too; asked for with the first build. */
  readonly esmHosts: () => readonly string[];
  readonly findVal: FindVal;
  /** Vals of users who do not exist here are fetched from where their address leads. */
  readonly foreignVals?: boolean;
  readonly limits?: Partial<BuildLimits>;
}

export interface BuildLimits {
  readonly fileBytes: number;
  readonly valBytes: number;
  readonly modules: number;
  readonly vals: number;
  readonly bundleBytes: number;
  /** Of bundling, without the time to fetch packages. */
  readonly timeMs: number;
  /** Resident, of the builder process and esbuild's together. */
  readonly memoryBytes: number;
}
