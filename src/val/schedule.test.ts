import { describe, expect, test } from "bun:test";
import {
  acceptedSchedule,
  countSlots,
  isSchedule,
  nextSlot,
  parseSchedule,
  type Schedule,
  smallestGap,
  toSpan,
  toZoned,
  upcoming,
} from "./schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function schedule(text: string, timeZone?: string): Schedule {
  const parsed = parseSchedule(text, timeZone);
  if (!isSchedule(parsed)) throw new Error(parsed.problem);
  return parsed;
}

/** The slots behind an instant, as clocks of the zone show them. */
function slots(text: string, timeZone: string, from: string, count: number): string[] {
  return upcoming(schedule(text, timeZone), Date.parse(from), count).map((at) => toZoned(at, timeZone));
}

function problem(text: string, timeZone?: string): string {
  const parsed = parseSchedule(text, timeZone);
  return isSchedule(parsed) ? "none" : `${parsed.field}: ${parsed.problem}`;
}

describe("a simple schedule", () => {
  test("goes by the clock of UTC, not by when it was set", () => {
    expect(slots("every 15 minutes", "UTC", "2026-03-01T10:07:31Z", 3)).toEqual([
      "2026-03-01T10:15:00+00:00",
      "2026-03-01T10:30:00+00:00",
      "2026-03-01T10:45:00+00:00",
    ]);
    expect(slots("every 2 hours", "Asia/Kolkata", "2026-03-01T10:07:31Z", 2)).toEqual([
      "2026-03-01T17:30:00+05:30",
      "2026-03-01T19:30:00+05:30",
    ]);
  });

  test("comes after a slot, not at it", () => {
    const at = Date.parse("2026-03-01T10:15:00Z");
    expect(schedule("every 15 minutes").next(at)).toBe(at + 15 * MINUTE);
    expect(schedule("every 15 minutes").next(at - 1)).toBe(at);
    expect(schedule("*/15 * * * *").next(at)).toBe(at + 15 * MINUTE);
    expect(schedule("*/15 * * * *").next(at - 1)).toBe(at);
  });

  test("of many days is worked out from day to day that counts, not through all between", () => {
    const zones = ["UTC", "Europe/Berlin", "America/Havana", "Pacific/Kiritimati", "Pacific/Pago_Pago"];
    const from = Date.parse("2026-11-25T23:00:00Z");
    // Each of 1500 slots would be 365 steps.
    for (const zone of zones)
      expect(smallestGap(schedule("every 365 days", zone), from)).toBeGreaterThan(364 * 24 * HOUR);
    expect(slots("every 365 days", "UTC", "2026-11-25T23:00:00Z", 2)).toEqual([
      "2026-12-18T00:00:00+00:00",
      "2027-12-18T00:00:00+00:00",
    ]);
    // Samoa had no 30th of December in 2011, whose number is even; in Havana clocks go from 0:00 to 1:00.
    expect(slots("every 2 days", "Pacific/Apia", "2011-12-28T12:00:00Z", 2)).toEqual([
      "2012-01-01T00:00:00+14:00",
      "2012-01-03T00:00:00+14:00",
    ]);
    expect(slots("every day", "America/Havana", "2026-03-07T12:00:00Z", 2)).toEqual([
      "2026-03-08T01:00:00-04:00",
      "2026-03-09T00:00:00-04:00",
    ]);
  });

  test("of days begins at midnight of its zone, whatever the clocks do", () => {
    expect(slots("every day", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T00:00:00+01:00",
      "2026-03-30T00:00:00+02:00",
    ]);
    expect(slots("every 2 days", "America/New_York", "2026-03-06T12:00:00Z", 3)).toEqual([
      "2026-03-08T00:00:00-05:00",
      "2026-03-10T00:00:00-04:00",
      "2026-03-12T00:00:00-04:00",
    ]);
    // A day that has no midnight begins at one.
    expect(slots("every day", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2)).toEqual([
      "2018-11-04T01:00:00-02:00",
      "2018-11-05T00:00:00-02:00",
    ]);
  });

  test("is written in one way", () => {
    expect(schedule("every  1 Hours").text).toBe("every hour");
    expect(schedule(" EVERY minute ").text).toBe("every minute");
    expect(schedule("every 1 days").text).toBe("every day");
    expect(schedule("every 90 minute").text).toBe("every 90 minutes");
  });

  test("has limits, and says them", () => {
    expect(problem("every 0 minutes")).toContain("from 1 to 1440");
    expect(problem("every 1441 minutes")).toContain("from 1 to 1440");
    expect(problem("every 721 hours")).toContain("from 1 to 720");
    expect(problem("every 366 days")).toContain("from 1 to 365");
    expect(problem("every 5 seconds")).toContain('Write "every 15 minutes"');
    expect(problem("every -5 minutes")).toContain('Write "every 15 minutes"');
    expect(problem("every 1.5 hours")).toContain('Write "every 15 minutes"');
  });
});

