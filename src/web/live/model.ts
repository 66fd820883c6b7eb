/** Log lines and calls as the views show them. */

import type { Row as ApiRow } from "../client/contract.ts";
import type { Row } from "./rows.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** One line of output. */
export interface Line extends Row {
  /** ms since 1970. */
  readonly at: number;
  readonly level: Level;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly trace: string;
  readonly file: string;
  readonly version: number;
}

/** One call. */
export interface Call extends Row {
  readonly at: number;
  readonly trace: string;
  readonly kind: string;
  readonly method: string;
  readonly url: string;
  /** 0 while there is none. */
  readonly status: number;
  /** undefined while it lasts. */
  readonly durationMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly error: string;
  readonly aborted: boolean;
  readonly cold: boolean;
  readonly failed: boolean;
  readonly file: string;
  readonly version: number;
}

type Attributes = ApiRow<"listLogs">["attributes"];

function valuesOf(attributes: Attributes): (key: string) => string {
  const values = new Map(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? String(value.boolValue ?? value.doubleValue ?? ""),
    ]),
  );
  return (key) => values.get(key) ?? "";
}

const toMs = (nanos: string): number => Number(BigInt(nanos) / 1000n) / 1000;
const LEVELS: readonly string[] = ["debug", "info", "warn", "error"];

export function toLine(row: ApiRow<"listLogs">): Line {
  const value = valuesOf(row.attributes);
  const level = value("log.level");
  return {
    key: row.timeUnixNano,
    sort: row.timeUnixNano.padStart(20, "0"),
    at: toMs(row.timeUnixNano),
    level: LEVELS.includes(level) ? (level as Level) : row.severityText === "stderr" ? "error" : "info",
    stream: row.severityText,
    text: row.body.stringValue ?? "",
    trace: row.traceId,
    file: value("val.file_id"),
    version: Number(value("val.version")),
  };
}

export function toCall(row: ApiRow<"listTraces">): Call {
  const value = valuesOf(row.attributes);
  const start = toMs(row.startTimeUnixNano);
  const over = row.endTimeUnixNano !== "0";
  const [method = "", ...path] = row.name.split(" ");
  return {
    key: row.traceId,
    sort: row.startTimeUnixNano.padStart(20, "0"),
    at: start,
    trace: row.traceId,
    kind: value("hamlet.kind"),
    method,
    url: value("url.full") || path.join(" "),
    status: Number(value("http.response.status_code")),
    durationMs: over ? toMs(row.endTimeUnixNano) - start : undefined,
    bytesIn: Number(value("http.request.body.size")),
    bytesOut: Number(value("http.response.body.size")),
    error: value("hamlet.error"),
    aborted: value("hamlet.aborted") === "true",
    cold: value("hamlet.cold") === "true",
    failed: row.status.code === 2,
    file: value("val.file_id"),
    version: Number(value("val.version")),
  };
}
