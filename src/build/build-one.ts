/** One build from its files to its artifact: scan, lock, bundle, check, store. */

import type { Sandbox } from "../sandbox/types.ts";
import type { BundlerSettings, Diagnostic, Scanned } from "../wire/bundle.ts";
import type { Lock, Problem } from "../wire/lock.ts";
import type { Artifacts, Files } from "./artifact.ts";
import { type BundleReply, type Bundler, type Session, TooMuch } from "./bundler.ts";
import { FoundVals } from "./found.ts";
import { type Graph, readGraph, readLock } from "./graph.ts";
import { artifactKey, BUILDER, hashOf } from "./key.ts";
import { placeholderOf } from "./live.ts";
import { resolveLock } from "./lock.ts";
import { toModules } from "./modules.ts";
import type { RecentLocks } from "./recent.ts";
import type { BuildRequest, FindVal, Pin } from "./types.ts";
import { toArtifact } from "./unbundled.ts";

/** What all builds of one builder share. */
export interface Tools {
  readonly sandbox: Sandbox;
  readonly artifacts: Artifacts;
  readonly bundler: Bundler;
  readonly settings: BundlerSettings;
  /** Hash of the standard library. */
  readonly standard: string;
  readonly findVal: FindVal;
  readonly recent: RecentLocks;
  /** Artifacts that are being made, by key. */
  readonly making: Map<string, Promise<Made>>;
}

export type Made =
  | { readonly ok: true; readonly graph: Graph }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What one request led to, with what it took in, or would have taken in. */
export type Outcome = Made & { readonly pins: readonly Pin[] };

type Locked = { readonly lock: Lock; readonly problems: readonly Problem[] };

const NO_LOCK: Lock = {
  text: '{\n  "version": "5"\n}\n',
  specifiers: {},
  packages: {},
  modules: {},
  redirects: {},
};

export class Build {
  readonly #tools: Tools;
  readonly #request: BuildRequest;
  readonly #found: FoundVals;
  readonly #session: Session;

  constructor(tools: Tools, request: BuildRequest) {
    this.#tools = tools;
    this.#request = request;
    this.#found = new FoundVals((want) => tools.findVal(want, request));
    this.#session = tools.bundler.open(request.files, request.entry, (want) => this.#found.find(want));
  }

  async run(): Promise<Outcome> {
    try {
      const made = await this.#run();
      return { ...made, pins: this.#found.pins() };
    } catch (error) {
      if (error instanceof TooMuch)
        return { ok: false, diagnostics: [error.diagnostic], pins: this.#found.pins() };
      throw error;
    } finally {
      this.#session.end();
    }
  }

  async #run(): Promise<Made> {
    const scanned = await this.#session.scan();
    const reasons = [
      ...scanned.reasons,
      ...(this.#request.unbundled === undefined ? [] : [this.#request.unbundled]),
    ];
    const isWhole = scanned.diagnostics.every((one) => reasons.length > 0 && isComputed(one));
    const { lock, problems } = await this.#lock(scanned, reasons.length > 0);
    const dynamic = new Set(scanned.dynamic);
    if (!isWhole || problems.some(({ specifier }) => !dynamic.has(specifier))) {
      return this.#diagnose(scanned, lock, problems);
    }
    return this.#once(scanned, { lock, problems }, reasons);
  }

  /** Everything that is wrong at once, each where it is. */
  async #diagnose({ diagnostics }: Scanned, lock: Lock, problems: readonly Problem[]): Promise<Made> {
    const reply = await this.#session.bundle(lock, problems, "");
    return { ok: false, diagnostics: reply.ok ? diagnostics : reply.diagnostics };
  }

  async #lock(scanned: Scanned, unbundled: boolean): Promise<Locked> {
    const { sandbox, artifacts, recent } = this.#tools;
    const { previous: key } = this.#request;
    const wanted = [...scanned.specifiers, ...(unbundled ? scanned.unused : [])];
    const previous = key === undefined ? recent.get(wanted) : await readLock(artifacts.path(key));
    const all = await resolveLock({ sandbox, specifiers: wanted, previous });
    if (all.ok) {
      if (key === undefined) recent.add(wanted, all.lock);
      return { lock: all.lock, problems: [] };
    }
    // What may fail when it is reached must not keep the rest from being found.
    const failed = new Set(all.problems.map(({ specifier }) => specifier));
    const rest = await resolveLock({
      sandbox,
      specifiers: wanted.filter((one) => !failed.has(one)),
      previous,
    });
    return { lock: rest.ok ? rest.lock : NO_LOCK, problems: all.problems };
  }

