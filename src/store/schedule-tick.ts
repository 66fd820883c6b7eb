/** What becomes due: slots that have come are made jobs. */
import type { Transaction } from "kysely";
import { acceptedSchedule, countSlots, nextSlot, type Schedule } from "../val/schedule.ts";
import { busyFiles, enqueue, recordSkipped } from "./job-make.ts";
import type { NewJob } from "./jobs.ts";
import { slotJob } from "./schedule-settle.ts";
import type { TownSchema } from "./schema.ts";
import type { ScheduleTable } from "./schema-schedules.ts";
import type { Subject } from "./telemetry-rows.ts";

/** A slot that was passed over because the run before was still under way, or still waited to begin. */
export interface SkippedSlot extends Subject {
  /** Epoch milliseconds. */
  readonly slot: number;
  /** Of the run that is under way; undefined while it waits. */
  readonly trace: string | undefined;
}

/** What one step came to. */
export interface CronTick {
  /** Jobs that were made. */
  readonly made: number;
  readonly skipped: readonly SkippedSlot[];
  /** More may be due. */
  readonly more: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
/** From here on a file that was off for long is said to have missed just this many: they are counted one by one. */
const MOST_MISSED = 100;

interface Tick {
  readonly at: number;
  readonly limit: number;
  readonly periodMs: number;
}

/** A schedule that is due, and whose it is. */
interface Due extends ScheduleTable {
  readonly val_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly branch_id: string;
  readonly version: number;
  readonly min_period_ms: number | null;
}

/**
 * Make one job for each of the longest due files, and set when they are due next, all in one transaction: a slot has its
 * job or is still due. A file that missed several slots gets one job for all of them; one whose job is not done yet gets
 * none.
 */
export async function tickSchedules(trx: Transaction<TownSchema>, tick: Tick): Promise<CronTick> {
  const reckoned = await reckonAgain(trx, tick);
  const due = await selectDue(trx)
    .where("next_at", "<=", tick.at)
    .orderBy("next_at")
    .limit(tick.limit)
    .execute();
  const busy = await busyFiles(
    trx,
    "interval",
    due.map((row) => row.file_id),
  );
  const made = due.filter((row) => !busy.has(row.file_id));
  const late = due.filter((row) => busy.has(row.file_id));
  await enqueue(
    trx,
    made.map((row) => toJob(row, tick.at)),
  );
  await recordSkipped(
    trx,
    late.map((row) => toJob(row, tick.at)),
    "The run before was not over.",
  );
  await reckon(trx, due, tick);
  return {
    made: made.length,
    skipped: await tellWhy(trx, late),
    more: due.length === tick.limit || reckoned === tick.limit,
  };
}

function selectDue(trx: Transaction<TownSchema>) {
  return (
    trx
      .selectFrom("schedules")
      .innerJoin("files", "files.id", "schedules.file_id")
      .innerJoin("vals", "vals.id", "files.val_id")
      .innerJoin("users", "users.id", "vals.user_id")
      .selectAll("schedules")
      .innerJoin("branches", "branches.id", "files.branch_id")
      .select(["files.val_id", "files.branch_id", "branches.version", "vals.user_id"])
      .select(["users.username", "users.min_period_ms"])
      // As an expression, or SQLite would begin with the index of all files that are not deleted.
      .where((f) => f("files.deleted", "+", 0), "=", 0)
      .where("files.type", "=", "interval")
      // What comes due meanwhile stays due: one run makes up for it.
      .where("users.suspended_at", "is", null)
  );
}

/**
 * The clock was ahead by more than a day, and has been set right: what was worked out then would come much too late. If
 * it was less, the slots of that time have had their runs, and nothing comes until they are over.
 */
async function reckonAgain(trx: Transaction<TownSchema>, tick: Tick): Promise<number> {
  // By itself, for there are none: together with their files SQLite would look through all of those.
  const ahead = await trx
    .selectFrom("schedules")
    .select("file_id")
    .where("reckoned_at", ">", tick.at + DAY_MS)
    .where("next_at", ">", tick.at)
    .limit(tick.limit)
    .execute();
  if (ahead.length === 0) return 0;
  const ids = ahead.map(({ file_id }) => file_id);
  const rows = await selectDue(trx).where("file_id", "in", ids).execute();
  await reckon(trx, rows, tick);
  return rows.length;
}

/** Set when these come next. */
async function reckon(trx: Transaction<TownSchema>, rows: readonly Due[], tick: Tick): Promise<void> {
  if (rows.length === 0) return;
  const { at, periodMs } = tick;
  await trx
    .insertInto("schedules")
    .values(rows.map((row) => ({ ...toColumns(row), next_at: nextOf(row, at, periodMs), reckoned_at: at })))
    .onConflict((conflict) =>
      conflict.column("file_id").doUpdateSet((row) => ({
        next_at: row.ref("excluded.next_at"),
        reckoned_at: row.ref("excluded.reckoned_at"),
      })),
    )
    .execute();
}

function nextOf(row: Due, at: number, periodMs: number): number | null {
  const period = { periodMs: row.min_period_ms ?? periodMs };
  const last = row.next_at !== null && row.next_at <= at ? { last: row.next_at } : {};
  return nextSlot(scheduleOf(row), at, { ...period, ...last }) ?? null;
}

function toColumns({ file_id, schedule, time_zone, paused, last_run_at }: Due) {
  return { file_id, schedule, time_zone, paused, last_run_at };
}

function toJob(row: Due, at: number): NewJob {
  const slot = row.next_at!;
  const missed = countSlots(scheduleOf(row), slot, at, MOST_MISSED);
  const { file_id: fileId, val_id: valId, user_id: userId } = row;
  return slotJob({ fileId, valId, userId, slot, catchUp: missed > 1 ? missed : undefined });
}

async function tellWhy(trx: Transaction<TownSchema>, late: readonly Due[]): Promise<SkippedSlot[]> {
  if (late.length === 0) return [];
  const ids = late.map((row) => row.file_id);
  const running = await trx
    .selectFrom("job_runs")
    .select(["file_id", "trace"])
    .where("file_id", "in", ids)
    .where("kind", "=", "interval")
    .where("outcome", "is", null)
    .execute();
  const traces = new Map(running.map(({ file_id, trace }) => [file_id, trace ?? undefined]));
  return late.map((row) => ({
    ...{ username: row.username, valId: row.val_id, fileId: row.file_id, branchId: row.branch_id },
    ...{ version: row.version, trigger: "interval" as const },
    slot: row.next_at!,
    trace: traces.get(row.file_id),
  }));
}

/** Parsing takes longer than asking: those that are common are kept. */
const MOST_KEPT = 1000;
const kept = new Map<string, Schedule>();

function scheduleOf({ schedule, time_zone }: ScheduleTable): Schedule {
  const key = `${time_zone} ${schedule}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const parsed = acceptedSchedule(schedule, time_zone);
  kept.set(key, parsed);
  return parsed;
}