describe("five fields", () => {
  test("skip what the clock skips in spring, but a fixed time comes behind the gap", () => {
    expect(slots("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T03:00:00+02:00",
      "2026-03-30T02:30:00+02:00",
    ]);
    expect(slots("30 2,14 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z", 2)).toEqual([
      "2026-03-29T03:00:00+02:00",
      "2026-03-29T14:30:00+02:00",
    ]);
    expect(slots("0 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2)).toEqual([
      "2026-03-08T03:00:00-04:00",
      "2026-03-09T02:00:00-04:00",
    ]);
    expect(slots("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3)).toEqual([
      "2026-03-29T01:30:00+01:00",
      "2026-03-29T03:00:00+02:00",
      "2026-03-29T03:30:00+02:00",
    ]);
  });

  test("come twice with the hour that comes twice in autumn, but a fixed time comes once", () => {
    expect(slots("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T02:30:00+02:00",
      "2026-10-26T02:30:00+01:00",
    ]);
    expect(slots("15,45 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3)).toEqual([
      "2026-10-25T02:15:00+02:00",
      "2026-10-25T02:45:00+02:00",
      "2026-10-26T02:15:00+01:00",
    ]);
    expect(slots("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2)).toEqual([
      "2026-11-01T01:30:00-04:00",
      "2026-11-02T01:30:00-05:00",
    ]);
    expect(slots("*/30 * * * *", "America/New_York", "2026-11-01T05:15:00Z", 4)).toEqual([
      "2026-11-01T01:30:00-04:00",
      "2026-11-01T01:00:00-05:00",
      "2026-11-01T01:30:00-05:00",
      "2026-11-01T02:00:00-05:00",
    ]);
  });

  test("know zones whose clocks change by half an hour", () => {
    expect(slots("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2)).toEqual([
      "2026-10-04T02:30:00+11:00",
      "2026-10-05T02:15:00+11:00",
    ]);
    expect(slots("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", 2)).toEqual([
      "2026-04-05T01:45:00+11:00",
      "2026-04-06T01:45:00+10:30",
    ]);
    expect(slots("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:40:00Z", 4)).toEqual([
      "2026-04-05T01:45:00+11:00",
      "2026-04-05T01:30:00+10:30",
      "2026-04-05T01:45:00+10:30",
      "2026-04-05T02:00:00+10:30",
    ]);
    expect(slots("30 9 * * *", "Asia/Kolkata", "2026-10-03T00:00:00Z", 1)).toEqual([
      "2026-10-03T09:30:00+05:30",
    ]);
  });

  test("know leap days and the ends of months", () => {
    expect(slots("0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", 2)).toEqual([
      "2028-02-29T12:00:00+00:00",
      "2032-02-29T12:00:00+00:00",
    ]);
    // 2100 has none.
    expect(slots("0 12 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1)).toEqual(["2104-02-29T12:00:00+00:00"]);
    expect(slots("0 0 31 * *", "UTC", "2026-01-31T12:00:00Z", 3)).toEqual([
      "2026-03-31T00:00:00+00:00",
      "2026-05-31T00:00:00+00:00",
      "2026-07-31T00:00:00+00:00",
    ]);
    expect(slots("0 0 L * *", "UTC", "2028-01-31T12:00:00Z", 2)).toEqual([
      "2028-02-29T00:00:00+00:00",
      "2028-03-31T00:00:00+00:00",
    ]);
  });

  test("know the second Friday, the last one, and the weekday next to the 15th", () => {
    expect(slots("0 9 * * FRI#2", "UTC", "2026-05-01T00:00:00Z", 1)).toEqual(["2026-05-08T09:00:00+00:00"]);
    expect(slots("0 9 * * 5#L", "UTC", "2026-05-01T00:00:00Z", 1)).toEqual(["2026-05-29T09:00:00+00:00"]);
    expect(slots("0 9 15W * *", "UTC", "2026-08-01T00:00:00Z", 1)).toEqual(["2026-08-14T09:00:00+00:00"]);
  });

  test("take a day of the month or a weekday, where both are given", () => {
    expect(slots("0 0 13 * 5", "UTC", "2026-05-07T00:00:00Z", 3)).toEqual([
      "2026-05-08T00:00:00+00:00",
      "2026-05-13T00:00:00+00:00",
      "2026-05-15T00:00:00+00:00",
    ]);
  });

  test("have names for what is common", () => {
    const first = (text: string) => slots(text, "UTC", "2026-05-07T10:30:00Z", 1)[0];
    expect(first("@hourly")).toBe("2026-05-07T11:00:00+00:00");
    expect(first("@daily")).toBe("2026-05-08T00:00:00+00:00");
    expect(first("@weekly")).toBe("2026-05-10T00:00:00+00:00");
    expect(first("@monthly")).toBe("2026-06-01T00:00:00+00:00");
    expect(first("@yearly")).toBe("2027-01-01T00:00:00+00:00");
  });
});

describe("what is no schedule", () => {
  test("is refused with a sentence that says what would be one", () => {
    for (const text of ["", "soon", "* * * *", "2026-01-01T00:00:00Z", "@reboot", "@fortnightly", "every"])
      expect(problem(text)).toMatch(/^schedule: .*is no schedule\. Write "every 15 minutes"/);
    expect(problem("60 * * * *")).toContain("Invalid value for minute: 60");
    expect(problem("0 24 * * *")).toContain("Invalid value for hour: 24");
    expect(problem("0 0 0 * *")).toContain("day");
    expect(problem("*/0 * * * *")).toContain("illegal stepping");
    expect(problem("5/15 * * * *")).toContain("is not allowed");
    expect(problem("x".repeat(201))).toContain("too long");
  });

  test("is one with seconds or a year", () => {
    expect(problem("*/10 * * * * *")).toBe(
      'schedule: "*/10 * * * * *" has 6 fields. Seconds and years cannot be given: write five fields, the first of which is the minute.',
    );
    expect(problem("0 0 0 1 1 * 2027")).toContain("has 7 fields");
  });

  test("is one that never comes", () => {
    expect(problem("0 0 30 2 *")).toContain("never comes");
    expect(problem("0 0 29 2 *")).toBe("none");
    // Monday, the 29th of February: once in 28 years.
    expect(problem("0 0 29 2 +1")).toBe("none");
  });

  test("is one in a time zone that the IANA does not know", () => {
    for (const zone of ["Mars/Olympus", "+02:00", "", "Europe/Berlin ", "x".repeat(100)])
      expect(problem("every hour", zone)).toMatch(/^timeZone: There is no time zone .*Europe\/Berlin or UTC/);
    expect(schedule("every hour", "europe/berlin").timeZone).toBe("Europe/Berlin");
  });

  test("has no slots when it had been accepted by another release", () => {
    expect(acceptedSchedule("every hour", "Mars/Olympus").next(0)).toBeUndefined();
  });
});

test("the smallest gap is found where it is not the first one", () => {
  const from = Date.parse("2026-05-07T10:30:00Z");
  expect(smallestGap(schedule("every 15 minutes"), from)).toBe(15 * MINUTE);
  expect(smallestGap(schedule("0,59 * * * *"), from)).toBe(MINUTE);
  expect(smallestGap(schedule("0 9,10 1 * *"), from)).toBe(HOUR);
  expect(smallestGap(schedule("0,1 0 1 1 *"), from)).toBe(MINUTE);
  expect(smallestGap(schedule("0 0 29 2 *"), from)).toBeGreaterThan(365 * 24 * HOUR);
});

test("slots that an account may not have so soon are left out", () => {
  const every = schedule("every 5 minutes");
  const at = Date.parse("2026-05-07T10:00:00Z");
  expect(upcoming(every, at, 3, 12 * MINUTE)).toEqual([5, 20, 35].map((m) => at + m * MINUTE));
  expect(nextSlot(every, at + MINUTE, { last: at, periodMs: 15 * MINUTE })).toBe(at + 15 * MINUTE);
});

test("missed slots are counted up to a bound", () => {
  const at = Date.parse("2026-05-07T10:00:00Z");
  expect(countSlots(schedule("every hour"), at, at, 100)).toBe(1);
  expect(countSlots(schedule("every hour"), at, at + 5 * HOUR - 1, 100)).toBe(5);
  expect(countSlots(schedule("every minute"), at, at + 1000 * HOUR, 100)).toBe(100);
});

test("spans are told in the largest unit that fits", () => {
  expect([MINUTE, 90 * MINUTE, HOUR, 48 * HOUR, 1500].map(toSpan)).toEqual([
    "1 minute",
    "90 minutes",
    "1 hour",
    "2 days",
    "2 seconds",
  ]);
});

test("instants are shown as clocks of the zone do", () => {
  const at = Date.parse("2026-01-01T00:30:15Z");
  expect(toZoned(at, "UTC")).toBe("2026-01-01T00:30:15+00:00");
  expect(toZoned(at, "America/New_York")).toBe("2025-12-31T19:30:15-05:00");
  expect(toZoned(at, "Asia/Kathmandu")).toBe("2026-01-01T06:15:15+05:45");
});
