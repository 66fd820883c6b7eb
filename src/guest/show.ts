/** Any value as text, as Deno shows it, in little time and little space. */

import { inspect, NativeMap, NativeSet } from "./intrinsics.ts";

/** How many entries of a list are shown, and how deep something is looked into. */
const LIST = 100;
const DEPTH = 6;
/** More of it than this is not looked at: what is wide at each level would take for ever. */
const MAX_PARTS = 25_000;

const { isArray } = Array;
const { min } = Math;
const { isView } = ArrayBuffer;
const { ownKeys, getOwnPropertyDescriptor } = Reflect;

/** What Deno.inspect says, as deep as there is not too much of it. */
export function show(value: unknown): string {
  // Showing it may run the val's code, which may throw.
  try {
    const depth = depthOf(value);
    if (depth < 0) return "an object with too many properties to be shown";
    const options = { __proto__: null, depth, iterableLimit: LIST, strAbbreviateSize: 30_000 };
    return inspect(value, options as never);
  } catch {
    return "a value that cannot be shown";
  }
}

/** Down to which depth it may be shown; -1: not even itself. */
function depthOf(value: unknown): number {
  let depth = -1;
  while (depth < DEPTH && partsOf(value, depth + 1, MAX_PARTS) <= MAX_PARTS) depth++;
  return depth;
}

/** How many values would be shown, counted up to one more than `most`. */
function partsOf(value: unknown, depth: number, most: number): number {
  if (typeof value !== "object" || value === null || isView(value)) return 1;
  let count = 1;
  const add = (part: unknown) => {
    count += depth === 0 ? 1 : partsOf(part, depth - 1, most - count);
    return count <= most;
  };
  // A proxy may refuse; Deno then shows what is behind it.
  try {
    if (value instanceof NativeSet) addEntries(value, add);
    else if (value instanceof NativeMap) addEntries(value, (entry) => add(entry[0]) && add(entry[1]));
    else addProperties(value, add);
  } catch {
    // As many as there were until then.
  }
  return count;
}

function addEntries<T>(value: Iterable<T>, add: (part: T) => boolean): void {
  let entries = 0;
  for (const entry of value) if (++entries > LIST || !add(entry)) return;
}

/** Accessors are shown as such, not called. */
function addProperties(value: object, add: (part: unknown) => boolean): void {
  const keys = isArray(value) ? undefined : ownKeys(value);
  const size = keys === undefined ? min((value as unknown[]).length, LIST) : keys.length;
  for (let at = 0; at < size; at++) {
    const key = keys === undefined ? at : (keys[at] as PropertyKey);
    if (!add(getOwnPropertyDescriptor(value, key)?.value)) return;
  }
}
