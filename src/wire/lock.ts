/** What a val's imports from elsewhere resolved to, exactly. */
export interface Lock {
  /** `deno.lock`, version 5. */
  readonly text: string;
  /** `npm:hono@4/jsx`, as imported by the val or by a module of `modules`, to a key of `packages`. */
  readonly specifiers: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  /** By final URL; what `jsr:` imports lead to is here too. */
  readonly modules: Readonly<Record<string, LockedModule>>;
  /** From `https://…` or `jsr:…` as imported to a key of `modules`; only where the two differ. */
  readonly redirects: Readonly<Record<string, string>>;
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Below DENO_DIR. It is not there when `os` or `cpu` exclude this machine. */
  readonly folder: string;
  /** From the bare name as its code imports it to a key of `packages`. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** It wants a script to run when it is installed, which never happens. */
  readonly scripts?: true;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  /** All who depend on it can do without. */
  readonly optional?: true;
}

export interface LockedModule {
  /** Below DENO_DIR. After the source comes one line of Deno's own: `// denoCacheMetadata=…`. */
  readonly file: string;
  readonly mediaType: string;
  /**
   * From specifier as written to a key of `modules`, an `npm:` specifier or `node:…`. A dynamic import that leads
   * nowhere is not in it: it fails when it is reached.
   */
  readonly imports: Readonly<Record<string, string>>;
}

/** Why an import could not be resolved, as the author is told. */
export interface Problem {
  readonly specifier: string;
  readonly message: string;
  readonly hint?: string;
}
