/** From a save to a start, in the test's own process: a real store, builder, pool and workers. */

import type { Builder } from "../../src/build/build.ts";
import { Deployer } from "../../src/deploy.ts";
import { createDispatch, type DispatchLimits } from "../../src/dispatch/dispatch.ts";
import type { Run } from "../../src/dispatch/types.ts";
import { HostTable } from "../../src/gateway/host.ts";
import { createLog } from "../../src/log.ts";
import { createPool } from "../../src/pool/pool.ts";
import type { Pool, PoolEvents } from "../../src/pool/types.ts";
import { type Start, type Started, Starts } from "../../src/starts.ts";
import type { FileType } from "../../src/val/file.ts";
import { ORIGIN, startBuilder, type TestBuilder } from "./builder.ts";
import { LIMITS } from "./pool.ts";
import { makeStore, type TestStore } from "./store.ts";

type Line = Parameters<PoolEvents["log"]>[0];

export class StartTown implements AsyncDisposable {
  /** Ended calls, oldest first. */
  readonly runs: Run[] = [];
  readonly lines: Line[] = [];
  /** What authors were told, with its trace. */
  readonly notes: { text: string; trace: string; trigger: string | undefined }[] = [];
  /** Builds fail, through no fault of their authors. */
  failing = false;
  readonly deployer: Deployer;
  readonly starts: Starts;
  readonly t: TestStore;
  readonly pool: Pool;
  readonly #building: TestBuilder;
  readonly #close: () => void;
  /** Told of each new line. */
  #heard = new Set<() => void>();

  constructor(t: TestStore, building: TestBuilder, more: { timeMs: number } & Partial<DispatchLimits>) {
    const { store } = t;
    const { sandbox } = building;
    const builder: Builder = {
      ...building.builder,
      build: async (request) => {
        if (this.failing) throw new Error("the builder is out of order");
        return building.builder.build(request);
      },
    };
    this.t = t;
    this.#building = building;
    this.pool = createPool({
      sandbox,
      limits: { ...LIMITS, loadMs: 30_000 },
      events: {
        log: (line) => {
          this.lines.push(line);
          for (const wake of this.#heard) wake();
        },
        died: () => {},
      },
    });
    const dispatch = createDispatch({
      pool: this.pool,
      limits: { inFlight: 100, inFlightPerVal: 100, ...more },
      events: { record: (run) => run.end > 0 && this.runs.push(run) },
    });
    this.#close = () => dispatch.close();
    const hosts = new HostTable((host) => this.deployer.lookup(host));
    this.deployer = new Deployer({
      ...{ store, builder, pool: this.pool, hosts, moduleOrigin: ORIGIN, webDomain: "web.localhost" },
      log: createLog({ json: true }),
      needed: () => this.starts.needed(),
      gone: (what) => this.starts.gone(what),
    });
    this.starts = new Starts({
      ...{ store, dispatch, deployer: this.deployer, timeMs: more.timeMs },
      note: ({ trigger }, text, trace) => this.notes.push({ text, trace, trigger }),
    });
  }

  /** A file of the val, saved and built; `built: false`: its build is under way. */
  async save(path: string, content: string, type: FileType = "interval", built = true): Promise<string> {
    const { store, valId, branchId } = this.t;
    const at = { valId };
    const known = await store.files.at({ valId, branchId }, path);
    const { file } = known
      ? await store.files.update(at, path, { content, type })
      : await store.files.create(at, { path, type, content });
    const saved = this.deployer.saved(valId, branchId);
    if (built) await saved;
    else saved.catch(() => {});
    return file.id;
  }

  start(fileId: string, more: Partial<Start> = {}): Promise<Started> {
    return this.starts.start({
      ...{ fileId, kind: "interval", signal: new AbortController().signal, contentType: "application/json" },
      ...{ body: () => "{}", begun: async () => true },
      ...more,
    });
  }

  /** What was written under a trace. */
  texts(trace: string): string[] {
    return this.lines.filter((line) => line.trace === trace).map(({ text }) => text);
  }

  /** Settles once a line with this text has come. */
  async line(text: string): Promise<void> {
    while (!this.lines.some((line) => line.text.includes(text))) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#heard.add(resolve);
      await promise;
      this.#heard.delete(resolve);
    }
  }

  /** Every run's worker is gone: it is killed at the end, which takes a moment. */
  async idle(): Promise<void> {
    while (this.pool.stats().workers.length > 0) await Bun.sleep(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.deployer.close();
    await this.pool.close();
    await this.#building[Symbol.asyncDispose]();
    await this.t[Symbol.asyncDispose]();
  }
}

export async function makeStarts(
  more: { timeMs?: number } & Partial<DispatchLimits> = {},
): Promise<StartTown> {
  return new StartTown(await makeStore(), await startBuilder(), { timeMs: 30_000, ...more });
}
