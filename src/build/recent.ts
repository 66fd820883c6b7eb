/** What was locked a moment ago for the same imports: a fork, or the next val with the usual packages, asks nobody. */

import type { Lock } from "../wire/lock.ts";
import { hashOf } from "./key.ts";

const MAX_REMEMBERED = 200;
/** So long may a new val get an older version than the newest. */
const FRESH_MS = 60 * 60 * 1000;

export class RecentLocks {
  readonly #locks = new Map<string, { readonly lock: Lock; readonly at: number }>();

  get(specifiers: readonly string[]): Lock | undefined {
    const key = toKey(specifiers);
    const found = this.#locks.get(key);
    if (found === undefined || performance.now() - found.at < FRESH_MS) return found?.lock;
    this.#locks.delete(key);
    return undefined;
  }

  /** Remember what was resolved anew; a lock that is only used again gets no younger. */
  add(specifiers: readonly string[], lock: Lock): void {
    const key = toKey(specifiers);
    if (specifiers.length === 0 || this.#locks.has(key)) return;
    if (this.#locks.size >= MAX_REMEMBERED) this.#locks.delete(this.#locks.keys().next().value!);
    this.#locks.set(key, { lock, at: performance.now() });
  }
}

function toKey(specifiers: readonly string[]): string {
  return hashOf(specifiers.toSorted());
}
