/** From a save to a live endpoint: build, remember, switch, let the old one finish. Design §5. */

import type { BuildReport, Deploy } from "./api/deploy.ts";
import { type BuiltFile, readyOf, toReport } from "./built.ts";
import { Collector } from "./collect.ts";
import type { DeployerOptions, Job, Live, Ready, Waits } from "./deploy-options.ts";
import { HamletError } from "./errors.ts";
import type { Destination } from "./gateway/host.ts";
import type { WorkerDeath } from "./pool/types.ts";
import { type BranchOf, type Deployed, type Resolved, type ResolvedFile, StoreError } from "./store/store.ts";
import type { Deployment } from "./val/deployment.ts";
import { isTrigger, type TriggerType } from "./val/file.ts";

/** No name is asked for as one. */
const IP = /^(?:[\d.]+|\[.*)$/;
/** A bundle lacks something that its code asks for by a name it makes up at run time (build.md §5). */
const NOT_IN_BUNDLE = /\b(?:ERR_)?MODULE_NOT_FOUND\b|Could not load the /;

/** A branch may be deleted between two looks at it. */
function orGone(error: unknown): undefined {
  if (!(error instanceof StoreError && error.failure === "no_branch")) throw error;
}

export class Deployer implements Deploy {
  readonly #options: DeployerOptions;
  readonly #live = new Map<string, Live>();
  readonly #jobs = new Map<string, Job<BuildReport>>();
  /** By val: hosts that were answered with a failure, which the next save or the val's end may mend. */
  readonly #failed = new Map<string, Set<string>>();
  /** By file and version: why a version is to be built without a bundle. */
  readonly #unbundled = new Map<string, string>();
  /** By val: what is recorded is put into service one after the other, so that nothing old overtakes what is newer. */
  readonly #refreshing = new Map<string, Promise<void>>();
  readonly #collector: Collector;
  #closed = false;

  constructor(options: DeployerOptions) {
    this.#options = options;
    const { store, builder, log, collectMs: everyMs, needed: also } = options;
    this.#collector = new Collector({
      store,
      builder,
      log,
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(also && { also }),
    });
  }

  /** Serve everything that was built before this start, and begin to build what was saved but is not built. */
  async start(): Promise<void> {
    const { deployments } = this.#options.store;
    const all = await deployments.all();
    await this.#collector.collect(all);
    const lost: BranchOf[] = [];
    for (const [valId, deployed] of Map.groupBy(all, (one) => one.valId)) {
      const ready = await this.#ready(deployed);
      if (ready.length < deployed.length) lost.push(...deployed);
      this.#switch(valId, ready, false);
    }
    const unbuilt = [...(await deployments.unbuilt()), ...lost, ...(await deployments.behind())];
    this.#buildAll(unbuilt, "A version saved before this start could not be built.");
  }

  /** Build something that is not to be served, while nothing of what was built is removed. */
  beside<T>(build: () => Promise<T>): Promise<T> {
    return this.#collector.beside(build);
  }

  /** Record no build from now on: those that run are about to be killed, which is not their authors' fault. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#collector.finished();
  }

  /**
   * Build the newest version of a branch and switch to it. A build that has begun may have read an older state, so
   * a save that comes meanwhile waits for one more; all that wait share it.
   */
  saved(valId: string, branchId: string): Promise<BuildReport | undefined> {
    const job = this.#jobs.get(branchId);
    if (job === undefined) return this.#begin(valId, branchId);
    job.waiting ??= job.running.then(
      () => this.#begin(valId, branchId),
      () => this.#begin(valId, branchId),
    );
    return job.waiting;
  }

  configured(valId: string): Promise<void> {
    return this.#refresh(valId);
  }

  addressed(valId: string, host: string): Promise<void> {
    this.#options.hosts.forget(host);
    return this.#refresh(valId);
  }

  async serves(host: string): Promise<boolean> {
    const { kind } = (await this.#options.hosts.find(host)) ?? {};
    return (kind === "val" || kind === "inner") && !IP.test(host);
  }

  removed(valId: string, branchId?: string): Promise<void> {
    this.#options.gone?.({ valId, branchId });
    return this.#refresh(valId);
  }

  /** A worker ended badly. If its bundle lacks a module, the version is tried once more without a bundle. */
  died({ id, valId, branchId, fileId, version, entry }: Deployment, { reason, message }: WorkerDeath): void {
    if (reason !== "load" || entry.startsWith("https:") || !NOT_IN_BUNDLE.test(message)) return;
    const key = `${fileId}@${version}`;
    if (this.#live.get(valId)?.deployments.get(fileId)?.id !== id || this.#unbundled.has(key)) return;
    this.#unbundled.set(key, `its bundle could not be loaded: ${message.split("\n")[0]}`);
    this.#buildAll([{ valId, branchId }], "A val could not be built without a bundle.");
  }

  /** For the host table's misses. */
  async lookup(host: string): Promise<Destination | undefined> {
    const { found, deployment } = await this.#settle(() => this.#resolve(host));
    if (found === undefined) return undefined;
    if (deployment !== undefined) return { kind: "val", deployment };
    this.#failed.set(found.valId, (this.#failed.get(found.valId) ?? new Set()).add(host));
    return { kind: "failed", code: found.fileId === undefined ? "not_an_http_val" : "build_failed" };
  }

  /** The last good build of a file of this type, to be started; a first build that is under way, or was never made, is waited for. */
  startable(
    fileId: string,
    type: TriggerType,
    building?: Waits,
  ): Promise<{ found: ResolvedFile | undefined; deployment: Deployment | undefined }> {
    return this.#settle(async () => {
      const found = await this.#options.store.deployments.find(fileId);
      return found?.type === type ? found : undefined;
    }, building);
  }

  async #settle<R extends Resolved | ResolvedFile>(
    resolve: () => Promise<R | undefined>,
    building: Waits = () => {},
  ): Promise<{ found: R | undefined; deployment: Deployment | undefined }> {
    const before = await resolve();
    const deployment = before && (await this.#readyOne(before));
    if (before?.fileId === undefined || deployment !== undefined) return { found: before, deployment };
    building(true);
    await this.#settled(before).finally(() => building(false));
    const found = await resolve();
    return { found, deployment: found && (await this.#readyOne(found)) };
  }

  #resolve(host: string): Promise<Resolved | undefined> {
    const { store, webDomain } = this.#options;
    const suffix = `.${webDomain}`;
    return host.endsWith(suffix)
      ? store.deployments.resolve(host.slice(0, -suffix.length))
      : store.deployments.resolveDomain(host);
  }

  /** Its first build may be under way, or still to come if the server died just after the save. */
  async #settled({ valId, branchId, failed }: Resolved | ResolvedFile): Promise<void> {
    const jobs = [...this.#jobs.values()].filter((job) => job.valId === valId);
    const builds = jobs.map((job) => job.waiting ?? job.running);
    if (builds.length === 0 && branchId !== undefined && !failed) builds.push(this.saved(valId, branchId));
    await Promise.allSettled(builds);
  }

  /** One after the other: visitors and new saves come first. Nobody waits for it. */
  async #buildAll(branches: readonly BranchOf[], failure: string): Promise<void> {
    for (const [branchId, valId] of new Map(branches.map((one) => [one.branchId, one.valId]))) {
      if (this.#closed) return;
      await this.saved(valId, branchId).catch((error) =>
        this.#options.log.error(failure, { val: valId, error }),
      );
    }
  }

  #begin(valId: string, branchId: string): Promise<BuildReport | undefined> {
    const job: Job<BuildReport> = { valId, running: this.#deploy(valId, branchId), waiting: undefined };
    this.#jobs.set(branchId, job);
    const done = () => {
      if (this.#jobs.get(branchId) === job && job.waiting === undefined) this.#jobs.delete(branchId);
      if (this.#jobs.size === 0 && !this.#closed) this.#collector.idle();
    };
    job.running.then(done, done);
    return job.running;
  }

  async #deploy(valId: string, branchId: string): Promise<BuildReport | undefined> {
    await this.#collector.finished();
    const { store } = this.#options;
    const [val, branch] = await Promise.all([store.vals.find(valId), store.vals.branch(valId, branchId)]);
    const sources = branch && (await store.files.sources({ valId, branchId }).catch(orGone));
    if (val === undefined || branch === undefined || sources === undefined) return undefined;
    const { version, files } = sources;
    const entries = files.filter(({ type }) => isTrigger(type));
    const good = new Map((await store.deployments.byVal(valId)).map((one) => [one.fileId, one.artifact]));
    const identity = { username: val.username, valName: val.name, version, branch: branch.name };
    const built = await Promise.all(
      entries.map(async (entry) => {
        const unbundled = this.#unbundled.get(`${entry.id}@${version}`);
        const previous = good.get(entry.id);
        const request = { files, entry: entry.path, identity, userId: val.userId, previous, unbundled };
        return { entry, result: await this.#options.builder.build(request) };
      }),
    );
    if (this.#closed) throw new HamletError("shutting_down");
    await this.#remember(version, built);
    await this.#refresh(valId);
    const behind = await store.deployments.behind({ valId, branch: branch.name });
    this.#buildAll(behind, "A val that imports a newer version of another could not be built.");
    return entries.length === 0 ? undefined : toReport(version, built);
  }

  async #remember(version: number, built: readonly BuiltFile[]): Promise<void> {
    const { store, hosts } = this.#options;
    const good = built.flatMap(({ entry, result }) => {
      if (!result.ok) return [];
      const { key, level, pins, reasons, warnings } = result;
      const notes = { reasons, warnings };
      return [{ fileId: entry.id, version, artifact: key, entry: entry.path, level, notes, pins }];
    });
    await store.deployments.succeeded(good);
    for (const { entry, result } of built) {
      if (result.ok) continue;
      await store.deployments.failed([entry.id], version, result.diagnostics, result.pins);
      // The table may remember that nothing was there.
      for (const label of (await store.files.find(entry.id))?.labels ?? []) hosts.forget(this.#host(label));
    }
  }

  /** Put into service what is recorded of a val. */
  #refresh(valId: string): Promise<void> {
    const before = this.#refreshing.get(valId)?.catch(() => {});
    const run = (async () => {
      await before;
      const { store, gone } = this.#options;
      const deployed = await store.deployments.byVal(valId);
      for (const fileId of this.#live.get(valId)?.deployments.keys() ?? [])
        if (!deployed.some((one) => one.fileId === fileId)) gone?.({ valId, fileId });
      this.#switch(valId, await this.#ready(deployed), true);
    })();
    this.#refreshing.set(valId, run);
    const done = () => {
      if (this.#refreshing.get(valId) === run) this.#refreshing.delete(valId);
    };
    run.then(done, done);
    return run;
  }

  /** Make `ready` what the val's hosts lead to; workers of anything else finish their calls and end. */
  #switch(valId: string, ready: readonly Ready[], prepare: boolean): void {
    const { hosts, pool } = this.#options;
    const before = this.#live.get(valId);
    const now: Live = { hosts: new Set(), deployments: new Map() };
    for (const { deployment: made, hosts: names } of ready) {
      const old = before?.deployments.get(made.fileId);
      const deployment = old?.id === made.id ? old : made;
      now.deployments.set(made.fileId, deployment);
      for (const host of names) {
        // What is the town's own, nobody's records can take from it.
        if (hosts.peek(host)?.kind === "inner") continue;
        now.hosts.add(host);
        hosts.set(host, { kind: "val", deployment });
      }
      if (deployment === old) continue;
      // A town that is full, or closing, loads it for its first visitor. What else is started has a worker of its own.
      if (prepare && deployment.trigger === "http") pool.prepare(deployment).catch(() => {});
      pool.retire(made.fileId, deployment.id);
    }
    for (const host of before?.hosts ?? []) if (!now.hosts.has(host)) hosts.delete(host);
    for (const host of this.#failed.get(valId) ?? []) hosts.forget(host);
    this.#failed.delete(valId);
    for (const fileId of before?.deployments.keys() ?? [])
      if (!now.deployments.has(fileId)) pool.retire(fileId);
    if (ready.length > 0) this.#live.set(valId, now);
    else this.#live.delete(valId);
  }

  #host(label: string): string {
    return `${label}.${this.#options.webDomain}`;
  }

  async #readyOne({ deployed }: Resolved | ResolvedFile): Promise<Deployment | undefined> {
    return deployed && (await this.#ready([deployed]))[0]?.deployment;
  }

  /** Those of which the artifact is there, all of one val. */
  async #ready(deployed: readonly Deployed[]): Promise<Ready[]> {
    const found = await readyOf(this.#options, deployed);
    return found.map(({ deployed: { labels, domains }, deployment }) => ({
      deployment,
      hosts: [...labels.map((label) => this.#host(label)), ...domains],
    }));
  }
}
