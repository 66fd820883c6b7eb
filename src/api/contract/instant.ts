const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9})\d*)?(Z|[+ -]\d\d:?\d\d)$/i;

/** Epoch nanoseconds of an ISO 8601 date-time with zone (RFC 3339); undefined when it is none. */
export function parseInstant(text: string): bigint | undefined {
  const [, seconds, fraction = "", zone = ""] = INSTANT.exec(text) ?? [];
  // A plus sign that was not encoded arrives as a space.
  const millis = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${zone.replace(" ", "+")}`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** The ISO date-time of epoch nanoseconds, in UTC, with as many digits as it needs but at least milliseconds. */
export function formatInstant(nanos: bigint): string {
  const iso = new Date(Number(nanos / 1_000_000n)).toISOString();
  const rest = String(nanos % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return rest === "" ? iso : `${iso.slice(0, -1)}${rest}Z`;
}
