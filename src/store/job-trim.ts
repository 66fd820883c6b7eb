/** How much of a file's history is kept. */
import type { Transaction } from "kysely";
import type { TownSchema } from "./schema.ts";

/** Runs of each file that are kept. */
const KEPT_RUNS = 100;

/** Removes the oldest; those that last are the newest, so that none of them goes. */
export async function trimRuns(trx: Transaction<TownSchema>, fileId: string): Promise<void> {
  const oldest = await trx
    .selectFrom("job_runs")
    .select("id")
    .where("file_id", "=", fileId)
    .orderBy("id", "desc")
    .offset(KEPT_RUNS)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await trx
    .deleteFrom("job_runs")
    .where("file_id", "=", fileId)
    .where("id", "<=", oldest.id)
    .where("outcome", "is not", null)
    .execute();
}
