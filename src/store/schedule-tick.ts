/** What becomes due: slots that have come are made jobs. */
import type { Transaction } from "kysely";
import { acceptedSchedule, countSlots, nextSlot, type Schedule } from "../val/schedule.ts";
import { busyFiles, enqueue, recordSkipped } from "./job-make.ts";
import type { NewJob } from "./jobs.ts";
import { slotJob } from "./schedule-settle.ts";
import type { TownSchema } from "./schema.ts";
import type { ScheduleTable } from "./schema-schedules.ts";

/** A slot that was passed over because the run before was still under way, or still waited to begin. */
export interface SkippedSlot {
  readonly fileId: string;
  readonly valId: string;
  readonly userId: string;
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
/** From here on a file that was off for long is said to have missed just this many. */
const MOST_MISSED = 1000;

interface Tick {
  readonly at: number;
  readonly limit: number;
  readonly periodMs: number;
}

/** A schedule that is due, and whose it is. */
interface Due extends ScheduleTable {
  readonly val_id: string;
  readonly user_id: string;
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
  const [made, skipped]: [NewJob[], NewJob[]] = [[], []];
  for (const row of due) (busy.has(row.file_id) ? skipped : made).push(toJob(row, tick.at));
  await enqueue(trx, made);
  await recordSkipped(trx, skipped, "The run before was not over.");
  await reckon(trx, due, tick);
  return {
    made: made.length,
    skipped: await tellWhy(trx, skipped),
    more: due.length === tick.limit || reckoned === tick.limit,
  };
}

function selectDue(trx: Transaction<TownSchema>) {
  return trx
    .selectFrom("schedules")
    .innerJoin("files", "files.id", "schedules.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .selectAll("schedules")
    .select(["files.val_id", "vals.user_id", "users.min_period_ms"])
    .where("files.deleted", "=", 0)
    .where("files.type", "=", "interval");
}

/**
 * The clock was ahead by more than a day, and has been set right: what was worked out then would come much too late. If
 * it was less, the slots of that time have had their runs, and nothing comes until they are over.
 */
async function reckonAgain(trx: Transaction<TownSchema>, tick: Tick): Promise<number> {
  const rows = await selectDue(trx)
    .where("reckoned_at", ">", tick.at + DAY_MS)
    .where("next_at", ">", tick.at)
    .limit(tick.limit)
    .execute();
  await reckon(trx, rows, tick);
  return rows.length;
}

/** Set when these come next. */
async function reckon(trx: Transaction<TownSchema>, rows: readonly Due[], tick: Tick): Promise<void> {
  if (rows.length === 0) return;
  const { at, periodMs } = tick;
  await trx
    .insertInto("schedules")
    .values(
      rows.map(({ val_id, user_id, min_period_ms, ...row }) => {
        const last = row.next_at !== null && row.next_at <= at ? row.next_at : undefined;
        const period = { periodMs: min_period_ms ?? periodMs, ...(last !== undefined && { last }) };
        return { ...row, next_at: nextSlot(scheduleOf(row), at, period) ?? null, reckoned_at: at };
      }),
    )
    .onConflict((conflict) =>
      conflict.column("file_id").doUpdateSet((row) => ({
        next_at: row.ref("excluded.next_at"),
        reckoned_at: row.ref("excluded.reckoned_at"),
      })),
    )
    .execute();
}

function toJob(row: Due, at: number): NewJob {
  const slot = row.next_at!;
  const missed = countSlots(scheduleOf(row), slot, at, MOST_MISSED);
  const { file_id: fileId, val_id: valId, user_id: userId } = row;
  return slotJob({ fileId, valId, userId, slot, catchUp: missed > 1 ? missed : undefined });
}

async function tellWhy(trx: Transaction<TownSchema>, jobs: readonly NewJob[]): Promise<SkippedSlot[]> {
  if (jobs.length === 0) return [];
  const running = await trx
    .selectFrom("runs")
    .select(["file_id", "trace"])
    .where(
      "file_id",
      "in",
      jobs.map(({ fileId }) => fileId),
    )
    .where("kind", "=", "interval")
    .where("outcome", "is", null)
    .execute();
  const traces = new Map(running.map(({ file_id, trace }) => [file_id, trace ?? undefined]));
  return jobs.map(({ fileId, valId, userId, runAt: slot }) => ({
    ...{ fileId, valId, userId, slot },
    trace: traces.get(fileId),
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
