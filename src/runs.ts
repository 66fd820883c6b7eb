/** Runs a file of a val by hand: built on demand, in a worker that is for this run alone. */

import type { RunAnswer, RunLine, RunRequest, Runs } from "./api/deploy.ts";
import type { Builder, Needed } from "./build/build.ts";
import { toDeployment } from "./built.ts";
import type { Deployer } from "./deploy.ts";
import { type Dispatch, type Invocation, invoke } from "./dispatch/dispatch.ts";
import { HamletError } from "./errors.ts";
import type { PoolEvents } from "./pool/types.ts";
import { type Branch, type Store, StoreError, type Val } from "./store/store.ts";
import type { Deployment, Gone } from "./val/deployment.ts";
import { isCode, type SourceFile } from "./val/file.ts";

export interface RunnerOptions {
  readonly store: Store;
  readonly builder: Builder;
  readonly dispatch: Dispatch;
  readonly deployer: Pick<Deployer, "beside">;
  /** Origin of the URLs by which modules call themselves. */
  readonly moduleOrigin: string;
  /** How long a run may take, ms. */
  readonly timeMs: number;
  /** Runs at once, of all vals. */
  readonly maxRuns: number;
  /** A sentence for the author's log. */
  note(deployment: Deployment, text: string, trace: string): void;
}

/** Runs at once of all vals of one owner: each is a process. */
const RUNS_PER_OWNER = 10;
/** Builds that are kept though nothing runs of them: who runs a script runs it again. */
const KEPT = 200;

const kindOf = ({ type }: SourceFile): "interval" | "script" => (type === "interval" ? type : "script");

interface Running {
  readonly valId: string;
  readonly branchId: string;
  readonly userId: string;
  readonly stop: AbortController;
}

interface Runnable {
  readonly deployment: Deployment;
  readonly needed: Needed;
}

