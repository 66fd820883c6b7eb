import type { Deployment } from "../val/deployment.ts";
import type { LogTable, RunTable } from "./schema.ts";

/** One call of a val; `end` is 0 while it lasts. Times in epoch milliseconds with a fraction, sizes in bytes. */
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
  /** How its bodies passed, as the gateway writes it; missing where it has none. */
  readonly timeline?: string | undefined;
}

/** Which file of which version a record is about. */
export type Subject = Pick<Deployment, "username" | "valId" | "fileId" | "branchId" | "version" | "trigger">;

/** One line of output of a val. `time` in epoch milliseconds, as the worker says: it is checked here. */
export interface LogRecord {
  readonly deployment: Subject;
  readonly worker: string;
  readonly level: string;
  readonly time: number;
  /** Empty outside a request. */
  readonly trace: string;
  readonly text: string;
  readonly stream: "stdout" | "stderr";
}

/** The columns of `runRow`. */
export const RUN_COLUMNS = [
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
  "timeline",
] as const satisfies (keyof RunTable)[];

/** The columns of `logRow`. */
export const LOG_COLUMNS = [
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
  "trigger",
] as const satisfies (keyof LogTable)[];

const MAX_URL = 8 * 1024;
/** Of one side. */
const MAX_HEADERS = 64;
const MAX_HEADER_CHARS = 8 * 1024;
/** Credentials may be longer than what is kept. */
const MAX_READ_CHARS = 32 * 1024;
const MAX_TEXT = 64 * 1024;
const MAX_DELAY_MS = 60_000;
const MAX_AHEAD_MS = 1_000;
const SECRET_HEADERS = /^((?:proxy-)?authorization|cookie|set-cookie):.*$/gim;

/** A run as values of `RUN_COLUMNS`. */
export function runRow(id: number, run: RunRecord): unknown[] {
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
    run.timeline ?? null,
  ];
}

/** A log line as values of `LOG_COLUMNS`; `now` in epoch milliseconds. */
export function logRow(id: number, line: LogRecord, now: number, ties: Ties): unknown[] {
  const { deployment: d } = line;
  // The worker's clock is the val's to forge: a time that cannot be is replaced by the time of arrival.
  const believable = line.time > now - MAX_DELAY_MS && line.time < now + MAX_AHEAD_MS;
  const { us, tie } = ties.next(toMicros(believable ? line.time : now));
  const text = line.text.length > MAX_TEXT ? `${line.text.slice(0, MAX_TEXT)}…` : line.text;
  return [
    id,
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
    d.trigger ?? "http",
  ];
}

function toMicros(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}

/** Credentials of visitors are no business of a log. They go first: what is cut must not hide what they are. */
function toHeaders(lines: string): string {
  const shown = lines.slice(0, MAX_READ_CHARS).replace(SECRET_HEADERS, "$1: (hidden)");
  const end = endOfLines(shown, MAX_HEADERS);
  return end > MAX_HEADER_CHARS ? `${shown.slice(0, MAX_HEADER_CHARS)}…` : shown.slice(0, end);
}

function endOfLines(text: string, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines && end < text.length; line++) {
    const stop = text.indexOf("\r\n", end);
    end = stop < 0 ? text.length : stop + 2;
  }
  return end;
}

/**
 * Makes the time of each log line unique, because clients page by time alone: lines of one microsecond are numbered,
 * and the number becomes the nanoseconds of the time they are shown with.
 */
export class Ties {
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
