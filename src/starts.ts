/** Starts what the clock or a mail starts: the last good build of a file, in a worker that is for this run alone. */

import type { Needed } from "./build/build.ts";
import type { Deployer } from "./deploy.ts";
import { type Dispatch, type Finished, invoke, newTrace } from "./dispatch/dispatch.ts";
import { HamletError, toHamletError } from "./errors.ts";
import type { ResolvedFile, Store, Subject } from "./store/store.ts";
import type * as triggers from "./triggers/types.ts";
import type { Deployment, Gone } from "./val/deployment.ts";

export interface StarterOptions {
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly deployer: Pick<Deployer, "startable" | "died">;
  /** How long a run may take, ms. */
  readonly timeMs: number;
  /** A sentence for the author's log. */
  note(subject: Subject, text: string, trace: string): void;
}

/** One start of a file, whoever asks for it. */
export type Start = Omit<triggers.StartRequest, "key">;

/** What became of it. */
export type Started = triggers.Started<Finished>;

interface Running {
  readonly valId: string;
  readonly branchId: string;
  readonly fileId: string;
  readonly stop: AbortController;
}

export class Starts {
  readonly #options: StarterOptions;
  readonly #running = new Set<Running>();
  /** What runs was built for versions that may be served no more. */
  readonly #inUse = new Set<Needed>();

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  /** What was built and must stay. */
  needed(): readonly Needed[] {
    return [...this.#inUse];
  }

  /** A val, or one branch or file of it, is gone: what runs of it is stopped. */
  gone({ valId, branchId, fileId }: Gone): void {
    for (const one of this.#running) {
      if (one.valId !== valId || (branchId ?? one.branchId) !== one.branchId) continue;
      if ((fileId ?? one.fileId) === one.fileId) one.stop.abort();
    }
  }

  /** Rejects when the store fails; what fails of the val's own is part of the answer. */
  async start(of: Start): Promise<Started> {
    const { found, deployment } = await this.#options.deployer.startable(of.fileId, of.kind, (waits) =>
      of.building?.(waits),
    );
    if (found === undefined) return { kind: "gone" };
    if (of.signal.aborted) return { kind: "refused" };
    if (deployment === undefined || found.deployed === undefined) return this.#unbuilt(found, of.kind);
    const needed: Needed = found.deployed;
    const { valId, branchId } = found;
    const running: Running = { valId, branchId, fileId: of.fileId, stop: new AbortController() };
    this.#running.add(running);
    this.#inUse.add(needed);
    try {
      return await this.#run(of, deployment, AbortSignal.any([of.signal, running.stop.signal]));
    } finally {
      this.#inUse.delete(needed);
      this.#running.delete(running);
    }
  }

  async #run(of: Start, deployment: Deployment, signal: AbortSignal): Promise<Started> {
    const { dispatch, deployer, timeMs, note } = this.#options;
    const body = { type: of.contentType, hops: of.hops ?? 0, open: () => of.body() };
    const begun = (trace: string) => of.begun(trace);
    let finished: Finished | undefined;
    try {
      finished = await invoke(dispatch, { deployment, kind: of.kind, timeMs, signal, body, begun });
    } catch (error) {
      return { kind: "refused", error: toHamletError(error) };
    }
    if (finished === undefined) return { kind: "refused" };
    const { outcome, error, trace } = finished;
    if (!outcome.ok) {
      if (error === "time_limit") note(deployment, outcome.error.message, trace);
      // A bundle that lacks a module is told from one that does not as with an HTTP file, by what it says.
      if (error === "val_threw")
        deployer.died(deployment, { reason: "load", message: outcome.error.stack || outcome.error.message });
    }
    return { kind: "ran", finished };
  }

  async #unbuilt(found: ResolvedFile, kind: Start["kind"]): Promise<Started> {
    const { store, note } = this.#options;
    const { valId, fileId, branchId, failed } = found;
    // Not the author's fault: the builder itself has failed, or the town is closing.
    if (failed === undefined)
      return { kind: "refused", error: new HamletError("internal", "The file's build came to no end.") };
    const val = await store.vals.find(valId);
    if (val === undefined) return { kind: "gone" };
    const { version } = failed;
    const [first] = Array.isArray(failed.diagnostics) ? (failed.diagnostics as { message?: string }[]) : [];
    const message = `It was not started: version ${version} could not be built: ${first?.message ?? "save it again"}`;
    const trace = newTrace();
    note({ username: val.username, valId, fileId, branchId, version, trigger: kind }, message, trace);
    return { kind: "unbuilt", message, trace };
  }
}
