import type { TelemetrySchema } from "./schema.ts";
import type { SqliteDatabase } from "./sqlite.ts";

export interface RetentionOptions {
  /** Older records are removed, ms. */
  readonly maxAgeMs: number;
  /** Beyond it the oldest records are removed, bytes. */
  readonly maxBytes: number;
}

const ROWS_A_STEP = 500;
/** Rows may be large: a step that is for space takes no more than this part of them. */
const PART_A_STEP = 1 / 20;
const PAGES_A_STEP = 500;

/**
 * Remove what is too old or too much, in steps short enough that queries and inserts get in between, and give the
 * space back to the file system. Stops early when `stop` says so.
 */
export async function prune(
  database: SqliteDatabase<TelemetrySchema>,
  options: RetentionOptions,
  now: number,
  stop: () => boolean,
): Promise<void> {
  const cutoff = (now - options.maxAgeMs) * 1000;
  for (const table of ["runs", "logs"] as const) {
    while (!stop() && (await removeOldest(database, table, ROWS_A_STEP, cutoff)) > 0);
  }
  while (!stop() && (await database.usedBytes()) > options.maxBytes) {
    const table = await olderTable(database);
    if (table === undefined) break;
    const rows = Math.min(ROWS_A_STEP, Math.ceil((await spanOf(database, table)) * PART_A_STEP));
    if ((await removeOldest(database, table, rows)) === 0) break;
  }
  let free = Infinity;
  while (!stop() && free > 0) {
    const left = await database.shrink(PAGES_A_STEP);
    if (left === free) break;
    free = left;
  }
}

/** Rows are numbered in the order of their arrival, so the oldest are those with the smallest numbers. */
async function removeOldest(
  { db }: SqliteDatabase<TelemetrySchema>,
  table: "runs" | "logs",
  rows: number,
  before = Infinity,
): Promise<number> {
  const oldest = await db.selectFrom(table).select("id").orderBy("id").limit(1).executeTakeFirst();
  if (oldest === undefined) return 0;
  const upTo = oldest.id + rows;
  if (table === "runs") {
    let query = db.deleteFrom("runs").where("id", "<", upTo);
    // The end is 0 while a run lasts.
    if (before !== Infinity) query = query.where("end_us", "<", before).where("start_us", "<", before);
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }
  let query = db.deleteFrom("logs").where("id", "<", upTo);
  if (before !== Infinity) query = query.where("time_us", "<", before);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** About how many rows there are: few numbers are left out. */
async function spanOf({ db }: SqliteDatabase<TelemetrySchema>, table: "runs" | "logs"): Promise<number> {
  const ids = await db
    .selectFrom(table)
    .select((f) => [f.fn.min("id").as("oldest"), f.fn.max("id").as("newest")])
    .executeTakeFirstOrThrow();
  return ids.newest - ids.oldest + 1;
}

async function olderTable({ db }: SqliteDatabase<TelemetrySchema>): Promise<"runs" | "logs" | undefined> {
  const run = await db
    .selectFrom("runs")
    .select(["start_us", "end_us"])
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  const log = await db.selectFrom("logs").select("time_us").orderBy("id").limit(1).executeTakeFirst();
  if (run === undefined) return log && "logs";
  return log === undefined || Math.max(run.start_us, run.end_us) <= log.time_us ? "runs" : "logs";
}
