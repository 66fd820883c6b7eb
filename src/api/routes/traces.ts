import type { z } from "@hono/zod-openapi";
import { type Log, logNanos, type Store, type Trace, type TracedCall } from "../../store/store.ts";
import { formatInstant } from "../contract/instant.ts";
import { type callSchema, getTrace } from "../contract/traces.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import type { Links } from "./links.ts";
import { ApiError } from "./problem.ts";
import { headerFields } from "./telemetry.ts";
import { presentTimeline } from "./timeline.ts";
import { PAGE_HEADERS, renderTrace } from "./trace-page.ts";

type Call = z.infer<typeof callSchema>;

export function addTraceRoutes(app: App, { store }: Tools): void {
  app.openapi(getTrace, async (c) => {
    const { trace_id: traceId } = c.req.valid("param");
    const found = await store.telemetry.call(traceId, {
      usernames: await store.users.namesOf(viewerOf(c).accounts),
    });
    if (found === undefined) throw new ApiError(404, "Trace not found, or it is no longer kept");
    const call = await present(store, traceId, found, c.get("links"));
    c.header("cache-control", "no-store");
    c.header("vary", "accept");
    if (c.req.header("accept")?.toLowerCase().includes("text/html"))
      return c.html(renderTrace(call), 200, PAGE_HEADERS);
    return c.json(call, 200);
  });
}

async function present(
  store: Store,
  traceId: string,
  { run, logs, more }: TracedCall,
  links: Links,
): Promise<Call> {
  // One of both is there.
  const { val_id, file_id, branch_id, version } = (run ?? logs[0])!;
  const [val, file] = await Promise.all([store.vals.find(val_id), store.files.find(file_id)]);
  const query = new URLSearchParams({ trace_ids: traceId, direction: "asc" });
  return {
    traceId,
    val: { id: val_id, name: val?.name ?? null },
    file: { id: file_id, path: file?.path ?? null },
    branchId: branch_id,
    version,
    call: run === undefined ? null : presentRun(run),
    timeline: run === undefined ? null : presentTimeline(run),
    logs: logs.map(presentLine),
    moreLogs: more,
    links: { self: links.self, logs: `${links.api}/v1/telemetry/logs?${query}` },
  };
}

function presentRun(run: Trace): Call["call"] {
  const { kind, method, url, error, start_us, first_us, end_us } = run;
  return {
    kind,
    method,
    url,
    status: run.status || null,
    requestHeaders: Object.fromEntries(headerFields(run.request_headers)),
    responseHeaders: Object.fromEntries(headerFields(run.response_headers)),
    error,
    startedAt: toDate(start_us)!,
    firstByteAt: toDate(first_us),
    endedAt: toDate(end_us),
    durationMs: end_us === 0 ? null : (end_us - start_us) / 1000,
    cold: run.cold === 1,
    aborted: run.aborted === 1,
    worker: run.worker || null,
    bytesIn: run.bytes_in,
    bytesOut: run.bytes_out,
  };
}

function presentLine(log: Log): Call["logs"][number] {
  const stream = log.stream === "stderr" ? "stderr" : "stdout";
  return { at: formatInstant(logNanos(log)), level: log.level, stream, text: log.text };
}

/** What has not happened yet is 0. */
const toDate = (micros: number) => (micros === 0 ? null : formatInstant(BigInt(micros) * 1000n));
