import type { z } from "@hono/zod-openapi";
import { type Log, logNanos, type TelemetryPage, type Trace } from "../../store/store.ts";
import { triggerOf } from "../../val/deployment.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { formatInstant } from "../contract/instant.ts";
import {
  type attributeSchema,
  listLogs,
  listTraces,
  type logSchema,
  type traceSchema,
} from "../contract/telemetry.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import type { Links } from "./links.ts";

type Attribute = z.infer<typeof attributeSchema>;

const OK = 1;
const ERROR = 2;

export function addTelemetryRoutes(app: App, { store }: Tools): void {
  app.openapi(listTraces, async (c) => {
    const query = c.req.valid("query");
    const page = await store.telemetry.traces({
      ...windowOf(await store.users.namesOf(viewerOf(c).accounts), query),
      orderBy: query.order_by ?? "start_time",
    });
    return c.json({ data: page.rows.map(presentTrace), links: linksOf(page, c.get("links")) }, 200);
  });

  app.openapi(listLogs, async (c) => {
    const query = c.req.valid("query");
    const page = await store.telemetry.logs({
      ...windowOf(await store.users.namesOf(viewerOf(c).accounts), query),
      traceIds: query.trace_ids,
    });
    return c.json({ data: page.rows.map(presentLog), links: linksOf(page, c.get("links")) }, 200);
  });
}

interface WindowQuery {
  readonly direction?: "asc" | "desc";
  readonly limit?: number;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly val_id?: string;
  readonly file_id?: string;
  readonly branch_ids?: string[];
}

function windowOf(usernames: readonly string[], query: WindowQuery) {
  return {
    usernames,
    valId: query.val_id,
    fileId: query.file_id,
    branchIds: query.branch_ids,
    from: query.start,
    to: query.end,
    direction: query.direction ?? "desc",
    limit: query.limit ?? DEFAULT_LIMIT,
  } as const;
}

function linksOf({ next }: TelemetryPage<unknown>, links: Links): { self: string; next?: string } {
  if (next === undefined) return { self: links.self };
  const bound: Record<string, string> =
    "from" in next ? { start: formatInstant(next.from) } : { end: formatInstant(next.to) };
  return { self: links.self, next: links.page(bound) };
}

export function presentTrace(run: Trace): z.infer<typeof traceSchema> {
  const failed = run.error !== null || run.status >= 500;
  return {
    traceId: run.trace,
    name: `${run.method} ${pathOf(run.url)}`,
    startTimeUnixNano: nanos(run.start_us),
    endTimeUnixNano: nanos(run.end_us),
    attributes: [
      ...valAttributes(run),
      ...(triggerOf(run.kind) === "http" ? httpAttributes(run) : []),
      text("url.full", run.url),
      text("hamlet.kind", run.kind),
      text("hamlet.worker", run.worker),
      flag("hamlet.cold", run.cold === 1),
      flag("hamlet.aborted", run.aborted === 1),
      text("hamlet.first_byte_time_unix_nano", nanos(run.first_us)),
      ...(run.error === null ? [] : [text("hamlet.error", run.error)]),
      ...headerAttributes("http.request.header.", run.request_headers),
      ...headerAttributes("http.response.header.", run.response_headers),
    ],
    status: { code: failed ? ERROR : OK, message: run.error ?? "" },
  };
}

function httpAttributes(run: Trace): Attribute[] {
  return [
    text("http.request.method", run.method),
    ...(run.status === 0 ? [] : [integer("http.response.status_code", run.status)]),
    integer("http.request.body.size", run.bytes_in),
    integer("http.response.body.size", run.bytes_out),
  ];
}

export function presentLog(log: Log): z.infer<typeof logSchema> {
  return {
    timeUnixNano: String(logNanos(log)),
    traceId: log.trace,
    severityText: log.stream === "stderr" ? "stderr" : "stdout",
    body: { stringValue: log.text },
    attributes: [...valAttributes(log), text("log.level", log.level)],
  };
}

function valAttributes(row: Trace | Log): Attribute[] {
  return [
    text("val.type", "kind" in row ? triggerOf(row.kind) : row.trigger),
    text("val.id", row.val_id),
    text("val.file_id", row.file_id),
    text("val.branch_id", row.branch_id),
    integer("val.version", row.version),
  ];
}

function headerAttributes(prefix: string, lines: string): Attribute[] {
  return [...headerFields(lines)].map(([name, value]) => text(prefix + name, value));
}

/** Fields by name, those of one name joined, as RFC 9110 §5.3 has it. */
export function headerFields(lines: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const integer = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });
const flag = (key: string, value: boolean): Attribute => ({ key, value: { boolValue: value } });
/** What has not happened yet is 0. */
const nanos = (micros: number): string => (micros === 0 ? "0" : `${micros}000`);
const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
