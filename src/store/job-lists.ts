/** How the queue is shown. */
import type { Kysely } from "kysely";
import { toJob } from "./job-rows.ts";
import type { Job, JobFilter, ListedJob } from "./jobs.ts";
import type { TownSchema } from "./schema.ts";
import type { JobTable } from "./schema-jobs.ts";
import { type Page, toPage } from "./vals.ts";

type Db = Kysely<TownSchema>;

/** @see Jobs.counts */
export async function countJobs(db: Db): Promise<Record<Job["state"], number>> {
  const count = async (state: Job["state"]) => {
    const all = db.selectFrom("jobs").select((f) => f.fn.countAll<number>().as("count"));
    return Number((await all.where("state", "=", state).executeTakeFirstOrThrow()).count);
  };
  const [queued, running, dead] = await Promise.all([count("queued"), count("running"), count("dead")]);
  return { queued, running, dead };
}

/** Jobs with what is shown of their files. */
export const listed = (db: Db) =>
  db.selectFrom("jobs").leftJoin("files", "files.id", "jobs.file_id").selectAll("jobs").select("files.path");

/** @see listed */
export const toListed = (row: JobTable & { path: string | null }): ListedJob => ({
  ...toJob(row),
  path: row.path ?? "",
});

/** @see Jobs.list */
export async function listJobs(
  db: Db,
  { valId, state }: JobFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<Page<ListedJob>> {
  const ofVal = listed(db).where("jobs.val_id", "=", valId);
  const rows = await (state === undefined ? ofVal : ofVal.where("jobs.state", "=", state))
    .orderBy("jobs.id", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return toPage(rows.map(toListed), limit);
}
