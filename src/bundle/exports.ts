/** The `exports` and `imports` fields of package.json, as Node resolves them (nodejs.org/api/esm.html#resolution-algorithm). */

export type Conditions = ReadonlySet<string>;

const MAX_DEPTH = 20;

/**
 * The path below the package, beginning with `./`, that `key` (`.`, `./sub` or `#name`) leads to; or, from `imports`, the
 * name of another package. Undefined: it leads nowhere.
 */
export function resolveField(field: unknown, key: string, conditions: Conditions): string | undefined {
  const table = toTable(field);
  if (table === undefined) return undefined;
  if (key in table && !key.includes("*") && !key.endsWith("/")) return pick(table[key], "", conditions);
  const patterns = Object.keys(table).filter((one) => matches(one, key));
  const best = patterns.toSorted(byLength)[0];
  if (best === undefined) return undefined;
  const [before = "", after = ""] = best.split("*");
  const middle = best.includes("*")
    ? key.slice(before.length, key.length - after.length)
    : key.slice(best.length);
  return pick(table[best], middle, conditions, best.includes("*"));
}

/** A field that names no path is about the package itself. */
function toTable(field: unknown): Record<string, unknown> | undefined {
  if (typeof field === "string" || Array.isArray(field)) return { ".": field };
  if (!isObject(field)) return undefined;
  const names = Object.keys(field);
  return names.some((name) => name.startsWith(".") || name.startsWith("#")) ? field : { ".": field };
}

/** Patterns have one `*`; a folder, written with a slash at its end, is what came before patterns. */
function matches(pattern: string, key: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern.endsWith("/") && key.startsWith(pattern);
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return key.length >= pattern.length && key.startsWith(before) && key.endsWith(after);
}

/** The most specific pattern first. */
function byLength(a: string, b: string): number {
  const base = (one: string) => (one.includes("*") ? one.indexOf("*") : one.length);
  return base(b) - base(a) || b.length - a.length;
}

function pick(
  target: unknown,
  middle: string,
  conditions: Conditions,
  pattern = true,
  depth = 0,
): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof target === "string") {
    return pattern ? target.replaceAll("*", () => middle) : `${target}${middle}`;
  }
  if (Array.isArray(target)) return first(target, (one) => pick(one, middle, conditions, pattern, depth + 1));
  if (!isObject(target)) return undefined;
  for (const [condition, then] of Object.entries(target)) {
    if (condition !== "default" && !conditions.has(condition)) continue;
    if (then === null) return undefined;
    const found = pick(then, middle, conditions, pattern, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function first<T, R>(list: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of list) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
