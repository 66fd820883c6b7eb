import type { Deployment } from "../val/deployment.ts";
import type { LogTable, RunTable, TelemetrySchema } from "./schema.ts";
import type { SqliteDatabase } from "./sqlite.ts";

/** One call of a val that has ended. Times in epoch milliseconds with a fraction, sizes in bytes. */
export interface RunRecord {
  readonly trace: string;
  readonly deployment: Deployment;
  readonly kind: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly error: string | undefined;
  readonly start: number;
  readonly firstByte: number;
  readonly end: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly worker: string;
  readonly cold: boolean;
  readonly aborted: boolean;
  /** `name: value` lines separated by CRLF. */
  readonly requestHeaders: string;
  readonly responseHeaders: string;
}

/** One line of output of a val. `time` in epoch milliseconds, as the worker says: it is checked here. */
export interface LogRecord {
  readonly deployment: Deployment;
  readonly worker: string;
  readonly level: string;
  readonly time: number;
  /** Empty outside a request. */
  readonly trace: string;
  readonly text: string;
  readonly stream: "stdout" | "stderr";
}

export interface BufferOptions {
  /** Runs stored in a second; the surplus is counted and told in the val's log. */
  readonly runsPerSecond: number;
  /** Log lines stored in a second; likewise. */
  readonly logsPerSecond: number;
  /** How long records may wait for company, ms. */
  readonly flushMs: number;
}

const RUN_COLUMNS = [
  "id",
  "trace",
  "username",
  "val_id",
  "file_id",
  "branch_id",
  "version",
  "kind",
  "method",
  "url",
  "status",
  "error",
  "start_us",
  "first_us",
  "end_us",
  "bytes_in",
  "bytes_out",
  "worker",
  "cold",
  "aborted",
  "request_headers",
  "response_headers",
] as const satisfies (keyof RunTable)[];

const LOG_COLUMNS = [
  "id",
  "trace",
  "username",
  "val_id",
  "file_id",
  "branch_id",
  "version",
  "level",
  "stream",
  "time_us",
  "tie",
  "text",
] as const satisfies (keyof LogTable)[];

const MAX_URL = 8 * 1024;
const MAX_HEADERS = 16 * 1024;
const MAX_TEXT = 64 * 1024;
const SECRET_HEADERS = /^((?:proxy-)?authorization|cookie|set-cookie):.*$/gim;

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
    for (const run of runs) this.#runs.push(run, this.#options.runsPerSecond);
    if (this.#timer === undefined) this.#arm();
  }

  recordLogs(lines: readonly LogRecord[]): void {
    for (const line of lines) this.#logs.push(line, this.#options.logsPerSecond);
    if (this.#timer === undefined) this.#arm();
  }

  /** Resolves when everything recorded before the call can be read. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = this.#written.then(() => this.#write());
    return this.#written;
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
    const runRows = runs.records.map((run) => runRow(this.#nextRun++, run));
    const logRows = lines.map((line) => this.#logRow(line, now));
    this.#ties.rotate();
    try {
      if (runRows.length > 0) await this.#database.insertMany("runs", RUN_COLUMNS, runRows);
      if (logRows.length > 0) await this.#database.insertMany("logs", LOG_COLUMNS, logRows);
    } catch (error) {
      this.#onError(error);
    }
  }

  #logRow(line: LogRecord, now: number): unknown[] {
    const { deployment: d } = line;
    // The worker's clock is the val's to forge: a time that cannot be is replaced by the time of arrival.
    const believable = line.time > now - 60_000 && line.time < now + 1_000;
    const { us, tie } = this.#ties.next(toMicros(believable ? line.time : now));
    const text = line.text.length > MAX_TEXT ? `${line.text.slice(0, MAX_TEXT)}…` : line.text;
    return [
      this.#nextLog++,
      line.trace,
      d.username,
      d.valId,
      d.fileId,
      d.branchId,
      d.version,
      line.level,
      line.stream,
      us,
      tie,
      text,
    ];
  }
}

/** One kind of record: what waits, and what was too much. */
class Lane<R extends { deployment: Deployment }> {
  #records: R[] = [];
  #surplus = new Map<string, { sample: R; count: number }>();
  #stored = 0;
  #extra = new Map<string, number>();

  get empty(): boolean {
    return this.#records.length === 0 && this.#surplus.size === 0;
  }

  push(record: R, perSecond: number): void {
    const room = this.#records.length < 2 * perSecond + ALWAYS;
    if (room && (this.#stored < perSecond || this.#takeExtra(record))) {
      this.#stored++;
      this.#records.push(record);
      return;
    }
    const { valId } = record.deployment;
    const surplus = this.#surplus.get(valId);
    if (surplus === undefined) this.#surplus.set(valId, { sample: record, count: 1 });
    else surplus.count++;
  }

  startWindow(): void {
    this.#stored = 0;
    this.#extra.clear();
  }

  take(): { records: R[]; surplus: { sample: R; count: number }[] } {
    const taken = { records: this.#records, surplus: [...this.#surplus.values()] };
    this.#records = [];
    this.#surplus.clear();
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

/**
 * Makes the time of each log line unique, because clients page by time alone: lines of one microsecond are numbered,
 * and the number becomes the nanoseconds of the time they are shown with.
 */
class Ties {
  #recent = new Map<number, number>();
  #older = new Map<number, number>();

  next(micros: number): { us: number; tie: number } {
    for (let us = micros; ; us++) {
      const tie = (this.#recent.get(us) ?? this.#older.get(us) ?? -1) + 1;
      if (tie > 999) continue;
      this.#recent.set(us, tie);
      return { us, tie };
    }
  }

  /** Forget all but the last two batches: a line that comes later than that is not of the same microsecond. */
  rotate(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
  }
}

function surplusLines<R extends { deployment: Deployment; worker: string }>(
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

function runRow(id: number, run: RunRecord): unknown[] {
  const { deployment: d } = run;
  return [
    id,
    run.trace,
    d.username,
    d.valId,
    d.fileId,
    d.branchId,
    d.version,
    run.kind,
    run.method,
    run.url.slice(0, MAX_URL),
    run.status,
    run.error ?? null,
    toMicros(run.start),
    toMicros(run.firstByte),
    toMicros(run.end),
    run.bytesIn,
    run.bytesOut,
    run.worker,
    run.cold ? 1 : 0,
    run.aborted ? 1 : 0,
    toHeaders(run.requestHeaders),
    toHeaders(run.responseHeaders),
  ];
}

function toMicros(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}

/** Credentials of visitors are no business of a log. */
function toHeaders(lines: string): string {
  return lines.slice(0, MAX_HEADERS).replace(SECRET_HEADERS, "$1: (hidden)");
}
