/** What the caller has, and what there is. `modifiedAt` in epoch milliseconds, `etag` with its quotes. */
export interface Validators {
  readonly etag: string;
  readonly modifiedAt: number;
}

const ETAGS = /^\s*(?:W\/)?"[^"]*"\s*(?:,\s*(?:W\/)?"[^"]*"\s*)*$/;
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * How to answer a conditional GET, in the order of RFC 9110 §13.2.2. Conditions that are not well-formed are ignored,
 * because clients of Val Town's API are known to send such.
 */
export function checkConditions(headers: Headers, now: Validators): 200 | 304 | 412 {
  const seconds = Math.floor(now.modifiedAt / 1000);
  const match = parseTags(headers.get("if-match"));
  const unmodifiedSince = parseDate(headers.get("if-unmodified-since"));
  if (match !== undefined) {
    // Strong comparison: a weak tag never matches.
    if (match !== "*" && !match.includes(now.etag)) return 412;
  } else if (unmodifiedSince !== undefined && seconds > unmodifiedSince) return 412;
  const noneMatch = parseTags(headers.get("if-none-match"));
  const modifiedSince = parseDate(headers.get("if-modified-since"));
  if (noneMatch !== undefined) {
    const same = noneMatch === "*" || noneMatch.some((tag) => tag.replace(/^W\//, "") === now.etag);
    return same ? 304 : 200;
  }
  return modifiedSince !== undefined && seconds <= modifiedSince ? 304 : 200;
}

function parseTags(header: string | null): "*" | string[] | undefined {
  if (header === null) return undefined;
  if (header.trim() === "*") return "*";
  return ETAGS.test(header) ? header.match(/(?:W\/)?"[^"]*"/g)! : undefined;
}

/** Epoch seconds. */
function parseDate(header: string | null): number | undefined {
  if (header === null || !HTTP_DATE.test(header)) return undefined;
  const millis = Date.parse(header);
  return Number.isNaN(millis) ? undefined : millis / 1000;
}
