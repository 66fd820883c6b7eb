/** What the caller has, and what there is. `modifiedAt` in epoch milliseconds, `etag` with its quotes. */
export interface Validators {
  readonly etag: string;
  /** Another tag by which the same state may be named in a condition. */
  readonly otherTag?: string;
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
    if (match !== "*" && !match.some((tag) => tag === now.etag || tag === now.otherTag)) return 412;
  } else if (unmodifiedSince !== undefined && seconds > unmodifiedSince) return 412;
  const noneMatch = parseTags(headers.get("if-none-match"));
  const modifiedSince = parseDate(headers.get("if-modified-since"));
  if (noneMatch !== undefined) {
    const named = noneMatch === "*" ? [] : noneMatch.map((tag) => tag.replace(/^W\//, ""));
    const same = noneMatch === "*" || named.some((tag) => tag === now.etag || tag === now.otherTag);
    return same ? 304 : 200;
  }
  return modifiedSince !== undefined && seconds <= modifiedSince ? 304 : 200;
}

/** Whether a write may go on, given what is there. What is not there has no tag that could match. */
export function mayWriteIf(headers: Headers, now: Validators | undefined): boolean {
  if (now !== undefined) {
    const counts = new Headers(headers);
    // It is for reads only (RFC 9110 §13.1.3).
    counts.delete("if-modified-since");
    return checkConditions(counts, now) === 200;
  }
  return parseTags(headers.get("if-match")) === undefined;
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
