import type { JobKind } from "./jobs.ts";

/** What is to be done later. A job that is done has no row any more. */
export interface JobTable {
  /** A UUID of version 7: in the order of creation. */
  id: string;
  kind: JobKind;
  key: string;
  file_id: string;
  val_id: string;
  user_id: string;
  /** JSON. */
  payload: string;
  /** When it was to be done first. */
  due_at: number;
  /** When it is attempted next. */
  run_at: number;
  attempts: number;
  max_attempts: number;
  state: "queued" | "running" | "dead";
  /** Whether the val has got it: 0 and `running` is one for which a worker is being got ready. */
  begun: number;
  /** Which process has it, and until when unless it says so again. */
  lease_owner: string | null;
  lease_until: number | null;
  /** The row in `job_runs` of the attempt that has begun. */
  run_id: string | null;
  /** Of the last attempt. */
  error: string | null;
  created_at: number;
  updated_at: number;
}

/** One attempt of a job, or a slot of a schedule that was passed over; of each file the last ones. */
export interface JobRunTable {
  /** A UUID of version 7: in the order of the beginnings. */
  id: string;
  job_id: string;
  /** The job's: while its row is here no second job with it is made. */
  key: string;
  file_id: string;
  val_id: string;
  kind: JobKind;
  due_at: number;
  started_at: number | null;
  ended_at: number | null;
  /** Null while it lasts. */
  outcome: "ok" | "failed" | "interrupted" | "skipped" | null;
  trace: string | null;
  error: string | null;
  attempt: number;
}

/** When somebody was told last that a file fails. */
export interface JobNoticeTable {
  file_id: string;
  told_at: number;
}

/** The queue of what starts vals by itself, and its history. */
export interface JobTables {
  jobs: JobTable;
  job_runs: JobRunTable;
  job_notices: JobNoticeTable;
}
