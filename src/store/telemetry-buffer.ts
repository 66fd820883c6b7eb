import type { TelemetrySchema } from "./schema.ts";
import type { SqliteDatabase } from "./sqlite.ts";
import {
  LOG_COLUMNS,
  type LogRecord,
  logRow,
  RUN_COLUMNS,
  type RunRecord,
  runRow,
  type Subject,
  Ties,
} from "./telemetry-rows.ts";

export interface BufferOptions {
  /** Runs stored in a second; the surplus is counted and told in the val's log. */
  readonly runsPerSecond: number;
  /** Log lines stored in a second; likewise. */
  readonly logsPerSecond: number;
  /** How long records may wait for company, ms. */
  readonly flushMs: number;
}

/** Records above the bound that each val may still store in a second, so that a busy val does not silence others. */
const ALWAYS = 20;

/**
 * Collects records and hands them to the database thread in batches. Recording is a push into an array; all else is
 * done once per batch. Memory is bounded: what exceeds the bounds, also because the disk is slow, is only counted.
 */
export class TelemetryBuffer {
  readonly #database: SqliteDatabase<TelemetrySchema>;
  readonly #options: BufferOptions;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #runs = new Lane<RunRecord>();
  readonly #logs = new Lane<LogRecord>();
  readonly #ties = new Ties();
  /** Runs recorded as lasting: their rows, 0 until written, by trace. Each goes when the run is recorded as ended. */
  readonly #lasting = new Map<string, number>();
  /** Owners that vals have got since this process began: their workers may not know. */
  readonly #moved = new Map<string, string>();
  #nextRun: number;
  #nextLog: number;
  #windowStart = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The last write; it never rejects, and the next one waits for it. */
  #written: Promise<void> = Promise.resolve();

  constructor(
    database: SqliteDatabase<TelemetrySchema>,
    first: { runId: number; logId: number },
    options: BufferOptions,
    now: () => number,
    onError: (error: unknown) => void,
  ) {
    this.#database = database;
    this.#nextRun = first.runId;
    this.#nextLog = first.logId;
    this.#options = options;
    this.#now = now;
    this.#onError = onError;
  }

