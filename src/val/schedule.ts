/**
 * When an interval file runs. Two ways to say it:
 *
 * - simple: `every 15 minutes`, `every 2 hours`, `every minute`, `every day`. Minutes and hours are counted from the epoch:
 *   every 15 minutes is at :00, :15, :30 and :45 of UTC, whenever it was set and wherever one is. Days are those of the
 *   time zone, from midnight on; every 2 days is each day whose number since 1970-01-01 is even.
 * - five fields, `minute hour day month weekday`, read in the time zone, or `@hourly`, `@daily`, `@weekly`, `@monthly`,
 *   `@yearly`. With a day and a weekday, one of both is enough; `L`, `W` and `#` are known.
 *
 * Where clocks change, a schedule without `*` or step in minute and hour happens once a day all the same: a time that
 * does not exist comes at the first minute behind the gap, of one that comes twice the first is taken. Any other one
 * goes by what the clock shows: nothing in the gap, and the hour that comes twice twice.
 */
import { Cron } from "croner";

/** The time zone of a schedule that names none. */
export const UTC = "UTC";

/** The schedule of a new interval file. */
export const NEW_SCHEDULE = "every hour";

/** One schedule in one time zone. */
export interface Schedule {
  /** As it is written, in one way: `every  1 Hours` is `every hour`. */
  readonly text: string;
  readonly timeZone: string;
  /** The first instant later than `after`; both in epoch milliseconds. Undefined when there is none any more. */
  next(after: number): number | undefined;
}

