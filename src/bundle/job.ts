/** One build: first what the val is made of, then, with the lock, one file of it. */

import { type BuildFailure, type BuildResult, build, type Message } from "esbuild";
import { encodePath } from "../val/address.ts";
import type { Bundled, BundlerSettings, Diagnostic, Scanned, Source } from "../wire/bundle.ts";
import type { Lock, Problem } from "../wire/lock.ts";
import { computedReasons, strangeInput, toLoadedPackages, whyOutside } from "./check.ts";
import { toDiagnostics, urlOf } from "./diagnose.ts";
import { OPTIONS } from "./esbuild.ts";
import { finishMap } from "./map.ts";
import type { PackageFiles } from "./package-files.ts";
import { PackageLoader, type TextMemory } from "./package-loader.ts";
import { Packages } from "./packages.ts";
import { createPlugin, type Findings, type Locked, type PluginOptions, TOO_MANY } from "./plugin.ts";
import { type Find, OWN, pathIn, Sources } from "./sources.ts";
import type { Standard } from "./standard.ts";
import { requireFunction } from "./transform.ts";
import { unusedImports } from "./unused.ts";

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
    const { findings } = run;
    const messages = run.ok ? run.built.warnings : run.errors;
    const urls = [...findings.imports.keys()];
    const loaded = run.ok ? Object.keys(run.built.metafile.inputs).map((name) => urlOf(name) ?? "") : urls;
    const unused = run.ok
      ? await unusedImports(this.#sources, loaded, findings.imports)
      : { warnings: [], specifiers: [] };
    return {
      diagnostics: run.ok ? [] : this.#diagnose(run.errors),
      warnings: [...unused.warnings, ...(run.ok ? this.#warnings(run.built.warnings) : [])],
      specifiers: [...findings.specifiers.keys()],
      dynamic: [...findings.specifiers].flatMap(([specifier, { dynamic }]) => (dynamic ? [specifier] : [])),
      unused: unused.specifiers,
      own: loaded.flatMap((url) => pathIn(OWN, url) ?? []),
      others: loaded.filter((url) => url !== "" && !url.startsWith(OWN)),
      aliases: Object.fromEntries(findings.aliases),
      reasons: computedReasons(messages, [...new Set([...loaded, ...urls])], this.#sources),
    };
  }

  async bundle(lock: Lock, problems: readonly Problem[], placeholder: string): Promise<BundleAnswer> {
    const outside = new Map<string, string>();
    const byPlace = new Map(problems.map((one) => [one.specifier, one]));
    for (let runs = 1; ; runs++) {
      const locked = this.#lock(lock, byPlace, new Set(outside.keys()));
      const run = await this.#run(locked, "final");
      const before = outside.size;
      for (const [specifier, reason] of whyOutside(run, locked)) outside.set(specifier, reason);
      const settled = outside.size === before || runs === MAX_RUNS;
      if (!run.ok && (settled || run.errors.some((error) => urlOf(error.location?.file ?? "")))) {
        return this.#failure(run.errors, locked);
      }
      if (run.ok && settled) return this.#finish(run.built, locked, { placeholder, outside });
    }
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

  #finish(
    { outputFiles, metafile, warnings }: Built,
    locked: Locked,
    { placeholder, outside }: { placeholder: string; outside: ReadonlyMap<string, string> },
  ): BundleAnswer {
    const { settings } = this.#shared;
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
        warnings: this.#warnings(warnings),
        packages: toLoadedPackages(metafile, locked),
        outside: [...outside].map(([specifier, reason]) => ({ specifier, reason })),
        modules: Object.keys(metafile.inputs).length,
      },
      code,
      map: Buffer.from(finishMap(map.text, { placeholder, textOf, packageFile })),
    };
  }

  #lock(lock: Lock, problems: ReadonlyMap<string, Problem>, outside: ReadonlySet<string>): Locked {
    const { files, memory, settings } = this.#shared;
    const packages = new Packages(lock, files);
    const seenAs = (path: string) => `${settings.workerCache}${path.slice(settings.cacheDir.length)}`;
    return { lock, packages, loader: new PackageLoader(packages, files, memory, seenAs), problems, outside };
  }

  async #run(locked: Locked | undefined, mode: PluginOptions["mode"]): Promise<Run> {
    const { settings } = this.#shared;
    const findings: Findings = {
      specifiers: new Map(),
      aliases: new Map(),
      imports: new Map(),
      modules: 0,
    };
    const plugin = createPlugin({
      sources: this.#sources,
      entry: this.#entry,
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

  /** Of the author's own files; those about computed imports are for us. */
  #warnings(messages: readonly Message[]): Diagnostic[] {
    const own = messages.filter(({ location }) => urlOf(location?.file ?? "")?.startsWith(OWN));
    return this.#diagnose(own.filter(({ id }) => !/^(?:unsupported-|indirect-|empty-glob)/.test(id)));
  }
}
