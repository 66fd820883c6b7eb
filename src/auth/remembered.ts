/** Answers that are asked for again and again, trusted for a while. */

interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

export interface RememberedOptions<T> {
  load(key: string): Promise<T>;
  readonly now: () => number;
  /** How long an answer is trusted, ms. */
  readonly rememberMs: number;
  /** Beyond so many, the oldest is forgotten. */
  readonly max: number;
}

export class Remembered<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #options: RememberedOptions<T>;
  #changes = 0;

  constructor(options: RememberedOptions<T>) {
    this.#options = options;
  }

  async find(key: string): Promise<T> {
    const { load, now, rememberMs, max } = this.#options;
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > now()) return known.value;
    const before = this.#changes;
    const value = await load(key);
    // What was read while something changed may be what was before.
    if (this.#changes !== before) return value;
    this.#entries.delete(key);
    if (this.#entries.size >= max) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, until: now() + rememberMs });
    return value;
  }

  /** Those have changed. */
  forget(matches: (value: T) => boolean): void {
    this.#changes++;
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }
}
