/** What becomes of schedules when interval files come, go and are copied. */
import type { Transaction } from "kysely";
import { acceptedSchedule, NEW_SCHEDULE, UTC } from "../val/schedule.ts";
import type { VersionOf } from "../val/version.ts";
import { PRESENT } from "./file-reads.ts";
import { enqueue } from "./job-make.ts";
import type { TownSchema } from "./schema.ts";
import type { ScheduleTable } from "./schema-schedules.ts";

/** With which schedule a new interval file begins. */
export interface GivenSchedule {
  readonly schedule: string;
  readonly timeZone: string;
  readonly paused: boolean;
}

interface Place {
  readonly valId: string;
  readonly branchId: string;
  readonly at: number;
  readonly reason: { readonly source?: VersionOf };
}

/** Rows that go into one statement, which takes a bounded number of parameters. */
const PORTION = 500;

/**
 * Bring a branch's schedules in line with its interval files, after a change that touched one. A new file runs hourly,
 * and once at once; one that a merge has brought goes by its original's schedule; one that comes back, by its own. What is
 * gone, or is of another type by now, waits for nothing.
 */
export async function settleSchedules(
  trx: Transaction<TownSchema>,
  { valId, branchId, at, reason }: Place,
  given: ReadonlyMap<string, GivenSchedule>,
): Promise<void> {
  const gone = trx
    .selectFrom("files")
    .select("id")
    .where("branch_id", "=", branchId)
    .where((or) => or.or([or("deleted", "!=", 0), or("type", "!=", "interval")]));
  await trx
    .updateTable("schedules")
    .set({ next_at: null })
    .where("next_at", "is not", null)
    .where("file_id", "in", gone)
    .execute();
  const files = await trx
    .selectFrom("files")
    .leftJoin("schedules", "schedules.file_id", "files.id")
    .select(["files.id", "files.lineage", "schedule", "time_zone", "paused", "next_at"])
    .where("branch_id", "=", branchId)
    .where("deleted", "=", PRESENT)
    .where("type", "=", "interval")
    .execute();
  const fresh: string[] = [];
  for (const { id, lineage, schedule, time_zone, paused, next_at } of files) {
    const own = given.get(id);
    if (own !== undefined) {
      await put(trx, toRow(id, own, at));
      continue;
    }
    if (schedule !== null && time_zone !== null) {
      if (paused === 0 && next_at === null) await resume(trx, { id, schedule, timeZone: time_zone, at });
      continue;
    }
    const like = await originalOf(trx, { id, lineage, source: reason.source });
    if (like === undefined) fresh.push(id);
    await put(trx, toRow(id, like ?? { schedule: NEW_SCHEDULE, timeZone: UTC, paused: false }, at));
  }
  if (fresh.length > 0) await runAtOnce(trx, valId, fresh, at);
}

/** Give the copies of interval files in a new branch their originals' schedules, paused: nothing runs twice by itself. */
export async function copySchedules(
  trx: Transaction<TownSchema>,
  from: string,
  to: string,
  at: number,
): Promise<void> {
  const originals = await trx
    .selectFrom("files")
    .innerJoin("schedules", "schedules.file_id", "files.id")
    .select(["lineage", "schedule", "time_zone as timeZone"])
    .where("branch_id", "=", from)
    .where("deleted", "=", PRESENT)
    .execute();
  const known = new Map(originals.map(({ lineage, ...like }) => [lineage, like]));
  const copies = await trx
    .selectFrom("files")
    .select(["id", "lineage"])
    .where("branch_id", "=", to)
    .where("deleted", "=", PRESENT)
    .where("type", "=", "interval")
    .execute();
  const rows = copies.map(({ id, lineage }) => {
    const like = known.get(lineage) ?? { schedule: NEW_SCHEDULE, timeZone: UTC };
    return toRow(id, { ...like, paused: true }, at);
  });
  for (let start = 0; start < rows.length; start += PORTION)
    await trx
      .insertInto("schedules")
      .values(rows.slice(start, start + PORTION))
      .execute();
}

function toRow(id: string, { schedule, timeZone, paused }: GivenSchedule, at: number): ScheduleTable {
  const next = paused ? undefined : acceptedSchedule(schedule, timeZone).next(at);
  return {
    file_id: id,
    schedule,
    time_zone: timeZone,
    paused: paused ? 1 : 0,
    next_at: next ?? null,
    reckoned_at: at,
    last_run_at: null,
  };
}

async function put(trx: Transaction<TownSchema>, { file_id, ...row }: ScheduleTable): Promise<void> {
  await trx
    .insertInto("schedules")
    .values({ file_id, ...row })
    .onConflict((conflict) => conflict.column("file_id").doUpdateSet(row))
    .execute();
}

async function resume(
  trx: Transaction<TownSchema>,
  { id, schedule, timeZone, at }: { id: string; schedule: string; timeZone: string; at: number },
): Promise<void> {
  const next = acceptedSchedule(schedule, timeZone).next(at);
  await trx
    .updateTable("schedules")
    .set({ next_at: next ?? null, reckoned_at: at })
    .where("file_id", "=", id)
    .execute();
}

/** The schedule of the file that a merge has brought this one from. */
async function originalOf(
  trx: Transaction<TownSchema>,
  { id, lineage, source }: { id: string; lineage: string; source: VersionOf | undefined },
): Promise<GivenSchedule | undefined> {
  if (source === undefined || lineage === id) return undefined;
  const original = await trx
    .selectFrom("files")
    .innerJoin("schedules", "schedules.file_id", "files.id")
    .select(["schedule", "time_zone as timeZone"])
    .where("branch_id", "=", source.branchId)
    .where("lineage", "=", lineage)
    .where("deleted", "=", PRESENT)
    .executeTakeFirst();
  return original && { ...original, paused: false };
}

async function runAtOnce(
  trx: Transaction<TownSchema>,
  valId: string,
  fileIds: readonly string[],
  at: number,
): Promise<void> {
  const { user_id: userId } = await trx
    .selectFrom("vals")
    .select("user_id")
    .where("id", "=", valId)
    .executeTakeFirstOrThrow();
  await enqueue(
    trx,
    fileIds.map((fileId) => slotJob({ fileId, valId, userId, slot: at })),
  );
}

/** The job of one slot, of which there is never a second one. */
export function slotJob({ fileId, valId, userId, slot, catchUp }: SlotOf) {
  return {
    kind: "interval",
    ...{ fileId, valId, userId },
    payload: catchUp === undefined ? { slot } : { slot, catchUp },
    runAt: slot,
    key: `cron:${fileId}:${new Date(slot).toISOString()}`,
    // It may have done something before it failed: the next slot is its next chance.
    maxAttempts: 1,
  } as const;
}

interface SlotOf {
  readonly fileId: string;
  readonly valId: string;
  readonly userId: string;
  readonly slot: number;
  /** For how many slots it stands, where it is several. */
  readonly catchUp?: number | undefined;
}
