/** What a form about a schedule holds, and the schedule that it stands for. */

/** Units of a simple schedule, and how many of each one may be. */
export const UNITS = { minute: 1440, hour: 720, day: 365 } as const;
export type Unit = keyof typeof UNITS;
/** The fields of cron, in their order. */
export const CRON_FIELDS = ["Minute", "Hour", "Day of month", "Month", "Weekday"] as const;

export interface ScheduleForm {
  readonly kind: "simple" | "cron";
  readonly count: string;
  readonly unit: Unit;
  readonly fields: readonly string[];
}

const NAMED: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** A schedule as a form shows it; the half that is not shown has something to begin with. */
export function toForm(schedule: string): ScheduleForm {
  const simple = /^every(?: (\d+))? (minute|hour|day)s?$/.exec(schedule);
  if (simple !== null) {
    const form = { count: simple[1] ?? "1", unit: simple[2] as Unit };
    return { kind: "simple", ...form, fields: toCron(Number(form.count), form.unit) };
  }
  return { kind: "cron", count: "1", unit: "hour", fields: spread(NAMED[schedule] ?? schedule) };
}

/** The schedule that a form stands for; it may be none. */
export function fromForm({ kind, count, unit, fields }: ScheduleForm): string {
  if (kind === "cron") return fields.map((field) => field.trim()).join(" ");
  return count.trim() === "1" ? `every ${unit}` : `every ${count.trim()} ${unit}s`;
}

/** A form in which something was written into one field of cron: a whole expression there fills all of them. */
export function withField(form: ScheduleForm, at: number, text: string): ScheduleForm {
  const words = (NAMED[text.trim()] ?? text).trim().split(/\s+/);
  if (words.length === CRON_FIELDS.length) return { ...form, fields: words };
  return { ...form, fields: form.fields.map((field, index) => (index === at ? text : field)) };
}

/** The fields of cron that come nearest to a simple schedule. */
function toCron(count: number, unit: Unit): string[] {
  const every = count === 1 ? "*" : `*/${count}`;
  if (unit === "minute") return [count < 60 ? every : "0", "*", "*", "*", "*"];
  if (unit === "hour") return ["0", count < 24 ? every : "0", "*", "*", "*"];
  return ["0", "0", count < 28 ? every : "1", "*", "*"];
}

function spread(text: string): string[] {
  const words = text.trim().split(/\s+/);
  return CRON_FIELDS.map((_, at) => words[at] ?? "*");
}
