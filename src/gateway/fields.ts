/**
 * Header fields, read the strict way (RFC 9110 §5, RFC 9112 §5): what two readers could understand differently
 * is refused here, so that no visitor and no val can smuggle a second message past the first.
 */

/** Controls anywhere, a CR without LF, a LF without CR: never legal in a head (RFC 9110 §5.5, RFC 9112 §2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const ILLEGAL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?:^|[^\r])\n/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const SP = 0x20;
const HT = 0x09;
const BLANK_EDGE = /^[ \t]|[ \t]$/;

/** True when no byte of this head could be read in two ways. */
export function isCleanHead(head: string): boolean {
  return !ILLEGAL.test(head);
}

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What becomes of a field: passed on, left out, or a reason to refuse the whole head. */
export type Verdict = "keep" | "drop" | "refuse";

/**
 * Walk the field lines of `head` from `offset`; `judge` gets names lower-cased, values without surrounding blanks.
 * @returns the lines to pass on, each ended by CRLF, in one piece where nothing is left out; undefined as soon as a
 *   line is not `token ":" value` (obs-fold included) or is refused
 */
export function passFields(
  head: string,
  offset: number,
  judge: (name: string, value: string) => Verdict,
): string | undefined {
  const end = head.length;
  let passed = "";
  let from = offset;
  let at = offset;
  while (at < end) {
    let stop = head.indexOf("\r\n", at);
    if (stop < 0) stop = end;
    const colon = head.indexOf(":", at);
    if (colon < 0 || colon >= stop) return undefined;
    const name = lowerName(head.slice(at, colon));
    if (name === undefined) return undefined;
    const verdict = judge(name, trimmed(head, colon + 1, stop));
    if (verdict === "refuse") return undefined;
    if (verdict === "drop") {
      passed += head.slice(from, at);
      from = stop + 2;
    }
    at = stop + 2;
  }
  if (from >= end) return passed;
  return `${passed}${head.slice(from, end)}\r\n`;
}

/** Names seen before, as they were written: most requests and answers have the same few. */
const NAMES = new Map<string, string>();
const MAX_NAMES = 1024;

/** The lower-case name, or undefined when it is no token (RFC 9110 §5.6.2). */
function lowerName(written: string): string | undefined {
  const known = NAMES.get(written);
  if (known !== undefined) return known;
  if (!TOKEN.test(written)) return undefined;
  const name = written.toLowerCase();
  // A copy: a slice would keep the whole head alive that it was cut from.
  const copy = (text: string) => Buffer.from(text, "latin1").toString("latin1");
  if (NAMES.size < MAX_NAMES && name.length <= 64) NAMES.set(copy(written), copy(name));
  return name;
}

/** Only SP and HT are optional white space (RFC 9110 §5.6.3); `String.trim` would eat bytes such as NBSP too. */
function trimmed(text: string, from: number, to: number): string {
  // Nearly every value follows one space and ends without any.
  const start = text.charCodeAt(from) === SP ? from + 1 : from;
  const value = text.slice(start, to);
  return BLANK_EDGE.test(value) ? withoutBlankEdges(value) : value;
}

/** By hand: a pattern for trailing blanks takes quadratic time where there are many of them inside. */
function withoutBlankEdges(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SP || code === HT;
}

/** A non-negative decimal of at most 15 digits, else -1: no sign, no list, no white space (RFC 9110 §8.6). */
export function parseContentLength(value: string): number {
  return /^[0-9]{1,15}$/.test(value) ? Number(value) : -1;
}

/** Lower-case, trimmed members of a comma list. */
export function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
