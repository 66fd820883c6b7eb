/** Jobs and runs as rows, and as the store's callers know them. */
import type { Job, JobRun, NewJob } from "./jobs.ts";
import type { JobRunTable, JobTable } from "./schema-jobs.ts";

/** A job as the store's callers know it. */
export function toJob(row: JobTable): Job {
  return {
    id: row.id,
    kind: row.kind,
    key: row.key,
    fileId: row.file_id,
    valId: row.val_id,
    userId: row.user_id,
    payload: JSON.parse(row.payload),
    dueAt: row.due_at,
    runAt: row.run_at,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    state: row.state,
    begun: row.begun === 1,
    owner: row.lease_owner ?? undefined,
    error: row.error ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A run as the store's callers know it. */
export function toRun(row: JobRunTable): JobRun {
  return {
    id: row.id,
    jobId: row.job_id,
    fileId: row.file_id,
    valId: row.val_id,
    kind: row.kind,
    dueAt: row.due_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    outcome: row.outcome ?? undefined,
    trace: row.trace ?? undefined,
    error: row.error ?? undefined,
    attempt: row.attempt,
  };
}

/** The row of a run of this job that has no outcome yet. */
export function runOf(
  job: Pick<JobTable, "id" | "key" | "file_id" | "val_id" | "kind" | "due_at">,
  attempt: number,
): JobRunTable {
  return {
    id: Bun.randomUUIDv7(),
    job_id: job.id,
    key: job.key,
    file_id: job.file_id,
    val_id: job.val_id,
    kind: job.kind,
    due_at: job.due_at,
    started_at: null,
    ended_at: null,
    outcome: null,
    trace: null,
    error: null,
    attempt,
  };
}

/** The row of a job that was just made. */
export function toRow(job: NewJob, at: number): JobTable {
  return {
    id: Bun.randomUUIDv7(),
    kind: job.kind,
    key: job.key,
    file_id: job.fileId,
    val_id: job.valId,
    user_id: job.userId,
    payload: JSON.stringify(job.payload),
    due_at: job.runAt,
    run_at: job.runAt,
    attempts: 0,
    max_attempts: job.maxAttempts,
    state: "queued",
    begun: 0,
    lease_owner: null,
    lease_until: null,
    run_id: null,
    error: null,
    created_at: at,
    updated_at: at,
  };
}
