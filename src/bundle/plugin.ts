/** Answers every question of esbuild's about a module: nothing is left to its own search of the disk. */

import type { OnLoadArgs, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from "esbuild";
import type { Lock, Problem } from "../wire/lock.ts";
import { SUFFIX } from "./diagnose.ts";
import { NO_JSX, NOWHERE } from "./esbuild.ts";
import { keepNames, NAMES_IMPORT, namesModule } from "./names.ts";
import { NOT_OURS, type PackageLoader } from "./package-loader.ts";
import { builtinName, type Mode, type Packages, type Resolved } from "./packages.ts";
import { findRemote, readRemote, resolveRemote } from "./remote.ts";
import { external, inVal, metaOf, wrong } from "./results.ts";
import { type Module, OWN, type Sources, type Target } from "./sources.ts";
import { parseNpm } from "./specifier.ts";
import {
  builtinModule,
  META_IMPORT,
  metaModule,
  needsTransform,
  runtimeModule,
  stubModule,
  transformModule,
  withJsxRuntime,
} from "./transform.ts";
import { wasmModule } from "./wasm.ts";

/** What is known once the lock is there; before, what comes from elsewhere stays outside. */
export interface Locked {
  readonly lock: Lock;
  readonly packages: Packages;
  readonly loader: PackageLoader;
  readonly problems: ReadonlyMap<string, Problem>;
  /** `npm:` specifiers that stay imports. */
  readonly outside: ReadonlySet<string>;
}

/** What came up on the way. */
export interface Findings {
  /** `npm:`, `jsr:` and `https:` imports, and whether all of them are dynamic. */
  readonly specifiers: Map<string, { dynamic: boolean }>;
  readonly aliases: Map<string, string>;
  /** What each of the val's modules imports, as written. */
  readonly imports: Map<string, Set<string>>;
  /** URLs of the modules of vals, of the standard library and of other hosts. */
  readonly loaded: Set<string>;
  modules: number;
}

export interface PluginOptions {
  readonly sources: Sources;
  /** URL. */
  readonly entry: string;
  /** Instead of it; URLs too. */
  readonly entries?: readonly string[];
  readonly cacheDir: string;
  readonly maxModules: number;
  readonly findings: Findings;
  /**
   * `final`: modules are changed where they must. `exact`: they are not, so that mistakes are found where they were made.
   * `lenient`: so, and what leads nowhere is let pass, for only then does esbuild look at names.
   */
  readonly mode: "final" | "exact" | "lenient";
  readonly locked: Locked | undefined;
}

export const TOO_MANY = "too many modules";

/** A plugin for one run of esbuild. */
export function createPlugin(options: PluginOptions): Plugin {
  const answers = new Answers(options);
  return {
    name: "hamlet",
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => answers.resolve(args));
      build.onLoad({ filter: /.*/ }, (args) => answers.load(args));
    },
  };
}

class Answers {
  readonly #options: PluginOptions;

  constructor(options: PluginOptions) {
    this.#options = options;
  }

  async resolve(args: OnResolveArgs): Promise<OnResolveResult> {
    const { kind, namespace, importer } = args;
    const { entry, entries } = this.#options;
    if (kind === "entry-point") return entries ? { path: "entries", namespace: "entries" } : inVal(entry);
    if (namespace === "entries") return inVal(args.path);
    if (namespace === "file") return this.#fromPackage(args);
    if (namespace === "val") return this.#fromVal(args, importer.slice(0, -SUFFIX.length));
    return { path: args.path, namespace: args.path === "hamlet:runtime" ? "runtime" : "stub" };
  }

