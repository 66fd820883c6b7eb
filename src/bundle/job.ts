/** One build: first what the val is made of, then, with the lock, one file of it. */

import { type BuildFailure, type BuildResult, build, type Message } from "esbuild";
import { encodePath } from "../val/address.ts";
import type { Bundled, BundlerSettings, Diagnostic, Scanned, Source } from "../wire/bundle.ts";
import type { Lock, Problem } from "../wire/lock.ts";
import {
  computedReasons,
  findUnfit,
  findUnknown,
  strangeInput,
  toLoadedPackages,
  whyOutside,
} from "./check.ts";
import { toDiagnostics, urlOf } from "./diagnose.ts";
import { OPTIONS } from "./esbuild.ts";
import { finishMap } from "./map.ts";
import type { PackageFiles } from "./package-files.ts";
import { PackageLoader, type TextMemory } from "./package-loader.ts";
import { Packages } from "./packages.ts";
import { createPlugin, type Findings, type Locked, type PluginOptions, TOO_MANY } from "./plugin.ts";
import { type Find, OWN, pathIn, Sources } from "./sources.ts";
import type { Standard } from "./standard.ts";
import { needsTransform, requireFunction } from "./transform.ts";
import { type Unused, unusedImports } from "./unused.ts";

/** What all builds share. */
export interface Shared {
  readonly settings: BundlerSettings;
  readonly standard: Standard;
  readonly files: PackageFiles;
  readonly memory: TextMemory;
}

export type BundleAnswer =
  | { readonly ok: true; readonly bundled: Bundled; readonly code: Uint8Array; readonly map: Uint8Array }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly unbundled?: string };

type Built = BuildResult<typeof OPTIONS>;
type Run =
  | { readonly ok: true; readonly built: Built; readonly findings: Findings; readonly loader?: PackageLoader }
  | { readonly ok: false; readonly errors: readonly Message[]; readonly findings: Findings };

const NOTHING_UNUSED: Unused = { warnings: [], specifiers: [] };
/** Each adds at least one package to those that stay outside. */
const MAX_RUNS = 4;

export class Job {
  readonly #shared: Shared;
  readonly #sources: Sources;
  readonly #entry: string;

  constructor(shared: Shared, files: readonly Source[], entry: string, find: Find) {
    this.#shared = shared;
    this.#sources = new Sources(shared.settings, shared.standard, files, find);
    this.#entry = `${OWN}${encodePath(entry)}`;
  }

  async scan(): Promise<Scanned> {
    const run = await this.#run(undefined, "exact");
    const { loaded, imports } = run.findings;
    const messages = run.ok ? run.built.warnings : run.errors;
    const unused = run.ok ? await unusedImports(this.#sources, loaded, imports) : NOTHING_UNUSED;
    const reasons = computedReasons(messages, loaded, this.#sources);
    const all = reasons.length > 0 ? await this.#lookEverywhere(run.findings) : run.findings;
    return {
      diagnostics: run.ok ? [] : this.#diagnose(run.errors),
      warnings: [
        ...unused.warnings,
        ...(run.ok ? this.#warnings(run.built.warnings) : []),
        ...this.#diagnose(findUnknown(messages)),
      ],
      specifiers: [...all.specifiers.keys()],
      dynamic: [...all.specifiers].flatMap(([specifier, { dynamic }]) => (dynamic ? [specifier] : [])),
      unused: unused.specifiers,
      own: [...loaded].flatMap((url) => pathIn(OWN, url) ?? []),
      others: [...all.loaded].filter((url) => !url.startsWith(OWN)),
      aliases: Object.fromEntries(all.aliases),
      reasons,
    };
  }

  /** A computed import may lead to any file of the val. What is wrong there is told when it is reached. */
  async #lookEverywhere(found: Findings): Promise<Findings> {
    const { findings } = await this.#run(undefined, "lenient", this.#sources.ownModules());
    for (const [specifier, how] of findings.specifiers) {
      found.specifiers.set(specifier, found.specifiers.get(specifier) ?? { ...how, dynamic: true });
    }
    for (const [url, target] of findings.aliases) found.aliases.set(url, target);
    for (const url of findings.loaded) found.loaded.add(url);
    return found;
  }

  async bundle(lock: Lock, problems: readonly Problem[], placeholder: string): Promise<BundleAnswer> {
    const outside = new Map<string, string>();
    const byPlace = new Map(problems.map((one) => [one.specifier, one]));
    for (let runs = 1; ; runs++) {
      const locked = this.#lock(lock, byPlace, new Set(outside.keys()));
      const run = await this.#run(locked, "final");
      const before = outside.size;
      const unfit = findUnfit(run, locked);
      if (runs === 1 && unfit.size > 0) {
        const answer = await this.#bundlePortably(lock, byPlace, unfit, placeholder);
        if (answer !== undefined) return answer;
      }
      for (const [specifier, reason] of whyOutside(unfit, locked)) outside.set(specifier, reason);
      const settled = outside.size === before || runs === MAX_RUNS;
      if (!run.ok && (settled || run.errors.some((error) => urlOf(error.location?.file ?? "")))) {
        return this.#failure(run.errors, locked);
      }
      if (run.ok && settled) return this.#finish(run.built, locked, { placeholder, outside });
    }
  }

  /**
   * Packages that need an unfit one may have a variant that does without, for runtimes like ours that load no machine
   * code. (`@libsql/client`, which `drizzle-orm/libsql` imports, is one.)
   */
  async #bundlePortably(
    lock: Lock,
    problems: ReadonlyMap<string, Problem>,
    unfit: ReadonlyMap<string, string>,
    placeholder: string,
  ): Promise<BundleAnswer | undefined> {
    const { packages } = this.#lock(lock, problems, new Set());
    const portable = new Set([...unfit.keys()].flatMap((id) => packages.dependantsOf(id)));
    if (portable.size === 0) return undefined;
    const locked = this.#lock(lock, problems, new Set(), portable);
    const run = await this.#run(locked, "final");
    if (!run.ok || findUnfit(run, locked).size > 0) return undefined;
    return this.#finish(run.built, locked, { placeholder, outside: new Map() });
  }

  /** Mistakes are told by where they are in the source, which only a run on the source itself knows. */
  async #failure(errors: readonly Message[], locked: Locked): Promise<BundleAnswer> {
    if (errors.some((error) => error.detail === TOO_MANY)) {
      const text = errors.find((error) => error.detail === TOO_MANY)!.text;
      return { ok: false, diagnostics: [{ message: text }], unbundled: text };
    }
    const exact = await this.#run(locked, "exact");
    const found = exact.ok ? errors : exact.errors;
    const isOurs = found.every(({ pluginName }) => pluginName !== "");
    const lenient = isOurs ? await this.#run(locked, "lenient") : exact;
    return { ok: false, diagnostics: this.#diagnose([...found, ...(lenient.ok ? [] : lenient.errors)]) };
  }

  async #finish(
    built: Built,
    locked: Locked,
    { placeholder, outside }: { placeholder: string; outside: ReadonlyMap<string, string> },
  ): Promise<BundleAnswer> {
    const { settings } = this.#shared;
    const { outputFiles, metafile } = built;
    const strange = strangeInput(metafile, locked);
    if (strange !== undefined) throw new Error(`the bundle has read ${strange}`);
    const map = outputFiles.find(({ path }) => path.endsWith(".map"))!;
    const text = outputFiles.find(({ path }) => !path.endsWith(".map"))!.text;
    const rest = text.includes("__require") ? requireFunction(settings.workerCache) : "";
    const code = Buffer.from(`${text}${rest}//# sourceMappingURL=bundle.js.map\n`);
    if (code.length > settings.limits.bundleBytes) {
      const megabytes = Math.floor(settings.limits.bundleBytes / 2 ** 20);
      const message = `Its modules are larger than ${megabytes} MB together.`;
      return { ok: false, diagnostics: [{ message }], unbundled: message };
    }
    const textOf = (url: string) => this.#sources.get(url)?.text;
    const packageFile = (path: string) => locked.loader.nameOf(path);
    return {
      ok: true,
      bundled: {
        codeBytes: code.length,
        warnings: await this.#warningsOf(built, locked),
        packages: toLoadedPackages(metafile, locked),
        outside: [...outside].map(([specifier, reason]) => ({ specifier, reason })),
        modules: Object.keys(metafile.inputs).length,
      },
      code,
      map: Buffer.from(finishMap(map.text, { placeholder, textOf, packageFile })),
    };
  }

