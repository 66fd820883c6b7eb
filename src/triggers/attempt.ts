/** One attempt of one job, from the worker to the record. */
import { toHamletError } from "../errors.ts";
import type { Job, JobOutcome } from "../store/store.ts";
import type { Clock, Failure, JobKindSpec, Settlement, Started, TriggersOptions } from "./types.ts";

/** A job that this process has. */
export interface Held {
  readonly job: Job;
  readonly stop: AbortController;
  begun: boolean;
  /** It waits for a build. */
  building: boolean;
}

/** What an attempt needs of the loop. */
export interface AttemptTools extends Pick<TriggersOptions, "jobs" | "starter" | "kinds" | "failed" | "log"> {
  readonly clock: Clock;
  /** Whether the town is closing. */
  closing(): boolean;
  /** It gets no worker ready any more: the val has got it, or it waits for a build. */
  moved(): void;
}

/** How long the town waits before it asks a worker for this val again, when there was none. */
export const REST_MS = 5_000;
/** Between two tries to put on record how an attempt ended. */
const RECORD_MS = 1_000;
/** Of an error that is kept. */
const MAX_ERROR = 2_000;
const LOST = "The server failed while it ran.";
const STOPPED = "The server was stopped while it ran.";
const DELETED = "Its file was deleted while it ran.";

/** Resolves once it is on record how the attempt ended; with `refused` when there was no worker to be had. */
export async function attempt(held: Held, tools: AttemptTools): Promise<"ended" | "refused"> {
  const { job } = held;
  const started = await start(held, tools);
  if (started.kind === "refused") {
    // Not because of a val: it is due again at once when the town opens again.
    const at = held.stop.signal.aborted ? job.runAt : tools.clock.now() + REST_MS;
    await record(held, tools, () => tools.jobs.postpone(job.id, job.owner!, at));
    // Whose val it is took it back, which is nobody else's concern.
    return started.error === undefined ? "ended" : "refused";
  }
  if (started.kind === "gone") {
    await record(held, tools, () => tools.jobs.drop(job));
    await settle(job, { kind: "gone" }, tools);
    return "ended";
  }
  const how = judge(held, started, tools);
  const { end, failure } = how;
  await record(held, tools, () => tools.jobs.finish(job, end));
  await settle(job, how.settlement, tools);
  if (failure !== undefined && (end.dead || job.maxAttempts === 1)) tools.failed?.(job, failure);
  return "ended";
}

async function start(held: Held, tools: AttemptTools): Promise<Started> {
  const { job, stop } = held;
  const spec = tools.kinds[job.kind];
  let trace = "";
  try {
    return await tools.starter.start({
      building(waits) {
        held.building = waits;
        tools.moved();
      },
      ...{ key: job.key, fileId: job.fileId, kind: job.kind },
      ...{ signal: stop.signal, contentType: spec.contentType },
      body: () => spec.body(job),
      hops: spec.hops?.(job) ?? 0,
      begun: async (id) => {
        trace = id;
        if (tools.closing() || !(await tools.jobs.begin(job, { trace, at: tools.clock.now() }))) return false;
        held.begun = true;
        tools.moved();
        return true;
      },
    });
  } catch (error) {
    tools.log?.error("A val could not be started for a job.", { job: job.id, file: job.fileId, error });
    if (!held.begun) return { kind: "refused", error: toHamletError(error) };
    const outcome = { ok: false, error: { name: "HamletError", message: LOST, stack: "" } } as const;
    return { kind: "ran", finished: { trace, outcome, error: "internal" } };
  }
}

interface Judgement {
  readonly end: JobOutcome;
  readonly settlement: Settlement;
  readonly failure?: Failure;
}

function judge(
  held: Held,
  started: Exclude<Started, { kind: "refused" | "gone" }>,
  tools: AttemptTools,
): Judgement {
  const { job } = held;
  const at = tools.clock.now();
  const trace = started.kind === "ran" ? started.finished.trace : started.trace;
  if (started.kind === "ran" && started.finished.outcome.ok)
    return { end: { outcome: "ok", at }, settlement: { kind: "ok", trace: started.finished.trace } };
  const error = errorOf(started).slice(0, MAX_ERROR);
  if (started.kind === "ran" && started.finished.error === undefined) {
    // It was stopped by us. What is done until it succeeds is done again, however often that was tried.
    const again = job.maxAttempts > 1 ? { retryAt: at } : {};
    const why = held.stop.signal.aborted ? STOPPED : DELETED;
    return { end: { outcome: "interrupted", error: why, at, ...again }, settlement: { kind: "interrupted" } };
  }
  const failure = { at, error, trace };
  const attempts = job.attempts + 1;
  const end = { outcome: "failed", error, at } as const;
  if (job.maxAttempts === 1) return { end, failure, settlement: { kind: "failed", error, trace } };
  if (attempts >= job.maxAttempts)
    return { end: { ...end, dead: true }, failure, settlement: { kind: "dead", error, trace } };
  const retryAt = at + pauseBefore(attempts, tools.kinds[job.kind]);
  return { end: { ...end, retryAt }, failure, settlement: { kind: "again", error, trace } };
}

function errorOf(started: Exclude<Started, { kind: "refused" | "gone" }>): string {
  if (started.kind === "unbuilt") return started.message;
  const { outcome } = started.finished;
  if (outcome.ok) return "";
  const { name, message } = outcome.error;
  return name === "" || name === "HamletError" ? message : `${name}: ${message}`;
}

function pauseBefore(attempts: number, { backoffMs }: JobKindSpec): number {
  return backoffMs[Math.min(attempts, backoffMs.length) - 1] ?? 0;
}

/**
 * What is not on record cannot be let go of: an attempt that seems not to have ended would stay claimed, and one that
 * seems not to have succeeded might be made again. So it is tried until it succeeds or the town closes.
 */
async function record(
  held: Held,
  { clock, closing, log }: AttemptTools,
  write: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      log?.error("The queue could not be written; it is tried again.", { job: held.job.id, error });
      if (closing()) return;
    }
    await new Promise<void>((resolve) => clock.after(RECORD_MS, resolve));
  }
}

/** What else is to be done then; that it fails changes nothing. */
export async function settle(
  job: Job,
  how: Settlement,
  { kinds, log }: Pick<AttemptTools, "kinds" | "log">,
): Promise<void> {
  try {
    await kinds[job.kind].settled?.(job, how);
  } catch (error) {
    log?.error("What a job had left could not be tidied up.", { job: job.id, error });
  }
}