  async load({ path, namespace, pluginData, with: attributes }: OnLoadArgs): Promise<OnLoadResult> {
    switch (namespace) {
      case "val":
        return this.#loadModule(path.slice(0, -SUFFIX.length), attributes.type);
      case "file":
        return this.#count() ?? (await this.#options.locked?.loader.load(path, pluginData)) ?? NOT_OURS;
      case "runtime":
        return { contents: runtimeModule(this.#options.entry.slice(OWN.length)), loader: "js" };
      case "entries": {
        const { entries = [] } = this.#options;
        return { contents: entries.map((url) => `import ${JSON.stringify(url)};`).join("\n"), loader: "js" };
      }
      case "names":
        return { contents: namesModule, loader: "js" };
      case "meta":
        return { contents: metaModule(pluginData.url, pluginData.path), loader: "js" };
      case "builtin":
        return { contents: builtinModule(path), loader: "js" };
      case "bytes":
        return { contents: pluginData, loader: "binary" };
      default:
        return { contents: stubModule(path), loader: "js" };
    }
  }

  async #fromVal(args: OnResolveArgs, importer: string): Promise<OnResolveResult> {
    const { path: specifier, pluginData } = args;
    if (specifier === META_IMPORT) return metaOf(importer);
    if (specifier === NAMES_IMPORT) return { path: specifier, namespace: "names" };
    if (specifier === "hamlet:bytes") return { path: importer, namespace: "bytes", pluginData };
    // It is not there in a val's module, which is an ES module: what it is called with means nothing.
    if (args.kind.startsWith("require")) return external(specifier);
    if (specifier.startsWith(NO_JSX)) return this.#wrong(args, NO_JSX_MESSAGE, NO_JSX_HINT);
    const { sources, locked, findings } = this.#options;
    const own = findings.imports.get(importer) ?? new Set();
    findings.imports.set(importer, own.add(specifier));
    const isRemote = locked !== undefined && importer in locked.lock.modules;
    const builtin = builtinName(specifier);
    if (builtin && !isRemote) return external(builtin);
    const target = isRemote
      ? resolveRemote(locked.lock, importer, specifier)
      : await sources.resolve(specifier, importer);
    return this.#answer(args, target, isRemote ? undefined : importer);
  }

  /** @param importer when it is of a val, or of the standard library */
  #answer(args: OnResolveArgs, target: Target, importer: string | undefined): OnResolveResult {
    switch (target.kind) {
      case "module":
        if (importer !== undefined) this.#noteAlias(args.path, importer, target.url);
        return this.#toModule(args, target.url);
      case "builtin":
        return external(target.name);
      case "wrong":
        return this.#wrong(args, target.message, target.hint);
      case "npm":
        if (/^https?:/.test(args.path)) this.#options.findings.aliases.set(args.path, target.specifier);
        for (const dep of target.deps) this.#note(dep, args);
        return this.#fromLock(args, target.specifier, (locked) =>
          this.#toPackage(args, target.specifier, locked),
        );
      case "remote":
        return this.#fromLock(args, target.specifier, ({ lock, problems }) => {
          const url = findRemote(lock, target.specifier);
          if (url === undefined && problems.size > 0) return external(target.specifier);
          return url ? this.#toModule(args, url) : this.#wrong(args, `${target.specifier} was not found.`);
        });
    }
  }

  #fromLock(
    args: OnResolveArgs,
    specifier: string,
    find: (locked: Locked) => OnResolveResult,
  ): OnResolveResult {
    const { locked } = this.#options;
    this.#note(specifier, args);
    if (locked === undefined) return { path: specifier, external: true };
    const problem = locked.problems.get(specifier);
    return problem ? this.#wrong(args, problem.message, problem.hint) : find(locked);
  }

  #toModule(args: OnResolveArgs, url: string): OnResolveResult {
    const module = this.#module(url);
    const { type } = args.with;
    if (type === "text" || type === "bytes") return inVal(url);
    if (module?.mediaType === "json" && type !== "json") {
      return this.#wrong(args, "A JSON file needs an import attribute.", `Add: with { type: "json" }`);
    }
    if (module?.mediaType === "other") {
      return this.#wrong(
        args,
        `"${args.path}" is no module.`,
        `To have its text, add: with { type: "text" }`,
      );
    }
    return inVal(url);
  }

  #toPackage(
    args: OnResolveArgs,
    specifier: string,
    { lock, packages, outside, problems }: Locked,
  ): OnResolveResult {
    if (outside.has(specifier)) return { path: specifier, external: true };
    const id = lock.specifiers[specifier];
    // When there were mistakes, not everything was looked for.
    if (id === undefined && problems.size > 0) return external(specifier);
    if (id === undefined) return this.#wrong(args, `${specifier} was not found.`);
    const found = packages.resolve(id, parseNpm(specifier)?.sub ?? "", "import");
    return found.kind === "missing" ? this.#wrong(args, found.why) : this.#toFile(found, "import");
  }

  #fromPackage(args: OnResolveArgs): OnResolveResult {
    const { packages } = this.#options.locked!;
    const { path, kind, importer, pluginData } = args;
    if (kind === "require-resolve") return { path, external: true };
    if (path === NAMES_IMPORT) return { path, namespace: "names" };
    if (path === "hamlet:bytes") return { path: importer, namespace: "bytes", pluginData };
    if (path === META_IMPORT) return metaOf(`file://${pluginData.seen}`, pluginData.seen);
    const file = pluginData?.file ?? { kind: "file", path: importer, id: packages.ownerOf(importer) };
    const mode = kind === "require-call" ? "require" : "import";
    return this.#toFile(packages.resolveFrom(file, path, mode), mode);
  }

  #toFile(found: Resolved, mode: Mode): OnResolveResult {
    if (found.kind === "missing") return { path: found.why, namespace: "stub" };
    if (found.kind === "builtin") {
      return mode === "require" ? { path: found.name, namespace: "builtin" } : external(found.name);
    }
    const { packages } = this.#options.locked!;
    // As for the modules of vals; but a file that is CommonJS keeps its name.
    const path = packages.isModule(found) && !found.path.endsWith(".mjs") ? `${found.path}.mjs` : found.path;
    return {
      path,
      namespace: "file",
      pluginData: { file: found },
      sideEffects: packages.hasSideEffects(found),
    };
  }

  /** Dynamic imports may fail where they are, and nowhere else. */
  #wrong(args: OnResolveArgs, message: string, hint?: string): OnResolveResult {
    if (this.#options.mode === "lenient") return { path: args.path, external: true };
    if (args.kind !== "dynamic-import") return wrong(args, message, hint);
    return { path: message, namespace: "stub", warnings: [{ text: message, detail: { hint } }] };
  }

  /** Nothing but packages lies on the disk: before they are known, it is esbuild that has looked for a pattern. */
  async #loadModule(url: string, type: string | undefined): Promise<OnLoadResult> {
    const full = this.#count();
    if (full) return full;
    this.#options.findings.loaded.add(url);
    const module = this.#module(url);
    if (module === undefined) return { errors: [{ text: `There is no module ${url}.` }] };
    if (type === "text") return { contents: module.text, loader: "text" };
    if (type === "bytes") return { contents: toBytes(module), loader: "binary" };
    if (module.mediaType === "wasm") return wasmModule(toBytes(module));
    if (module.mediaType === "json" || module.mediaType === "other") {
      return { contents: module.text, loader: "json" };
    }
    const text = withJsxRuntime(module);
    const code = { loader: module.mediaType, resolveDir: NOWHERE };
    if (this.#options.mode !== "final") return { ...code, contents: text };
    const named = `${text}${keepNames(module.text)}`;
    if (!needsTransform(text)) return { ...code, contents: named };
    return { ...code, contents: await transformModule(named, module.mediaType, url), loader: "js" };
  }

  #module(url: string): Module | undefined {
    const { sources, locked, cacheDir } = this.#options;
    return sources.get(url) ?? (locked && readRemote(locked.lock, cacheDir, url));
  }

  #count(): OnLoadResult | undefined {
    const { findings, maxModules } = this.#options;
    if (++findings.modules <= maxModules) return undefined;
    return { errors: [{ text: `There are more than ${maxModules} modules.`, detail: TOO_MANY }] };
  }

  #note(specifier: string, { kind }: OnResolveArgs): void {
    const { specifiers } = this.#options.findings;
    const dynamic = kind === "dynamic-import" && (specifiers.get(specifier)?.dynamic ?? true);
    specifiers.set(specifier, { dynamic });
  }

  /** Where a module is not at the place that the import says. */
  #noteAlias(specifier: string, importer: string, url: string): void {
    if (url.startsWith(OWN)) return;
    const written = new URL(specifier, importer).href;
    if (written !== url) this.#options.findings.aliases.set(written, url);
  }
}

const NO_JSX_MESSAGE = "This file has JSX, but does not say whose.";
const NO_JSX_HINT = "Put this into its first line: /** @jsxImportSource https://esm.sh/react */";

function toBytes({ text, mediaType }: Module): Uint8Array {
  return mediaType === "wasm" ? Buffer.from(text, "latin1") : Buffer.from(text);
}
