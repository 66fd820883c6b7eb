/** What lines one text has in the place of another's: the least there is (E. W. Myers, An O(ND) difference algorithm, 1986). */

/** Lines `start` to `end` (exclusive) of the old text, and `from` to `to` of the new one, which are in their place. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** How many lines may be added and removed; memory grows with the square. */
const MAX_EDITS = 2000;
/** How many comparisons a diff may take, so that no text holds up anyone else for long. */
const MAX_WORK = 5_000_000;

/** How many comparisons several diffs may take together; each uses some up. */
export interface Budget {
  left: number;
}

/**
 * The changes from one text to another in order; undefined when they are too different to tell with little work, or with
 * what is left of the budget.
 */
export function diffLines(
  before: readonly string[],
  after: readonly string[],
  budget: Budget = { left: MAX_WORK },
): Hunk[] | undefined {
  const { head, tail } = commonEnds(before, after);
  const numbers = new Map<string, number>();
  const toNumbers = (lines: readonly string[]) =>
    Int32Array.from(lines.slice(head, lines.length - tail), (line) => {
      const known = numbers.get(line) ?? numbers.size;
      numbers.set(line, known);
      return known;
    });
  const [a, b] = [toNumbers(before), toNumbers(after)];
  if (a.length === 0 && b.length === 0) return [];
  // Nothing to find out when one of them is only longer.
  if (a.length === 0 || b.length === 0) {
    return [{ start: head, end: head + a.length, from: head, to: head + b.length }];
  }
  const trace = search(a, b, budget);
  return trace && toHunks(trace, a.length, b.length, head);
}

/** How many lines two texts have in common at the start, and behind those at the end. */
export function commonEnds(
  a: readonly string[],
  b: readonly string[],
): { readonly head: number; readonly tail: number } {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return { head, tail };
}

/**
 * For each number of edits how far each diagonal came: index `k + edits` is that of diagonal `k = x - y`, before the
 * edits of this round.
 */
function search(a: Int32Array, b: Int32Array, budget: Budget): Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  let reached = new Int32Array([0]);
  let work = 0;
  const enough = Math.min(MAX_WORK, budget.left);
  const most = Math.min(MAX_EDITS, a.length + b.length);
  for (let edits = 0; edits <= most; edits++) {
    const next = new Int32Array(2 * edits + 1);
    for (let k = -edits; k <= edits; k += 2) {
      let x = edits === 0 ? 0 : cameFrom(reached, edits, k).x;
      let y = x - k;
      const begun = x;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      work += x - begun + 1;
      next[k + edits] = x;
      if (x >= a.length && y >= b.length) {
        budget.left -= work;
        return [...trace, next];
      }
    }
    if (work > enough) break;
    trace.push(next);
    reached = next;
  }
  budget.left -= work;
  return undefined;
}

/** The edit that leads to diagonal `k`: a line added (from the diagonal above) or removed, whichever comes further. */
function cameFrom(
  reached: Int32Array,
  edits: number,
  k: number,
): { readonly x: number; readonly added: boolean } {
  const at = (diagonal: number) => reached[diagonal + edits - 1] ?? -1;
  const added = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
  return { x: added ? at(k + 1) : at(k - 1) + 1, added };
}

/** The way back from the end, as changes. */
function toHunks(trace: readonly Int32Array[], width: number, height: number, head: number): Hunk[] {
  const hunks: Hunk[] = [];
  let [x, y] = [width, height];
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const k = x - y;
    const from = cameFrom(trace[edits - 1]!, edits, k);
    const [beforeX, beforeY] = from.added ? [from.x, from.x - k - 1] : [from.x - 1, from.x - k];
    const [endX, endY] = [from.x, from.x - k];
    const last = hunks.at(-1);
    const hunk = { start: beforeX + head, end: endX + head, from: beforeY + head, to: endY + head };
    if (last !== undefined && last.start === hunk.end && last.from === hunk.to) {
      hunks[hunks.length - 1] = { ...last, start: hunk.start, from: hunk.from };
    } else hunks.push(hunk);
    [x, y] = [beforeX, beforeY];
  }
  return hunks.reverse();
}
