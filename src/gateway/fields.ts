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
const NOT_ASCII = /[\x80-\xff]/;

/** True when no byte of this head could be read in two ways. */
export function isCleanHead(head: string): boolean {
  return !ILLEGAL.test(head);
}

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Walk the field lines of `head` from `offset`; names come lower-cased, values without surrounding white space.
 * @returns false as soon as a line is not `token ":" value` (obs-fold included) or `field` returns false.
 */
export function eachField(
  head: string,
  offset: number,
  field: (name: string, value: string) => boolean,
): boolean {
  const end = head.length;
  let at = offset;
  while (at < end) {
    let stop = head.indexOf("\r\n", at);
    if (stop < 0) stop = end;
    const colon = head.indexOf(":", at);
    if (colon < 0 || colon >= stop) return false;
    const name = head.slice(at, colon).toLowerCase();
    if (!TOKEN.test(name) || !field(name, trimmed(head, colon + 1, stop))) return false;
    at = stop + 2;
  }
  return true;
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

/** The head as bytes for the wire: a string while it is ASCII, else its latin1 bytes, unchanged. */
export function toWire(head: string): string | Uint8Array {
  return NOT_ASCII.test(head) ? Buffer.from(head, "latin1") : head;
}

/** Lower-case, trimmed members of a comma list. */
export function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
