import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { JobRun, ListedJob, MailPayload } from "../../store/store.ts";
import { mayWrite } from "../../val/visibility.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  deleteJob,
  type jobRunSchema,
  type jobSchema,
  listJobRuns,
  listJobs,
  retryJob,
} from "../contract/jobs.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { presentPage } from "./present.ts";
import { ApiError } from "./problem.ts";

const RUNNING = "It is running. Wait until it ends; it does within --run-timeout";

export function addJobRoutes(app: App, { store, queue = store.jobs }: Tools): void {
  app.openapi(listJobs, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0, state } = c.req.valid("query");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { rows, more } = await store.jobs.list({ valId: val.id, state }, { limit, offset });
    return c.json(presentPage(rows.map(present), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(retryJob, async (c) => {
    const job = await find(c, c.req.valid("param").job_id);
    if (!(await store.jobs.revive(job.id))) throw new ApiError(409, RUNNING);
    return c.json(present(await find(c, job.id)), 200);
  });

  app.openapi(deleteJob, async (c) => {
    const job = await find(c, c.req.valid("param").job_id);
    if (!(await queue.remove(job.id))) throw new ApiError(409, RUNNING);
    return c.body(null, 204);
  });

  app.openapi(listJobRuns, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const file = await store.files.find(c.req.valid("param").file_id);
    if (file === undefined) throw new ApiError(404, "File not found");
    await readable(c, store.vals.find(file.valId), "File not found");
    await writable(c, store, file.valId);
    const { rows, more } = await store.jobs.runsOf(file.id, { limit, offset });
    return c.json(presentPage(rows.map(presentRun), c.get("links"), more, { limit, offset }), 200);
  });

  /** Jobs are not to be seen by whoever may only read a val. */
  async function find(c: Context<Env>, jobId: string): Promise<ListedJob> {
    const job = await store.jobs.find(jobId);
    const val = job && (await store.vals.find(job.valId));
    if (job === undefined || val === undefined || !mayWrite(val, viewerOf(c)))
      throw new ApiError(404, "Job not found");
    return job;
  }
}

const time = (ms: number) => new Date(ms).toISOString();
const timeOrNull = (ms: number | undefined) => (ms === undefined ? null : time(ms));

function present(job: ListedJob): z.infer<typeof jobSchema> {
  const { id, kind, fileId, path, state, attempts, maxAttempts, error = null } = job;
  const { mailId, address } = job.payload as Partial<MailPayload>;
  return {
    ...{ id, kind, file: { id: fileId, path }, state },
    dueAt: time(job.dueAt),
    nextAttemptAt: state === "queued" ? time(job.runAt) : null,
    ...{ attempts, maxAttempts, error, mailId: mailId ?? null, address: address ?? null },
    createdAt: time(job.createdAt),
    updatedAt: time(job.updatedAt),
  };
}

function presentRun(run: JobRun): z.infer<typeof jobRunSchema> {
  const { id, jobId, kind, outcome = null, trace: traceId = null, error = null, attempt } = run;
  return {
    ...{ id, jobId, kind, dueAt: time(run.dueAt), startedAt: timeOrNull(run.startedAt) },
    ...{ endedAt: timeOrNull(run.endedAt), outcome, traceId, error, attempt },
  };
}