/** What is wrong with a schedule, as a sentence that says what would be right, and with which part of it. */
export interface ScheduleProblem {
  readonly field: "schedule" | "timeZone";
  readonly problem: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** No zone is ahead of UTC by so much. */
const FARTHEST_EAST_MS = 16 * HOUR_MS;
const MAX_LENGTH = 200;
/** How many slots are looked at for the smallest gap between two. */
const SLOTS = 300;
/** Simple schedules: the longest of each unit. */
const MOST = { minute: 1440, hour: 720, day: 365 } as const;
const NAMED = /^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/i;
const HINT =
  'Write "every 15 minutes", "every 2 hours", "every day" or five fields such as "30 9 * * 1-5": minute, hour, day of the month, month, day of the week';

/** Read a schedule. What is wrong comes back, never as an error. */
export function parseSchedule(text: string, timeZone = UTC): Schedule | ScheduleProblem {
  const zone = zoneOf(timeZone);
  if (zone === undefined) {
    const problem = `There is no time zone ${JSON.stringify(timeZone.slice(0, 60))}. Name one as the IANA does, such as Europe/Berlin or UTC.`;
    return { field: "timeZone", problem };
  }
  const plain = text.trim().replace(/\s+/g, " ");
  const schedule = plain.length > MAX_LENGTH ? `It is too long. ${HINT}.` : read(plain, zone);
  if (typeof schedule === "string") return { field: "schedule", problem: schedule };
  if (schedule.next(0) !== undefined) return schedule;
  return { field: "schedule", problem: `"${plain}" never comes: no year has such a day. ${HINT}.` };
}

/** Whether this is a schedule, and not what is wrong with one. */
export function isSchedule(parsed: Schedule | ScheduleProblem): parsed is Schedule {
  return "next" in parsed;
}

/**
 * A schedule that was accepted before. One that cannot be read any more, because its time zone is known no longer, has no
 * slots: it must not keep others from theirs.
 */
export function acceptedSchedule(text: string, timeZone: string): Schedule {
  const parsed = parseSchedule(text, timeZone);
  return isSchedule(parsed) ? parsed : { text, timeZone, next: () => undefined };
}

/** The first slot that comes later than `after`, and not sooner than the period behind `last`, the slot before it. */
export function nextSlot(
  schedule: Schedule,
  after: number,
  { last = -Infinity, periodMs = 0 } = {},
): number | undefined {
  return schedule.next(Math.max(after, last + periodMs - 1));
}

/** The next slots, as an account with this minimum period gets them. */
export function upcoming(schedule: Schedule, after: number, count: number, periodMs = 0): number[] {
  const slots: number[] = [];
  for (let last = nextSlot(schedule, after); last !== undefined && slots.length < count; ) {
    slots.push(last);
    last = nextSlot(schedule, last, { last, periodMs });
  }
  return slots;
}

/** The smallest time between two of the next slots, or one that is less than `enough`, in milliseconds. */
export function smallestGap(schedule: Schedule, after: number, enough = MINUTE_MS): number {
  let smallest = Infinity;
  let last = schedule.next(after);
  for (let count = 1; last !== undefined && count < SLOTS && smallest >= enough; count++) {
    const next = schedule.next(last);
    if (next !== undefined) smallest = Math.min(smallest, next - last);
    last = next;
  }
  return smallest;
}

/** How many slots there are from `from`, itself one, up to `until`; `most` at most. */
export function countSlots(schedule: Schedule, from: number, until: number, most: number): number {
  let count = 0;
  for (
    let slot: number | undefined = from;
    slot !== undefined && slot <= until && count < most;
    slot = schedule.next(slot)
  )
    count++;
  return count;
}

/** A period in words, in the largest unit that fits: `15 minutes`, `1 hour`. */
export function toSpan(ms: number): string {
  const [size, unit] = SPANS.find(([each]) => ms % each === 0) ?? [1000, "second"];
  const count = Math.round(ms / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const SPANS = [
  [DAY_MS, "day"],
  [HOUR_MS, "hour"],
  [MINUTE_MS, "minute"],
] as const;

/** An instant as clocks of the zone show it, with its distance from UTC: `2026-10-25T02:30:00+02:00`. */
export function toZoned(at: number, timeZone: string): string {
  const away = Math.round((localOf(at, timeZone) - Math.floor(at / 1000) * 1000) / MINUTE_MS);
  const local = new Date(at + away * MINUTE_MS).toISOString().slice(0, 19);
  const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
  return `${local}${away < 0 ? "-" : "+"}${two(Math.abs(away) / 60)}:${two(Math.abs(away) % 60)}`;
}

/** A time zone's name as it is written; undefined when there is none of that name. Distances such as +02:00 are none. */
function zoneOf(name: string): string | undefined {
  if (!/^[a-z][a-z0-9_+/-]{0,59}$/i.test(name)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    // Some are links to others, whose name would surprise whoever wrote theirs.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return undefined;
  }
}

/** The schedule, or what is wrong. */
function read(text: string, timeZone: string): Schedule | string {
  if (/^every\b/i.test(text)) return readSimple(text, timeZone);
  const fields = text.split(" ").length;
  if (fields === 6 || fields === 7)
    return `"${text}" has ${fields} fields. Seconds and years cannot be given: write five fields, the first of which is the minute.`;
  if (fields !== 5 && !NAMED.test(text)) return `"${text}" is no schedule. ${HINT}.`;
  try {
    const cron = toCron(text, timeZone);
    const next = (after: number) => cron.nextRun(new Date(after))?.getTime();
    return { text, timeZone, next };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Cron\w+: /, "").replace(/\.$/, "") : "";
    return `"${text}" is no schedule: ${reason}. ${HINT}.`;
  }
}

function toCron(text: string, timezone: string): Cron {
  return new Cron(text, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true });
}

function readSimple(text: string, timeZone: string): Schedule | string {
  const [, digits = "1", unit] = /^every (?:(\d{1,6}) )?(minute|hour|day)s?$/i.exec(text) ?? [];
  if (unit === undefined) return `"${text}" is no schedule. ${HINT}.`;
  const name = unit.toLowerCase() as keyof typeof MOST;
  const count = Number(digits);
  if (count < 1 || count > MOST[name])
    return `"${text}" is no schedule: the number of ${name}s is one from 1 to ${MOST[name]}.`;
  const plain = count === 1 ? `every ${name}` : `every ${count} ${name}s`;
  if (name === "day") return { text: plain, timeZone, next: everyDays(count, timeZone) };
  const step = count * (name === "minute" ? MINUTE_MS : HOUR_MS);
  return { text: plain, timeZone, next: (after) => (Math.floor(after / step) + 1) * step };
}

/** Goes from one such day to the next, not through all between: who asks for 300 slots of a year each waits no longer. */
function everyDays(count: number, timeZone: string): Schedule["next"] {
  const midnights = toCron("0 0 * * *", timeZone);
  const dayOf = (at: Date) => Math.floor(localOf(at.getTime(), timeZone) / DAY_MS);
  return (after) => {
    for (let day = Math.floor(dayOf(new Date(after)) / count) * count; ; day += count) {
      let at: Date | null = new Date(day * DAY_MS - FARTHEST_EAST_MS);
      do at = midnights.nextRun(at);
      while (at !== null && dayOf(at) < day);
      if (at === null) return undefined;
      // A zone that changes sides of the date line has one day less.
      if (dayOf(at) === day && at.getTime() > after) return at.getTime();
    }
  };
}

/** What clocks of the zone show, in whole seconds, as if it were UTC. */
function localOf(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at);
  const [year, month, day, hour, minute, second] = UNITS.map((unit) =>
    Number(parts.find(({ type }) => type === unit)?.value),
  ) as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const UNITS = ["year", "month", "day", "hour", "minute", "second"] as const;
/** Making one takes longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en", {
    ...numeric,
    ...{
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
      calendar: "gregory",
      numberingSystem: "latn",
    },
    timeZone,
  });
  formats.set(timeZone, format);
  return format;
}
