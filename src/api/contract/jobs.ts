/** What starts vals by itself: what is to come, and what has been. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, offset, optionalParam, pageOf, uuid } from "./common.ts";

const kind = z.enum(["interval", "email"]);
const states = ["queued", "running", "dead"] as const;
const jobParams = z.object({ job_id: uuid });
const attempts = z.int().min(0);

/** Something that a file will be started for, or is being. */
export const jobSchema = z
  .object({
    id: uuid,
    kind,
    file: z.object({ id: uuid, path: z.string() }),
    state: z.enum(states).openapi({
      description: "`dead`: every attempt failed, and none is made any more unless one asks for it.",
    }),
    dueAt: dateTime.openapi({ description: "When it was to be first." }),
    nextAttemptAt: dateTime.nullable().openapi({ description: "Of a queued one." }),
    attempts: attempts.openapi({ description: "Those that have begun." }),
    maxAttempts: attempts,
    error: z.string().nullable().openapi({ description: "Of the last attempt." }),
    mailId: uuid.nullable().openapi({ description: "The mail that it delivers." }),
    address: z.string().nullable().openapi({ description: "To which that was written." }),
    createdAt: dateTime,
    updatedAt: dateTime,
  })
  .openapi("Job");

/** `GET /v3/vals/{val_id}/jobs` */
export const listJobs = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/jobs",
  operationId: "listJobs",
  tags: ["jobs"],
  summary: "Jobs of a val, the newest first",
  description:
    "What it is being started for, or will be: slots of schedules that have come and mails that arrived, until they are done. A slot is attempted once, a mail up to five times within seven hours.",
  request: {
    params: z.object({ val_id: uuid }),
    query: z.object({
      limit,
      offset,
      state: optionalParam(z.enum(states), { enum: [...states], description: "Only those in it." }),
    }),
  },
  responses: { 200: json(pageOf(jobSchema), "A page of jobs."), ...errors(400, 401, 403, 404) },
});

/** `POST /v3/jobs/{job_id}/retry` */
export const retryJob = createRoute({
  method: "post",
  path: "/v3/jobs/{job_id}/retry",
  operationId: "retryJob",
  tags: ["jobs"],
  summary: "Attempt a job now",
  description: "A dead one, or one that waits for its next attempt. It has all its attempts before it again.",
  request: { params: jobParams },
  responses: { 200: json(jobSchema, "The job, which is due now."), ...errors(400, 401, 403, 404, 409) },
});

/** `DELETE /v3/jobs/{job_id}` */
export const deleteJob = createRoute({
  method: "delete",
  path: "/v3/jobs/{job_id}",
  operationId: "deleteJob",
  tags: ["jobs"],
  summary: "Take a job out of the queue",
  description: "What it was to do is not done. One that runs cannot be removed.",
  request: { params: jobParams },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404, 409) },
});

/** One attempt of a job, or a slot that was left out. */
export const jobRunSchema = z
  .object({
    id: uuid,
    jobId: uuid,
    kind,
    dueAt: dateTime,
    startedAt: dateTime.nullable().openapi({ description: "null: it did not get that far." }),
    endedAt: dateTime.nullable(),
    outcome: z.enum(["ok", "failed", "interrupted", "skipped"]).nullable().openapi({
      description:
        "null while it lasts. `interrupted`: the server ended meanwhile; `skipped`: the run before was not over.",
    }),
    traceId: z.string().nullable(),
    error: z.string().nullable(),
    attempt: attempts.openapi({ description: "From 1; 0 for a slot that was left out." }),
  })
  .openapi("JobRun");

/** `GET /v3/files/{file_id}/runs` */
export const listJobRuns = createRoute({
  method: "get",
  path: "/v3/files/{file_id}/runs",
  operationId: "listJobRuns",
  tags: ["jobs"],
  summary: "Runs of a file, and how they went, the newest first",
  description:
    "Those that the clock or a mail started, the last 100. `GET /v3/traces/{traceId}` has the logs of each.",
  request: { params: z.object({ file_id: uuid }), query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(jobRunSchema), "A page of runs."), ...errors(400, 401, 403, 404) },
});
