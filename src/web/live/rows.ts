/** What is shown in a list that grows at both ends: in the order of time, each once, wherever it came from. */

/** One row; `key` says what it is, `sort` when: of equal length, so that they compare as texts. */
export interface Row {
  readonly key: string;
  readonly sort: string;
}

/** Of one thing that came twice, the one that says more. */
export type Newer<T> = (before: T, now: T) => T;

/** Never changes its array: each change makes another. */
export class Rows<T extends Row> {
  readonly #newer: Newer<T>;
  readonly #byKey = new Map<string, T>();
  all: readonly T[] = [];

  constructor(newer: Newer<T>) {
    this.#newer = newer;
  }

  /** @returns how many of them were not there */
  add(rows: readonly T[]): number {
    const fresh = new Map<string, T>();
    const changed = new Set<string>();
    for (const row of rows) {
      const before = this.#byKey.get(row.key) ?? fresh.get(row.key);
      const now = before === undefined ? row : this.#newer(before, row);
      if (now === before) continue;
      if (this.#byKey.has(row.key)) changed.add(row.key);
      else fresh.set(row.key, now);
      if (before !== undefined && this.#byKey.has(row.key)) this.#byKey.set(row.key, now);
    }
    if (fresh.size === 0 && changed.size === 0) return 0;
    const old = changed.size === 0 ? this.all : this.all.map((row) => this.#byKey.get(row.key)!);
    for (const [key, row] of fresh) this.#byKey.set(key, row);
    this.all = merge(old, [...fresh.values()].sort(byTime));
    return fresh.size;
  }

  /** Leaves the newest `most`. @returns whether any had to go */
  trim(most: number): boolean {
    if (this.all.length <= most) return false;
    const gone = this.all.length - most;
    for (const row of this.all.slice(0, gone)) this.#byKey.delete(row.key);
    this.all = this.all.slice(gone);
    return true;
  }
}

function byTime(a: Row, b: Row): number {
  if (a.sort === b.sort) return a.key < b.key ? -1 : 1;
  return a.sort < b.sort ? -1 : 1;
}

/** Both are in order; nearly always all of one comes before the other. */
function merge<T extends Row>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  if (byTime(a.at(-1)!, b[0]!) < 0) return [...a, ...b];
  if (byTime(b.at(-1)!, a[0]!) < 0) return [...b, ...a];
  return [...a, ...b].sort(byTime);
}
