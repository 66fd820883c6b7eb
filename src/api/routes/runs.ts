import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Val } from "../../store/store.ts";
import { invokeFile, runFile, type runSchema } from "../contract/runs.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { answerEvents, EventQueue, wantsEvents } from "./events.ts";
import { callEndpoint } from "./invoke.ts";
import { ApiError, SCOPE_MISSING } from "./problem.ts";
import type { RunAnswer, RunLine, Runs } from "./types.ts";

type Result = Omit<z.infer<typeof runSchema>, "logs" | "droppedLogs">;
type Line = z.infer<typeof runSchema>["logs"][number];

/** Of what a run writes, so much is in its answer; the rest is in its trace. */
const MAX_LINES = 1000;
const MAX_CHARS = 512 * 1024;
/** What waits for a reader of events who is slow. */
const MAX_WAITING = 1024 * 1024;

interface What {
  readonly path: string;
  readonly branchId: string | undefined;
  readonly version: number | undefined;
}

export function addRunRoutes(app: App, { store, runs }: Tools): void {
  app.openapi(runFile, async (c) => {
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { path, branchId, version } = c.req.valid("json");
    return answerRun(c, runsOf(runs), val, { path, branchId, version });
  });

  app.openapi(invokeFile, async (c) => {
    const file = await store.files.find(c.req.valid("param").file_id);
    if (file === undefined) throw new ApiError(404, "File not found");
    const val = await readable(c, store.vals.find(file.valId), "File not found");
    viewerOf(c);
    const label = file.labels[0];
    if (file.type === "http" && label !== undefined) {
      return c.json(await callEndpoint(c, runsOf(runs), label, c.req.valid("json")), 200);
    }
    if (!viewerOf(c).permits("val:write")) throw new ApiError(403, SCOPE_MISSING);
    await writable(c, store, val.id);
    const { path, branchId } = file;
    return answerRun(c, runsOf(runs), val, { path, branchId, version: undefined });
  });
}

function runsOf(runs: Runs | undefined): Runs {
  if (runs === undefined) throw new ApiError(503, "This town starts no vals");
  return runs;
}

async function answerRun(c: Context<Env>, runs: Runs, val: Val, what: What) {
  if (wantsEvents(c)) return answerLive(c, runs, val, what);
  const logs: Line[] = [];
  let [chars, droppedLogs] = [0, 0];
  const line = (one: RunLine) => {
    chars += one.text.length;
    if (logs.length < MAX_LINES && chars < MAX_CHARS) logs.push(presentLine(one));
    else droppedLogs++;
  };
  const answer = await runs.run({ valId: val.id, ...what, signal: c.req.raw.signal, line });
  if (!answer.built) return c.json(presentUnbuilt(answer), 422);
  return c.json({ ...presentResult(answer), logs, droppedLogs }, 200);
}

/** The answer begins with the run: what keeps it from beginning is answered as ever. */
async function answerLive(c: Context<Env>, runs: Runs, val: Val, what: What) {
  const left = new AbortController();
  const queue = new EventQueue(MAX_WAITING);
  const begun = Promise.withResolvers<"begun">();
  const leave = () => left.abort();
  c.req.raw.signal.addEventListener("abort", leave);
  const pending = runs.run({
    ...{ valId: val.id, ...what, signal: left.signal },
    started(traceId) {
      queue.push("start", { traceId });
      begun.resolve("begun");
    },
    line: (one) => queue.push("log", presentLine(one)),
  });
  pending.then(
    (answer) =>
      answer.built && queue.end(answer.finished.outcome.ok ? "result" : "error", presentResult(answer)),
    (error) =>
      queue.end("error", {
        status: "failed",
        error: { name: "Error", message: String(error.message ?? error), stack: "" },
      }),
  );
  const first = await Promise.race([begun.promise, pending]);
  if (first !== "begun" && !first.built) return c.json(presentUnbuilt(first), 422);
  return answerEvents(c, { next: () => queue.next(), leave });
}

function presentResult({ version, finished }: Extract<RunAnswer, { built: true }>): Result {
  const { trace: traceId, outcome, error: reason, durationMs } = finished;
  const told = { traceId, version, durationMs };
  if (outcome.ok)
    return { status: "ok", ...told, ...(outcome.value !== undefined && { value: outcome.value }) };
  return { status: "failed", ...told, ...(reason && { reason }), error: { ...outcome.error } };
}

function presentLine({ time, level, stream, text }: RunLine): Line {
  return { at: new Date(time).toISOString(), level, stream, text };
}

function presentUnbuilt({ version, diagnostics }: Extract<RunAnswer, { built: false }>) {
  const message = `This version could not be built: ${diagnostics[0]?.message ?? "nobody knows why"}`;
  const list = diagnostics.map((one) => ({ ...one }));
  return {
    statusCode: 422,
    error: "Unprocessable Entity",
    code: "build_failed",
    message,
    version,
    diagnostics: list,
  };
}
