/** From a save to a live endpoint: build, remember, switch, let the old one finish. Design §5. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildReport, Deploy } from "./api/deploy.ts";
import type { Builder } from "./build/build.ts";
import { HamletError } from "./errors.ts";
import type { Destination, HostTable } from "./gateway/host.ts";
import type { Log } from "./log.ts";
import type { Pool } from "./pool/types.ts";
import type { Deployed, Resolved, Store } from "./store/store.ts";
import { versionedModuleUrl } from "./val/address.ts";
import type { Deployment } from "./val/deployment.ts";

export interface DeployerOptions {
  readonly store: Store;
  readonly builder: Builder;
  readonly pool: Pool;
  readonly hosts: HostTable;
  readonly artifacts: string;
  readonly webDomain: string;
  readonly log: Log;
}

/** What of one val is live at this moment. */
interface Live {
  readonly hosts: Set<string>;
  /** By file id. */
  readonly deployments: Map<string, Deployment>;
}

interface Job {
  readonly valId: string;
  running: Promise<BuildReport | undefined>;
  waiting: Promise<BuildReport | undefined> | undefined;
}

export class Deployer implements Deploy {
  readonly #options: DeployerOptions;
  readonly #live = new Map<string, Live>();
  readonly #jobs = new Map<string, Job>();
  /** By val: hosts that were answered with a failure, which the next save or the val's end may mend. */
  readonly #failed = new Map<string, Set<string>>();
  #closed = false;

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  /** Serve everything that was built before this start, and begin to build what was saved but is not built. */
  async start(): Promise<void> {
    const { deployments } = this.#options.store;
    const all = await deployments.all();
    await this.#options.builder.keepOnly(new Set(all.map((one) => one.artifact)));
    const [there = [], lost = []] = [true, false].map((is) => all.filter((one) => this.#isThere(one) === is));
    for (const one of there) await this.#options.builder.assemble(one.artifact, one);
    for (const [valId, deployed] of Map.groupBy(there, (one) => one.valId))
      this.#switch(valId, deployed, false);
    const unbuilt = [...(await deployments.unbuilt()), ...lost];
    this.#recover(new Map(unbuilt.map(({ branchId, valId }) => [branchId, valId])));
  }

  /** Record no build from now on: those that run are about to be killed, which is not their authors' fault. */
  close(): void {
    this.#closed = true;
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

  async configured(valId: string): Promise<void> {
    this.#switch(valId, await this.#options.store.deployments.byVal(valId), true);
  }

  async removed(valId: string): Promise<void> {
    this.#switch(valId, [], false);
  }

  /** For the host table's misses. */
  async lookup(host: string): Promise<Destination | undefined> {
    const suffix = `.${this.#options.webDomain}`;
    if (!host.endsWith(suffix)) return undefined;
    const label = host.slice(0, -suffix.length);
    const { deployments } = this.#options.store;
    let found = await deployments.resolve(label);
    if (found?.fileId !== undefined && !(found.deployed && this.#isThere(found.deployed))) {
      await this.#settled(found);
      found = await deployments.resolve(label);
    }
    if (found === undefined) return undefined;
    if (found.deployed !== undefined) return { kind: "val", deployment: this.#toDeployment(found.deployed) };
    this.#failed.set(found.valId, (this.#failed.get(found.valId) ?? new Set()).add(host));
    return { kind: "failed", code: found.fileId === undefined ? "not_an_http_val" : "build_failed" };
  }

  /** Its first build may be under way, or still to come if the server died just after the save. */
  async #settled({ valId, branchId, failed }: Resolved): Promise<void> {
    const jobs = [...this.#jobs.values()].filter((job) => job.valId === valId);
    const builds = jobs.map((job) => job.waiting ?? job.running);
    if (builds.length === 0 && branchId !== undefined && !failed) builds.push(this.saved(valId, branchId));
    await Promise.allSettled(builds);
  }

  /** One after the other: visitors and new saves come first. */
  async #recover(branches: ReadonlyMap<string, string>): Promise<void> {
    for (const [branchId, valId] of branches) {
      if (this.#closed) return;
      await this.saved(valId, branchId).catch((error) =>
        this.#options.log.error("A version saved before this start could not be built.", {
          val: valId,
          error,
        }),
      );
    }
  }

  #begin(valId: string, branchId: string): Promise<BuildReport | undefined> {
    const job: Job = { valId, running: this.#deploy(valId, branchId), waiting: undefined };
    this.#jobs.set(branchId, job);
    const done = () => {
      if (this.#jobs.get(branchId) === job && job.waiting === undefined) this.#jobs.delete(branchId);
    };
    job.running.then(done, done);
    return job.running;
  }

  async #deploy(valId: string, branchId: string): Promise<BuildReport | undefined> {
    const { store, builder } = this.#options;
    const { version, files } = await store.files.sources({ valId, branchId });
    const [val, branch] = await Promise.all([store.vals.find(valId), store.vals.branch(valId, branchId)]);
    if (val === undefined || branch === undefined) return undefined;
    const { userId, username, name: valName } = val;
    const identity = { username, valName, version, branch: branch.name };
    const entries = files.filter((file) => file.type === "http");
    const report: BuildReport = { version, diagnostics: [] };
    const built = await Promise.all(
      entries.map(async (entry) => ({
        entry,
        result: await builder.build({ files, entry: entry.path, identity, userId }),
      })),
    );
    if (this.#closed) throw new HamletError("shutting_down");
    const good = built.flatMap(({ entry, result }) =>
      result.ok
        ? [
            {
              fileId: entry.id,
              version,
              artifact: result.key,
              entry: entry.path,
              level: result.level,
              notes: { reasons: result.reasons, warnings: result.warnings },
              pins: result.pins,
            },
          ]
        : [],
    );
    for (const { entry, result } of built) {
      if (result.ok) await builder.assemble(result.key, { ...identity, entry: entry.path });
    }
    await store.deployments.succeeded(good);
    for (const { entry, result } of built) {
      if (result.ok) continue;
      report.diagnostics.push(...result.diagnostics);
      await store.deployments.failed([entry.id], version, result.diagnostics);
      // The table may remember that nothing was there.
      for (const label of (await store.files.find(entry.id))?.labels ?? [])
        this.#options.hosts.forget(this.#host(label));
    }
    this.#switch(valId, await store.deployments.byVal(valId), true);
    return entries.length === 0 ? undefined : report;
  }

  /** Make `deployed` what the val's hosts lead to; workers of anything else finish their calls and end. */
  #switch(valId: string, deployed: readonly Deployed[], prepare: boolean): void {
    const { hosts, pool } = this.#options;
    const before = this.#live.get(valId);
    const now: Live = { hosts: new Set(), deployments: new Map() };
    for (const one of deployed) {
      const old = before?.deployments.get(one.fileId);
      const made = this.#toDeployment(one);
      const deployment = old?.id === made.id ? old : made;
      now.deployments.set(one.fileId, deployment);
      for (const label of one.labels) {
        now.hosts.add(this.#host(label));
        hosts.set(this.#host(label), { kind: "val", deployment });
      }
      if (deployment === old) continue;
      // A town that is full, or closing, loads it for its first visitor.
      if (prepare) pool.prepare(deployment).catch(() => {});
      pool.retire(one.fileId, deployment.id);
    }
    for (const host of before?.hosts ?? []) if (!now.hosts.has(host)) hosts.delete(host);
    for (const host of this.#failed.get(valId) ?? []) hosts.forget(host);
    this.#failed.delete(valId);
    for (const fileId of before?.deployments.keys() ?? [])
      if (!now.deployments.has(fileId)) pool.retire(fileId);
    if (deployed.length > 0) this.#live.set(valId, now);
    else this.#live.delete(valId);
  }

  #isThere(one: Deployed): boolean {
    return existsSync(join(this.#options.artifacts, one.artifact));
  }

  #host(label: string): string {
    return `${label}.${this.#options.webDomain}`;
  }

  #toDeployment(one: Deployed): Deployment {
    const { fileId, valId, branchId, version, branch, userId, username, valName, entry } = one;
    const { builder } = this.#options;
    const identity = { username, valName, version, branch };
    const artifact = builder.folderOf(one.artifact, { ...identity, entry });
    const module = versionedModuleUrl("https://esm.town", { ...identity, path: entry });
    return {
      id: `${fileId}@${version}`,
      fileId,
      valId,
      branchId,
      version,
      userId,
      username,
      valName,
      entry: one.level === 2 ? module : "bundle.js",
      artifact,
      start: one.level === 0 ? "pooled" : "locked",
      module,
      env: {},
    };
  }
}
