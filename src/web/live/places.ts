/** Places in code that texts name, such as those of a stack: `https://esm.town/v/ann/hello@3-main/lib/a.ts:3:9`. */

/** A piece of text; with `href` it leads to the line that it names. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
}

const ADDRESS = /https?:\/\/[^\s()"'`<>]+/g;
const PLACE =
  /^https?:\/\/(?:esm\.town|esm\.[\w.:-]{1,100})\/v\/([\w-]{1,100})\/([\w-]{1,100})@\d{1,9}-([^/]{1,200})\/([^:?#]{1,1000}):(\d{1,7})(?::\d{1,7})?$/;
/** Longer lines are no stacks. */
const MAX_LINE = 2000;

/** A line in pieces. What is no address of a val's file in a town stays text. */
export function placesOf(line: string): Piece[] {
  if (line.length > MAX_LINE || !line.includes("/v/")) return [{ text: line }];
  const pieces: Piece[] = [];
  let start = 0;
  for (const { 0: address, index } of line.matchAll(ADDRESS)) {
    const href = codePathOf(address);
    if (href === undefined) continue;
    if (index > start) pieces.push({ text: line.slice(start, index) });
    pieces.push({ text: address, href });
    start = index + address.length;
  }
  if (start < line.length || pieces.length === 0) pieces.push({ text: line.slice(start) });
  return pieces;
}

/** Where the code view shows a place; undefined when it is none of a val's. */
export function codePathOf(address: string): string | undefined {
  const [, user, val, branch, path, line] = PLACE.exec(address) ?? [];
  if (user === undefined || path === undefined) return undefined;
  // It comes from a log: a name that is no encoding at all must not break the page.
  const parts = path.split("/").map(reencoded);
  const name = reencoded(branch!);
  if (name === undefined || parts.includes(undefined)) return undefined;
  const within = name === "main" ? "" : `/branch/${name}`;
  return `/x/${user}/${val}${within}/code/${parts.join("/")}#L${line}`;
}

function reencoded(part: string): string | undefined {
  try {
    return encodeURIComponent(decodeURIComponent(part));
  } catch {
    return undefined;
  }
}
