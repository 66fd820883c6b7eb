/** The part of a trigger that interval files have: when they run. */
import type { z } from "@hono/zod-openapi";
import { type ScheduleChange, StoreError } from "../../store/store.ts";
import type { FileEntry } from "../../val/file.ts";
import { toZoned } from "../../val/schedule.ts";
import type { triggerSchema } from "../contract/triggers.ts";
import type { Tools } from "./app.ts";
import { ApiError, INVALID } from "./problem.ts";

type Shown = Pick<
  z.infer<typeof triggerSchema>,
  "schedule" | "timeZone" | "paused" | "nextRuns" | "lastRunAt"
>;
type Needed = Pick<Tools, "store" | "limits">;

const NONE: Shown = { schedule: null, timeZone: null, paused: null, nextRuns: [], lastRunAt: null };
const SHOWN_RUNS = 5;
const FIELDS = ["schedule", "timeZone", "paused"] as const;
/** Which field the store means. */
const REFUSED: Readonly<Record<string, string>> = {
  bad_schedule: "schedule",
  bad_time_zone: "timeZone",
  too_often: "schedule",
};

/** What is shown of a file's schedule. */
export async function presentSchedule({ store, limits }: Needed, file: FileEntry): Promise<Shown> {
  const found = file.type === "interval" ? await store.schedules.of(file.id) : undefined;
  if (found === undefined) return NONE;
  const { schedule, timeZone, paused, lastRunAt } = found;
  const next = await store.schedules.next(file.id, SHOWN_RUNS, periodMs(limits));
  return {
    ...{ schedule, timeZone, paused },
    nextRuns: next.map((at) => toZoned(at, timeZone)),
    lastRunAt: lastRunAt === null ? null : new Date(lastRunAt).toISOString(),
  };
}

/** Changes what was asked for of it, which may be nothing. */
export async function changeSchedule(
  { store, limits }: Needed,
  file: FileEntry,
  { schedule, timeZone, paused }: ScheduleChange,
): Promise<void> {
  const change = { schedule, timeZone, paused };
  const asked = FIELDS.find((field) => change[field] !== undefined);
  if (asked === undefined) return;
  if (file.type !== "interval") {
    const sentence = `body/${asked} is for files of type interval. Change the file's type first`;
    throw new ApiError(400, sentence, INVALID);
  }
  try {
    await store.schedules.set(file.id, change, periodMs(limits));
  } catch (error) {
    const field = error instanceof StoreError ? REFUSED[error.failure] : undefined;
    if (field === undefined) throw error;
    throw new ApiError(400, `body/${field}: ${(error as StoreError).message}`, INVALID);
  }
}

function periodMs({ minPeriodSeconds }: Tools["limits"]): number {
  return (minPeriodSeconds ?? 0) * 1000;
}
