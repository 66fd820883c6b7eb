/** A run that was asked for, as an answer: at its end, or as events while it lasts. */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { runSchema } from "../contract/runs.ts";
import type { Env } from "./app.ts";
import { answerEvents, EventQueue, wantsEvents } from "./events.ts";
import type { RunAnswer, RunLine, RunRequest } from "./types.ts";

type Result = Omit<z.infer<typeof runSchema>, "logs" | "droppedLogs">;
type Line = z.infer<typeof runSchema>["logs"][number];

/** Of what a run writes, so much is in its answer; the rest is in its trace. */
const MAX_LINES = 1000;
const MAX_CHARS = 512 * 1024;
/** What waits for a reader of events who is slow. */
const MAX_WAITING = 1024 * 1024;

/** What hears of a run, and whether anybody still waits for it. */
export type Listener = Pick<RunRequest, "signal" | "started" | "line">;

/** Runs something, and answers with what came of it, or with events while it lasts. */
export async function answerRun(c: Context<Env>, run: (listener: Listener) => Promise<RunAnswer>) {
  if (wantsEvents(c)) return answerLive(c, run);
  const logs: Line[] = [];
  let [chars, droppedLogs] = [0, 0];
  const line = (one: RunLine) => {
    chars += one.text.length;
    if (logs.length < MAX_LINES && chars < MAX_CHARS) logs.push(presentLine(one));
    else droppedLogs++;
  };
  const answer = await run({ signal: c.req.raw.signal, line });
  if (!answer.built) return c.json(presentUnbuilt(answer), 422);
  return c.json({ ...presentResult(answer), logs, droppedLogs }, 200);
}

/** The answer begins with the run: what keeps it from beginning is answered as ever. */
async function answerLive(c: Context<Env>, run: (listener: Listener) => Promise<RunAnswer>) {
  const left = new AbortController();
  const queue = new EventQueue(MAX_WAITING);
  const begun = Promise.withResolvers<"begun">();
  const leave = () => left.abort();
  c.req.raw.signal.addEventListener("abort", leave);
  const pending = run({
    signal: left.signal,
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
