import type { Kysely, Transaction } from "kysely";
import {
  acceptedSchedule,
  isSchedule,
  parseSchedule,
  type Schedule,
  smallestGap,
  toSpan,
  upcoming,
} from "../val/schedule.ts";
import { StoreError } from "./failure.ts";
import { dropWaiting } from "./job-make.ts";
import { type CronTick, tickSchedules } from "./schedule-tick.ts";
import type { TownSchema } from "./schema.ts";

export type { CronTick, SkippedSlot } from "./schedule-tick.ts";

/** When a file runs. Times in epoch milliseconds. */
export interface FileSchedule {
  readonly schedule: string;
  readonly timeZone: string;
  readonly paused: boolean;
  /** When a run began last, by the clock or by hand. */
  readonly lastRunAt: number | null;
}

/** What to change of a schedule; what is missing stays. */
export interface ScheduleChange {
  readonly schedule?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly paused?: boolean | undefined;
}

/** When interval files run. `periodMs` is the town's shortest period, for accounts that have none of their own. */
export interface Schedules {
  /** Of an interval file, or of one that has been one. */
  of(fileId: string): Promise<FileSchedule | undefined>;
  /** The next slots of a file; none while it is paused. */
  next(fileId: string, count: number, periodMs: number): Promise<number[]>;
  /**
   * From now on; what was missed is forgotten, and a file that is paused loses what waits to run. Rejects with StoreError
   * `no_file`, `bad_schedule`, `bad_time_zone` or, when its owner may not have it, `too_often`.
   */
  set(fileId: string, change: ScheduleChange, periodMs: number): Promise<FileSchedule>;
  /** Make jobs of the slots that have come, of so many files at most. */
  tick(limit: number, periodMs: number): Promise<CronTick>;
  /** A run of the file begins; returns when the one before began. */
  began(fileId: string): Promise<number | null>;
}

export function createSchedules(db: Kysely<TownSchema>, now: () => number): Schedules {
  return {
    async of(fileId) {
      const row = await find(db, fileId);
      return row && toFileSchedule(row);
    },
    async next(fileId, count, periodMs) {
      const row = await find(db, fileId);
      if (row === undefined || row.next_at === null) return [];
      // One that has come is no next one, though its job may still have to be made.
      const after = Math.max(row.next_at - 1, now());
      const schedule = acceptedSchedule(row.schedule, row.time_zone);
      return upcoming(schedule, after, count, row.min_period_ms ?? periodMs);
    },
    set: (fileId, change, periodMs) =>
      db.transaction().execute((trx) => setSchedule(trx, { fileId, change, periodMs, at: now() })),
    tick: (limit, periodMs) =>
      db.transaction().execute((trx) => tickSchedules(trx, { at: now(), limit, periodMs })),
    began: (fileId) => db.transaction().execute((trx) => noteRun(trx, fileId, now())),
  };
}

async function noteRun(trx: Transaction<TownSchema>, fileId: string, at: number): Promise<number | null> {
  const before = await find(trx, fileId);
  await trx.updateTable("schedules").set({ last_run_at: at }).where("file_id", "=", fileId).execute();
  return before?.last_run_at ?? null;
}

async function find(db: Kysely<TownSchema>, fileId: string) {
  return await db
    .selectFrom("schedules")
    .innerJoin("files", "files.id", "schedules.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .selectAll("schedules")
    .select("users.min_period_ms")
    .where("file_id", "=", fileId)
    .executeTakeFirst();
}

function toFileSchedule(row: NonNullable<Awaited<ReturnType<typeof find>>>): FileSchedule {
  const { schedule, time_zone: timeZone, paused, last_run_at: lastRunAt } = row;
  return { schedule, timeZone, paused: paused === 1, lastRunAt };
}

interface Setting {
  readonly fileId: string;
  readonly change: ScheduleChange;
  readonly periodMs: number;
  readonly at: number;
}

async function setSchedule(
  trx: Transaction<TownSchema>,
  { fileId, change, periodMs, at }: Setting,
): Promise<FileSchedule> {
  // An update that changes nothing: where many connections write, it locks the row until the commit.
  await trx
    .updateTable("schedules")
    .set((f) => ({ paused: f.ref("paused") }))
    .where("file_id", "=", fileId)
    .execute();
  const before = await find(trx, fileId);
  if (before === undefined) throw new StoreError("no_file", "File not found");
  const schedule = parse(change.schedule ?? before.schedule, change.timeZone ?? before.time_zone);
  const isNew = schedule.text !== before.schedule || schedule.timeZone !== before.time_zone;
  if (isNew) checkPeriod(schedule, at, before.min_period_ms ?? periodMs);
  const paused = change.paused ?? before.paused === 1;
  const isResumed = before.paused === 1 && !paused;
  if (paused) await dropWaiting(trx, "interval", fileId);
  const next_at = paused ? null : isNew || isResumed ? (schedule.next(at) ?? null) : before.next_at;
  const row = {
    schedule: schedule.text,
    time_zone: schedule.timeZone,
    paused: paused ? 1 : 0,
    next_at,
    ...((isNew || isResumed) && { reckoned_at: at }),
  };
  await trx.updateTable("schedules").set(row).where("file_id", "=", fileId).execute();
  return toFileSchedule({ ...before, ...row });
}

function parse(text: string, timeZone: string): Schedule {
  const parsed = parseSchedule(text, timeZone);
  if (isSchedule(parsed)) return parsed;
  throw new StoreError(parsed.field === "timeZone" ? "bad_time_zone" : "bad_schedule", parsed.problem);
}

function checkPeriod(schedule: Schedule, at: number, periodMs: number): void {
  const gap = smallestGap(schedule, at, periodMs);
  if (gap >= periodMs) return;
  throw new StoreError(
    "too_often",
    `"${schedule.text}" runs after ${toSpan(gap)} already; this account's schedules may run every ${toSpan(periodMs)} at most.`,
  );
}
