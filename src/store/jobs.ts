/** What is to be done later, and once: the rows behind cron, mails and whatever else starts a val by itself. */
import type { Kysely, Transaction } from "kysely";
import { createTurns } from "./job-claim.ts";
import { jobsByVal, type ValJobs } from "./job-counts.ts";
import { beginJob, finishJob, recoverJobs } from "./job-end.ts";
import { countJobs, listed, listJobs, toListed } from "./job-lists.ts";
import { toRun } from "./job-rows.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, toPage } from "./vals.ts";

export { busyFiles, dropWaiting, enqueue, recordSkipped } from "./job-make.ts";

/** What kind of file it starts. */
export type JobKind = "interval" | "email";

/** Something to do for one file. */
export interface NewJob {
  readonly kind: JobKind;
  readonly fileId: string;
  readonly valId: string;
  /** The val's owner. */
  readonly userId: string;
  /** Must survive JSON. */
  readonly payload: unknown;
  /** Epoch ms. */
  readonly runAt: number;
  /** While a job with this key is there, or has been, no second one is made: `cron:{file}:{slot}`. */
  readonly key: string;
  /** After so many attempts that failed it is dead: its owner sees it, and may revive it. */
  readonly maxAttempts: number;
}

/** A job that was made; times in epoch ms. */
export interface Job extends NewJob {
  readonly id: string;
  /** When it was to be done first; `runAt` is when it is attempted next. */
  readonly dueAt: number;
  /** How often it has begun. */
  readonly attempts: number;
  readonly state: "queued" | "running" | "dead";
  /** Of a running one: the val has got it, or will have in a moment. */
  readonly begun: boolean;
  /** Which process has it. */
  readonly owner: string | undefined;
  /** Of the last attempt. */
  readonly error: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A job as it is shown to whom it belongs. */
export interface ListedJob extends Job {
  /** Of its file. */
  readonly path: string;
}

/** One attempt of a job, or a slot that was passed over. */
export interface JobRun {
  readonly id: string;
  readonly jobId: string;
  readonly fileId: string;
  readonly valId: string;
  readonly kind: JobKind;
  readonly dueAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Undefined while it lasts. */
  readonly outcome: "ok" | "failed" | "interrupted" | "skipped" | undefined;
  readonly trace: string | undefined;
  readonly error: string | undefined;
  readonly attempt: number;
}

/**
 * Makes jobs as part of a greater transaction; those whose key is known are passed over. The one place where jobs come to
 * be: with PostgreSQL it will call `graphile_worker.add_job`.
 */
export type Enqueue = (
  trx: Transaction<TownSchema>,
  jobs: readonly NewJob[],
  /** Epoch ms; the system's time when it is missing. */
  at?: number,
) => Promise<void>;

/** Which jobs a process wants. */
export interface Claim {
  /** The process, by a name that no other has. */
  readonly owner: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  /** So many of one val run at once. */
  readonly perVal: number;
  /** Of these none is wanted now. */
  readonly exceptVals?: readonly string[];
  readonly exceptUsers?: readonly string[];
}

/** How an attempt ended. Without `retryAt` and `dead` the job is done with. */
export interface JobOutcome {
  readonly outcome: "ok" | "failed" | "interrupted";
  readonly error?: string;
  readonly at: number;
  readonly retryAt?: number;
  readonly dead?: true;
}

/** What another process had left. */
export interface Recovered {
  /** Not begun, or to be done again: queued. */
  readonly queued: readonly Job[];
  /** Begun, and not done again. */
  readonly interrupted: readonly Job[];
  /** Begun for the last time it may be. */
  readonly dead: readonly Job[];
}

/** Which jobs are to be listed, the newest first. */
export interface JobFilter {
  readonly valId: string;
  readonly state?: Job["state"] | undefined;
}

/**
 * The queue. A job is claimed for as long as its lease lasts, begun in the moment before the val gets it, and finished.
 * What was claimed and not begun when its process died may be claimed again; what had begun, only if its kind is done
 * again until it succeeds.
 */
export interface Jobs {
  /** Hears of it when jobs were made or became due, after their transaction; returns what ends it. */
  watch(listener: () => void): () => void;
  /** There may be new jobs: the store itself says so. */
  made(): void;
  /** Takes jobs that are due: of one owner after the other, of one val after the other, the longest due first; none of the suspended. */
  claim(of: Claim): Promise<Job[]>;
  /** It is on record that the val gets it now; false when the lease is lost or the job is gone, so that it must not. */
  begin(job: Job, run: { readonly trace: string; readonly at: number }): Promise<boolean>;
  /** The leases of these last until then. */
  extend(ids: readonly string[], owner: string, until: number): Promise<void>;
  /** An attempt has ended, begun or not. */
  finish(job: Job, outcome: JobOutcome): Promise<void>;
  /** There is nothing left that it could start: it is gone without a trace. */
  drop(job: Job): Promise<void>;
  /** Gives back what has not begun; no attempt. */
  postpone(id: string, owner: string, at: number): Promise<void>;
  /**
   * Takes leases from other processes: those that have ended, and with `alone` (no other process has this database open)
   * all of them. Jobs with one attempt are not done again, the others at once.
   */
  recover(owner: string, now: number, alone?: boolean): Promise<Recovered>;
  /** When the next queued job is due that is not due yet. */
  nextAt(now: number): Promise<number | undefined>;
  /** How many there are in each state, over all vals. */
  counts(): Promise<Readonly<Record<Job["state"], number>>>;
  /** The same by val, of those with the most. */
  byVal(): Promise<ValJobs[]>;
  list(filter: JobFilter, page: { limit: number; offset: number }): Promise<Page<ListedJob>>;
  find(id: string): Promise<ListedJob | undefined>;
  /** A dead job, or one that waits for another attempt, is due now, with all its attempts before it; false when it runs. */
  revive(id: string): Promise<boolean>;
  /** False when it runs. */
  remove(id: string): Promise<boolean>;
  /** The newest first. */
  runsOf(fileId: string, page: { limit: number; offset: number }): Promise<Page<JobRun>>;
  /** Whether somebody is to be told that this file fails: not if he was within `ms`. True is remembered. */
  mayTell(fileId: string, at: number, ms: number): Promise<boolean>;
}

export function createJobs(db: Kysely<TownSchema>, now: () => number): Jobs {
  const turns = createTurns(db);
  const listeners = new Set<() => void>();
  const made = () => {
    for (const listener of listeners) listener();
  };
  return {
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    made,
    claim: (of) => turns.claim(of),
    begin: (job, run) => db.transaction().execute((trx) => beginJob(trx, job, run)),
    async extend(ids, owner, until) {
      if (ids.length === 0) return;
      const mine = db.updateTable("jobs").where("id", "in", ids).where("lease_owner", "=", owner);
      await mine.set({ lease_until: until }).where("state", "=", "running").execute();
    },
    finish: (job, outcome) => db.transaction().execute((trx) => finishJob(trx, job, outcome)),
    async drop({ id, owner = "" }) {
      await db.deleteFrom("jobs").where("id", "=", id).where("lease_owner", "=", owner).execute();
    },
    async postpone(id, owner, at) {
      await db
        .updateTable("jobs")
        .set({ state: "queued", run_at: at, lease_owner: null, lease_until: null, updated_at: now() })
        .where("id", "=", id)
        .where("lease_owner", "=", owner)
        .where("begun", "=", 0)
        .execute();
    },
    recover: (owner, at, alone = false) =>
      db.transaction().execute((trx) => recoverJobs(trx, { owner, at, alone })),
    async nextAt(at) {
      const row = await db
        .selectFrom("jobs")
        .select("run_at")
        .where("state", "=", "queued")
        .where("run_at", ">", at)
        .orderBy("run_at")
        .limit(1)
        .executeTakeFirst();
      return row?.run_at;
    },
    counts: () => countJobs(db),
    byVal: () => jobsByVal(db),
    list: (filter, page) => listJobs(db, filter, page),
    async find(id) {
      const row = await listed(db).where("jobs.id", "=", id).executeTakeFirst();
      return row && toListed(row);
    },
    async revive(id) {
      const at = now();
      const { numUpdatedRows } = await db
        .updateTable("jobs")
        .set({ state: "queued", run_at: at, attempts: 0, updated_at: at })
        .where("id", "=", id)
        .where("state", "!=", "running")
        .executeTakeFirst();
      if (numUpdatedRows > 0n) made();
      return numUpdatedRows > 0n;
    },
    async remove(id) {
      const { numDeletedRows } = await db
        .deleteFrom("jobs")
        .where("id", "=", id)
        .where("state", "!=", "running")
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async runsOf(fileId, { limit, offset }) {
      const rows = await db
        .selectFrom("job_runs")
        .selectAll()
        .where("file_id", "=", fileId)
        .orderBy("id", "desc")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toRun), limit);
    },
    mayTell: (fileId, at, ms) => db.transaction().execute((trx) => mayTell(trx, fileId, at, ms)),
  };
}

async function mayTell(
  trx: Transaction<TownSchema>,
  fileId: string,
  at: number,
  ms: number,
): Promise<boolean> {
  const known = trx.selectFrom("job_notices").select("told_at").where("file_id", "=", fileId);
  const told = (await known.executeTakeFirst())?.told_at;
  // A time to come is one of before the clock was set back.
  if (told !== undefined && told <= at && told + ms > at) return false;
  const file = trx.selectFrom("files").select("id").where("id", "=", fileId).where("deleted", "=", 0);
  if ((await file.executeTakeFirst()) === undefined) return false;
  await trx
    .insertInto("job_notices")
    .values({ file_id: fileId, told_at: at })
    .onConflict((c) => c.column("file_id").doUpdateSet({ told_at: at }))
    .execute();
  return true;
}