export class Runner implements Pick<Runs, "run"> {
  readonly #options: RunnerOptions;
  readonly #running = new Set<Running>();
  /** Who listens to what a run writes, by its trace. */
  readonly #listeners = new Map<string, (line: RunLine) => void>();
  /** The last builds, by file: the newest last. */
  readonly #kept = new Map<string, Needed>();
  /** Of runs that last, by their version's folder. */
  readonly #inUse = new Set<Needed>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** What was built and must stay. */
  needed(): readonly Needed[] {
    return [...this.#kept.values(), ...this.#inUse];
  }

  /** A val has written a line. */
  heard(line: Parameters<PoolEvents["log"]>[0]): void {
    const { once } = line.deployment;
    if (once !== undefined) this.#listeners.get(once)?.(line);
  }

  /** A val is gone, or one branch of it: what runs of it is stopped. */
  gone({ valId, branchId }: Gone): void {
    for (const one of this.#running)
      if (one.valId === valId && (branchId ?? one.branchId) === one.branchId) one.stop.abort();
  }

  async run(request: RunRequest): Promise<RunAnswer> {
    const { store } = this.#options;
    const { valId, branchId, signal } = request;
    const [val, branch] = await Promise.all([store.vals.find(valId), store.vals.branch(valId, branchId)]);
    if (val === undefined) throw new StoreError("no_val", "There is no such val.");
    if (branch === undefined) throw new StoreError("no_branch", "There is no such branch.");
    const running = this.#begin(val, branch.id);
    try {
      return await this.#run(request, val, branch, AbortSignal.any([signal, running.stop.signal]));
    } finally {
      this.#running.delete(running);
    }
  }

  #begin({ id: valId, userId }: Val, branchId: string): Running {
    const own = [...this.#running].filter((one) => one.userId === userId);
    if (own.length >= RUNS_PER_OWNER) {
      const detail = `${own.length} runs of this account's vals are under way at once. Wait for one of them to end.`;
      throw new HamletError("overloaded", detail);
    }
    if (this.#running.size >= this.#options.maxRuns) {
      const detail = `${this.#running.size} runs by hand are under way in this town. Try again in a moment.`;
      throw new HamletError("overloaded", detail);
    }
    const running = { valId, branchId, userId, stop: new AbortController() };
    this.#running.add(running);
    return running;
  }

  async #run(request: RunRequest, val: Val, branch: Branch, signal: AbortSignal): Promise<RunAnswer> {
    const { deployer, dispatch, timeMs, note } = this.#options;
    const { version, files } = await this.#sources(request, branch);
    const entry = files.find(({ path }) => path === request.path);
    if (entry === undefined) throw new StoreError("no_file", "File not found");
    if (!isCode(entry.path))
      throw new StoreError("bad_path", `${entry.path} is no JavaScript or TypeScript.`);
    const made = await deployer.beside(() => this.#build({ val, branch, version, files, entry }));
    if ("diagnostics" in made) return { built: false, version, diagnostics: made.diagnostics };
    const { deployment, needed } = made;
    let trace = "";
    this.#inUse.add(needed);
    try {
      const started = (id: string) => {
        trace = id;
        if (request.line !== undefined) this.#listeners.set(id, request.line);
        request.started?.(id);
      };
      const { kind, body } = this.#startOf(entry);
      const finished = await invoke(dispatch, { deployment, kind, body, timeMs, signal, started });
      const { outcome, error } = finished;
      if (!outcome.ok && error === "time_limit") note(deployment, outcome.error.message, trace);
      return { built: true, version, finished };
    } finally {
      this.#inUse.delete(needed);
      this.#listeners.delete(trace);
    }
  }

  /** What the clock would start is started as the clock would; all else is run as a script. */
  #startOf(entry: SourceFile): Pick<Invocation, "kind" | "body"> {
    const kind = kindOf(entry);
    if (kind === "script") return { kind };
    const { schedules } = this.#options.store;
    const open = async () => JSON.stringify({ lastRunAt: await schedules.began(entry.id) });
    return { kind, body: { type: "application/json", open } };
  }

  #sources({ valId, version }: RunRequest, branch: Branch) {
    const old = version !== undefined && version < branch.version ? { version } : {};
    return this.#options.store.files.sources({ valId, branchId: branch.id, ...old });
  }

  async #build(of: {
    val: Val;
    branch: Branch;
    version: number;
    files: readonly SourceFile[];
    entry: SourceFile;
  }): Promise<Runnable | { readonly diagnostics: readonly { message: string }[] }> {
    const { store, builder, moduleOrigin } = this.#options;
    const { val, branch, version, files, entry } = of;
    const { username, name: valName, userId, privacy } = val;
    const identity = { username, valName, version, branch: branch.name };
    const previous = this.#kept.get(entry.id)?.artifact ?? (await this.#served(val.id, entry.id));
    const result = await builder.build({ files, entry: entry.path, identity, userId, previous });
    if (!result.ok) return { diagnostics: result.diagnostics };
    const { key: artifact, level } = result;
    const needed: Needed = { ...identity, artifact, entry: entry.path };
    this.#keep(entry.id, needed);
    const folder = await builder.assemble(artifact, needed);
    const deployed = {
      ...needed,
      ...{ fileId: entry.id, valId: val.id, branchId: branch.id, userId, privacy, level },
      ...{ labels: [], domains: [] },
      type: kindOf(entry),
      // Runs are few: nothing is gained by keeping what is compiled of them where all workers could read it.
      secret: true,
    };
    const env = await store.environment.values(val.id);
    return { deployment: toDeployment(deployed, folder, env, moduleOrigin), needed };
  }

  /** The artifact that is served of a file, whose packages its run shall have too. */
  async #served(valId: string, fileId: string): Promise<string | undefined> {
    const all = await this.#options.store.deployments.byVal(valId);
    return all.find((one) => one.fileId === fileId)?.artifact;
  }

  #keep(fileId: string, needed: Needed): void {
    this.#kept.delete(fileId);
    this.#kept.set(fileId, needed);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}
