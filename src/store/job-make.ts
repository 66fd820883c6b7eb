/** How jobs come to be, and how those of a file that were to be are dropped: always as part of a greater transaction. */
import type { Transaction } from "kysely";
import { runOf, toRow } from "./job-rows.ts";
import { trimRuns } from "./job-trim.ts";
import type { Enqueue, JobKind, NewJob } from "./jobs.ts";
import type { TownSchema } from "./schema.ts";
import type { JobRunTable } from "./schema-jobs.ts";

/** Rows of one statement, which takes a bounded number of parameters. */
const PORTION = 200;

/** @see Enqueue */
export const enqueue: Enqueue = async (trx, jobs, at = Date.now()) => {
  for (let from = 0; from < jobs.length; from += PORTION) {
    const portion = jobs.slice(from, from + PORTION);
    const keys = portion.map(({ key }) => key);
    const past = await trx.selectFrom("job_runs").select("key").distinct().where("key", "in", keys).execute();
    const known = new Set(past.map(({ key }) => key));
    const rows = portion.filter(({ key }) => !known.has(key)).map((job) => toRow(job, at));
    if (rows.length === 0) continue;
    await trx
      .insertInto("jobs")
      .values(rows)
      .onConflict((c) => c.column("key").doNothing())
      .execute();
  }
};

/** Of these files, those of which a job is queued or runs: a slot of theirs overlaps. */
export async function busyFiles(
  trx: Transaction<TownSchema>,
  kind: JobKind,
  fileIds: readonly string[],
): Promise<Set<string>> {
  const busy = new Set<string>();
  for (let from = 0; from < fileIds.length; from += PORTION) {
    const rows = await trx
      .selectFrom("jobs")
      .select("file_id")
      .distinct()
      .where("file_id", "in", fileIds.slice(from, from + PORTION))
      .where("kind", "=", kind)
      .where("state", "in", ["queued", "running"])
      .execute();
    for (const row of rows) busy.add(row.file_id);
  }
  return busy;
}

/** Passes jobs over instead of making them: each is on record as a run that was `skipped`, with the reason. */
export async function recordSkipped(
  trx: Transaction<TownSchema>,
  jobs: readonly NewJob[],
  reason: string,
): Promise<void> {
  for (let from = 0; from < jobs.length; from += PORTION) {
    const rows = jobs.slice(from, from + PORTION).map((job): JobRunTable => {
      const row = toRow(job, job.runAt);
      return { ...runOf(row, 0), outcome: "skipped", error: reason, ended_at: job.runAt };
    });
    await trx.insertInto("job_runs").values(rows).execute();
    // Where a job waits for hours, nothing else would.
    for (const { file_id } of rows) await trimRuns(trx, file_id);
  }
}

/**
 * Drops what has not begun of a file: once the transaction is over none of it ever will, because a claimed job whose row
 * is gone cannot begin.
 */
export async function dropWaiting(
  trx: Transaction<TownSchema>,
  kind: JobKind,
  fileId: string,
): Promise<void> {
  await trx
    .deleteFrom("jobs")
    .where("file_id", "=", fileId)
    .where("kind", "=", kind)
    .where("begun", "=", 0)
    .where("state", "in", ["queued", "running"])
    .execute();
}