  recordRuns(runs: readonly RunRecord[]): void {
    if (this.#timer === undefined) this.#arm();
    for (const run of runs) this.#recordRun(run);
  }

  recordLogs(lines: readonly LogRecord[]): void {
    if (this.#timer === undefined) this.#arm();
    for (const line of lines) this.#logs.push(line, this.#options.logsPerSecond);
  }

  /** From now on, records of a val are this account's. */
  move(valId: string, username: string): void {
    this.#moved.set(valId, username);
  }

  /** Resolves when everything recorded before the call can be read. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = this.#written.then(async () => {
      await this.#write();
      // Surplus waits for the end of its second, also when nothing more is recorded.
      const idle = this.#runs.idle && this.#logs.idle;
      if (!idle && this.#timer === undefined) this.#arm();
    });
    return this.#written;
  }

  /** A run that is known to last is never surplus when it ends, or it would seem to last for ever. */
  #recordRun(run: RunRecord): void {
    if (this.#lasting.has(run.trace)) this.#runs.keep(run);
    else if (this.#runs.push(run, this.#options.runsPerSecond) && run.end === 0)
      this.#lasting.set(run.trace, 0);
  }

  /** The last flush: it tells of all surplus, however young. */
  async close(): Promise<void> {
    this.#runs.startWindow();
    this.#logs.startWindow();
    await this.flush();
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#startWindow();
    this.#timer = setTimeout(() => void this.flush(), this.#options.flushMs);
  }

  #startWindow(): void {
    const now = this.#now();
    if (now - this.#windowStart < 1000) return;
    this.#windowStart = now;
    this.#runs.startWindow();
    this.#logs.startWindow();
  }

  async #write(): Promise<void> {
    if (this.#runs.empty && this.#logs.empty) return;
    const now = this.#now();
    const runs = this.#runs.take();
    const logs = this.#logs.take();
    const lines = [
      ...logs.records,
      ...surplusLines(runs.surplus, now, (n) => `${n} requests were not recorded: too many in a second.`),
      ...surplusLines(logs.surplus, now, (n) => `${n} log lines were not kept: too many in a second.`),
    ];
    const gone: number[] = [];
    const runRows = runs.records.map((run) => this.#toRow(run, gone));
    const logRows = lines.map((line) => logRow(this.#nextLog++, this.#owned(line), now, this.#ties));
    this.#ties.rotate();
    try {
      if (runRows.length > 0) await this.#database.insertMany("runs", RUN_COLUMNS, runRows, gone);
      if (logRows.length > 0) await this.#database.insertMany("logs", LOG_COLUMNS, logRows);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** An ended run gets a new row, so that rows stay in the order of their arrival; `gone` collects the old ones. */
  #toRow(run: RunRecord, gone: number[]): unknown[] {
    const id = this.#nextRun++;
    const before = this.#lasting.get(run.trace);
    if (before !== undefined) {
      if (before > 0) gone.push(before);
      if (run.end === 0) this.#lasting.set(run.trace, id);
      else this.#lasting.delete(run.trace);
    }
    return runRow(id, this.#owned(run));
  }

  #owned<R extends { readonly deployment: Subject }>(record: R): R {
    const username = this.#moved.get(record.deployment.valId);
    if (username === undefined) return record;
    return { ...record, deployment: { ...record.deployment, username } };
  }
}

/** One kind of record: what waits, and what was too much. */
class Lane<R extends { deployment: Subject }> {
  #records: R[] = [];
  /** Of this second, by val. */
  #surplus = new Map<string, { sample: R; count: number }>();
  /** Of the seconds before, not told yet. */
  #toTell: { sample: R; count: number }[] = [];
  #stored = 0;
  #extra = new Map<string, number>();

  /** Nothing to write now. */
  get empty(): boolean {
    return this.#records.length === 0 && this.#toTell.length === 0;
  }

  /** Nothing to write later either. */
  get idle(): boolean {
    return this.empty && this.#surplus.size === 0;
  }

  /** Whatever the bounds say. */
  keep(record: R): void {
    this.#records.push(record);
  }

  /** @returns whether it is not surplus */
  push(record: R, perSecond: number): boolean {
    const room = this.#records.length < 2 * perSecond + ALWAYS;
    if (room && (this.#stored < perSecond || this.#takeExtra(record))) {
      this.#stored++;
      this.#records.push(record);
      return true;
    }
    const { valId } = record.deployment;
    const surplus = this.#surplus.get(valId);
    if (surplus === undefined) this.#surplus.set(valId, { sample: record, count: 1 });
    else surplus.count++;
    return false;
  }

  startWindow(): void {
    this.#stored = 0;
    this.#extra.clear();
    this.#toTell.push(...this.#surplus.values());
    this.#surplus.clear();
  }

  take(): { records: R[]; surplus: { sample: R; count: number }[] } {
    const taken = { records: this.#records, surplus: this.#toTell };
    this.#records = [];
    this.#toTell = [];
    return taken;
  }

  #takeExtra(record: R): boolean {
    const { valId } = record.deployment;
    const used = this.#extra.get(valId) ?? 0;
    if (used >= ALWAYS) return false;
    this.#extra.set(valId, used + 1);
    return true;
  }
}

function surplusLines<R extends { deployment: Subject; worker: string }>(
  surplus: readonly { sample: R; count: number }[],
  now: number,
  toText: (count: number) => string,
): LogRecord[] {
  return surplus.map(({ sample, count }) => ({
    deployment: sample.deployment,
    worker: sample.worker,
    level: "warn",
    time: now,
    trace: "",
    text: toText(count),
    stream: "stderr",
  }));
}
