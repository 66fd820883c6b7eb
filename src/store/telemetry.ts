import { openMigrated, TELEMETRY_MIGRATIONS } from "./migrate.ts";
import type { TelemetrySchema } from "./schema.ts";
import { type BufferOptions, TelemetryBuffer } from "./telemetry-buffer.ts";
import { RunCounter, type RunCounts } from "./telemetry-counts.ts";
import { moveRows, removeRows } from "./telemetry-owners.ts";
import {
  findCall,
  type Log,
  type LogFilter,
  lastLogs,
  listLogs,
  listTraces,
  logsAfter,
  type TelemetryPage,
  type Trace,
  type TracedCall,
  type TraceFilter,
} from "./telemetry-queries.ts";
import { prune, type RetentionOptions } from "./telemetry-retention.ts";
import type { LogRecord, RunRecord } from "./telemetry-rows.ts";

export interface TelemetryOptions extends BufferOptions, RetentionOptions {
  /** Time between two rounds of removing old records, ms. */
  readonly pruneMs: number;
  /**
   * How long an ascending list holds a record back, ms: clients that follow it ask only for what is later than
   * what they have, so a record must not appear before an earlier one that is still on its way.
   */
  readonly settleMs: number;
}

/** Runs and log lines of all vals. */
export interface Telemetry {
  /** Costs the caller a push; stored within `flushMs`. What exceeds the bound is counted in the val's log. */
  recordRuns(runs: readonly RunRecord[]): void;
  /** Likewise. */
  recordLogs(lines: readonly LogRecord[]): void;
  /** How often an account's vals ran, those runs too that were too many to be stored. */
  runCounts(userId: string): Promise<RunCounts>;
  /** Sees everything that was recorded before the call. */
  traces(filter: TraceFilter): Promise<TelemetryPage<Trace>>;
  /** Sees everything that was recorded before the call. */
  logs(filter: LogFilter): Promise<TelemetryPage<Log>>;
  /** One call with its last log lines; only if it is of these accounts, when they are given. Sees everything recorded before. */
  call(
    trace: string,
    options?: { usernames?: readonly string[]; maxLogs?: number },
  ): Promise<TracedCall | undefined>;
  /** Lines of a val stored after the one with id `after`, in order of arrival: nothing is missed or repeated. */
  logsAfter(valId: string, page: { after: number; limit: number }): Promise<Log[]>;
  /** The last lines of a val in order of arrival. */
  lastLogs(valId: string, limit: number): Promise<Log[]>;
  /**
   * A val has another owner: what is known of its calls is the new owner's, and what is still to come from workers
   * that were started for the former one.
   */
  moved(valId: string, username: string): Promise<void>;
  /** An account is gone: nothing of its vals is kept for whoever takes its name. */
  removeAccount(username: string): Promise<void>;
  /** End the runs that still last by what is stored; for a server that starts, whose forerunner was killed. */
  endLasting(): Promise<void>;
  /** Resolves when everything recorded so far is stored. */
  flush(): Promise<void>;
  /** Remove now what is too old or too much; done by itself every `pruneMs`. */
  prune(): Promise<void>;
  close(): Promise<void>;
}

/** The bounds used unless told otherwise. */
export const TELEMETRY_DEFAULTS: TelemetryOptions = {
  runsPerSecond: 2_000,
  logsPerSecond: 5_000,
  flushMs: 200,
  settleMs: 100,
  maxAgeMs: 7 * 24 * 3600 * 1000,
  maxBytes: 512 * 1024 * 1024,
  pruneMs: 10_000,
};

/** Open the telemetry database in a thread of its own. */
export async function openTelemetry(
  file: string,
  options: TelemetryOptions,
  now: () => number,
  onError: (error: unknown) => void,
): Promise<Telemetry> {
  const database = await openMigrated<TelemetrySchema>({ file, durability: "normal" }, TELEMETRY_MIGRATIONS);
  const { db } = database;
  const maxId = async (table: "runs" | "logs") => {
    const row = await db.selectFrom(table).select("id").orderBy("id", "desc").limit(1).executeTakeFirst();
    return row?.id ?? 0;
  };
  const first = { runId: (await maxId("runs")) + 1, logId: (await maxId("logs")) + 1 };
  const buffer = new TelemetryBuffer(database, first, options, now, onError);
  const counter = new RunCounter(db, now, onError);
  let closed = false;
  let pruning: Promise<void> = Promise.resolve();
  const pruneNow = () => {
    pruning = pruning.catch(() => {}).then(() => prune(database, options, now(), () => closed));
    return pruning;
  };
  const timer = setInterval(() => void pruneNow().catch(onError), options.pruneMs);
  timer.unref();
  const fresh = async <T>(query: (settled: number) => Promise<T>): Promise<T> => {
    const settled = (now() - options.settleMs) * 1000;
    await buffer.flush();
    return query(Math.floor(settled / 1000) * 1000);
  };
  return {
    recordRuns(runs) {
      counter.count(runs);
      buffer.recordRuns(runs);
    },
    runCounts: (userId) => counter.of(userId),
    recordLogs: (lines) => buffer.recordLogs(lines),
    traces: (filter) => fresh((settled) => listTraces(db, filter, settled)),
    logs: (filter) => fresh((settled) => listLogs(db, filter, settled)),
    call: (trace, { usernames, maxLogs: limit = 200 } = {}) =>
      fresh(() => findCall(db, trace, { usernames, limit })),
    logsAfter: (valId, page) => fresh(() => logsAfter(db, valId, page)),
    lastLogs: (valId, limit) => fresh(() => lastLogs(db, valId, limit)),
    async moved(valId, username) {
      buffer.move(valId, username);
      await buffer.flush();
      await moveRows(db, valId, username);
    },
    async removeAccount(username) {
      await buffer.flush();
      await removeRows(db, username);
    },
    async endLasting() {
      const end = { end_us: Math.round(now() * 1000), error: "internal" };
      await db.updateTable("runs").set(end).where("end_us", "=", 0).execute();
    },
    flush: () => buffer.flush(),
    prune: pruneNow,
    async close() {
      if (closed) return;
      await buffer.close();
      await counter.flush();
      closed = true;
      clearInterval(timer);
      await pruning.catch(() => {});
      await database.close();
    },
  };
}