  #lock(
    lock: Lock,
    problems: ReadonlyMap<string, Problem>,
    outside: ReadonlySet<string>,
    portable?: ReadonlySet<string>,
  ): Locked {
    const { files, memory, settings } = this.#shared;
    const packages = new Packages(lock, files, portable);
    const seenAs = (path: string) => `${settings.workerCache}${path.slice(settings.cacheDir.length)}`;
    return { lock, packages, loader: new PackageLoader(packages, files, memory, seenAs), problems, outside };
  }

  async #run(
    locked: Locked | undefined,
    mode: PluginOptions["mode"],
    entries?: readonly string[],
  ): Promise<Run> {
    const { settings } = this.#shared;
    const findings: Findings = {
      specifiers: new Map(),
      aliases: new Map(),
      imports: new Map(),
      loaded: new Set(),
      modules: 0,
    };
    const plugin = createPlugin({
      sources: this.#sources,
      entry: this.#entry,
      ...(entries ? { entries } : {}),
      cacheDir: settings.cacheDir,
      maxModules: settings.limits.modules,
      findings,
      mode,
      locked,
    });
    try {
      const built = await build({ ...OPTIONS, entryPoints: ["hamlet:entry"], plugins: [plugin] });
      return { ok: true, built, findings };
    } catch (error) {
      const { errors } = error as Partial<BuildFailure>;
      if (errors === undefined) throw error;
      return { ok: false, errors, findings };
    }
  }

  #diagnose(messages: readonly Message[]): Diagnostic[] {
    return toDiagnostics(messages, this.#shared.settings.cacheDir);
  }

  /** By where they are in the source too, which may have been changed before it was bundled. */
  async #warningsOf({ warnings }: Built, locked: Locked): Promise<Diagnostic[]> {
    const isChanged = ({ location }: Message) => {
      const url = urlOf(location?.file ?? "");
      return url?.startsWith(OWN) === true && needsTransform(this.#sources.get(url)?.text ?? "");
    };
    if (!warnings.some(isChanged)) return this.#warnings(warnings);
    const exact = await this.#run(locked, "exact");
    return exact.ok ? this.#warnings(exact.built.warnings) : [];
  }

  /** Of the author's own files; those about computed imports are for us. */
  #warnings(messages: readonly Message[]): Diagnostic[] {
    const own = messages.filter(({ location }) => urlOf(location?.file ?? "")?.startsWith(OWN));
    return this.#diagnose(own.filter(({ id }) => !/^(?:unsupported-|indirect-|empty-glob)/.test(id)));
  }
}