  /** The same content is made once, whoever wants it. */
  async #once(scanned: Scanned, locked: Locked, reasons: readonly string[]): Promise<Made> {
    const { making, artifacts } = this.#tools;
    const key = this.#key(scanned, locked, reasons);
    const graph = artifacts.has(key) ? await readGraph(artifacts.path(key)) : undefined;
    if (graph) return { ok: true, graph };
    const present = making.get(key);
    if (present) return present;
    const made = this.#make(key, scanned, locked, reasons).finally(() => making.delete(key));
    making.set(key, made);
    return made;
  }

  #key(scanned: Scanned, { lock, problems }: Locked, reasons: readonly string[]): string {
    const { settings, standard } = this.#tools;
    const { files, entry } = this.#request;
    const own = reasons.length > 0 ? files : files.filter(({ path }) => scanned.own.includes(path));
    const isStandard = scanned.others.some((url) => url.startsWith(`${settings.origin}/v/std/`));
    return artifactKey({
      settings: [
        ...[settings.origin, settings.workerCache, JSON.stringify(settings.limits), entry],
        ...[isStandard ? standard : "", JSON.stringify(reasons), JSON.stringify(problems)],
      ],
      files: new Map(own.map(({ path, content }) => [path, hashOf([content])])),
      others: this.#found.hashes(settings.origin),
      lock: lock.text,
    });
  }

  async #make(key: string, scanned: Scanned, locked: Locked, reasons: readonly string[]): Promise<Made> {
    if (reasons.length > 0) return this.#keepApart(key, scanned, locked, reasons);
    let reply: BundleReply;
    try {
      reply = await this.#session.bundle(locked.lock, locked.problems, placeholderOf(key));
    } catch (error) {
      // The val itself could be read: it is its packages.
      if (!(error instanceof TooMuch)) throw error;
      const reason =
        error.why === "time" ? error.diagnostic.message : "Its packages are too large for one file.";
      return this.#keepApart(key, scanned, locked, [reason]);
    }
    if (!reply.ok) {
      if (reply.unbundled !== undefined) return this.#keepApart(key, scanned, locked, [reply.unbundled]);
      return { ok: false, diagnostics: reply.diagnostics };
    }
    const { answer, code, map } = reply;
    const outside = answer.outside.map(({ specifier, reason }) => `${specifier} stays outside: ${reason}`);
    const graph = this.#graph(key, scanned, {
      level: outside.length > 0 ? 1 : 0,
      reasons: outside,
      packages: answer.packages,
      warnings: unique([...scanned.warnings, ...answer.warnings]),
      bytes: { code: code.length, map: map.length },
    });
    return this.#store(graph, locked.lock, {
      "bundle.js": code,
      "bundle.js.map": map,
      "deno.lock": locked.lock.text,
    });
  }

  /** Level 2. */
  async #keepApart(
    key: string,
    scanned: Scanned,
    { lock }: Locked,
    reasons: readonly string[],
  ): Promise<Made> {
    const { sandbox, settings } = this.#tools;
    const own = Object.fromEntries(this.#request.files.map(({ path, content }) => [path, content]));
    const modules = toModules(scanned, this.#found, settings);
    const graph = this.#graph(key, scanned, {
      level: 2,
      reasons: [...reasons],
      packages: Object.keys(lock.packages),
      warnings: [...scanned.warnings],
      bytes: { code: 0, map: 0 },
    });
    return this.#store(graph, lock, toArtifact({ own, modules, lock, cacheDir: sandbox.cacheDir }));
  }

  #graph(
    key: string,
    scanned: Scanned,
    made: Pick<Graph, "level" | "reasons" | "warnings" | "bytes"> & { readonly packages: readonly string[] },
  ): Graph {
    const { files, entry } = this.#request;
    const own = files.filter(({ path }) => scanned.own.includes(path));
    return {
      builder: BUILDER,
      key,
      entry,
      ...made,
      packages: [...made.packages],
      pins: this.#found.pins(),
      own: Object.fromEntries(own.map(({ path, content }) => [path, hashOf([content])])),
      others: [...scanned.others],
      specifiers: [...scanned.specifiers],
      aliases: scanned.aliases,
    };
  }

  async #store(graph: Graph, lock: Lock, files: Files): Promise<Made> {
    const { artifacts } = this.#tools;
    const staged = await artifacts.stage({
      ...files,
      "lock.json": JSON.stringify(lock),
      "graph.json": JSON.stringify(graph),
    });
    try {
      await artifacts.publish(staged, artifacts.path(graph.key));
    } finally {
      await artifacts.discard(staged);
    }
    return { ok: true, graph };
  }
}

/** What the scan has seen, the bundling may have seen too. */
function unique(warnings: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(warnings.map((one) => [JSON.stringify(one), one])).values()];
}

/** An import of which only a run can tell where it leads. */
function isComputed({ message }: Diagnostic): boolean {
  return /^Could not resolve (?:import|require)\(/.test(message);
}
