import type { Sandbox } from "../sandbox/types.ts";
import { sweep } from "./lock-cache.ts";

const AT_ONCE = 8;

/** All fetches of one sandbox: some at once, and between them the cache is rid of what failed ones have left. */
class Fetches {
  readonly #cacheDir: string;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  // A server that was killed may have left something too.
  #dirty = true;

  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  /** `action` tells whether it ended well. */
  async pass<T>(action: () => Promise<T>, isWell: (result: T) => boolean): Promise<T> {
    if (this.#running < AT_ONCE) this.#running++;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    let well = false;
    try {
      const result = await action();
      well = isWell(result);
      return result;
    } finally {
      await this.#leave(well);
    }
  }

  async #leave(well: boolean): Promise<void> {
    this.#dirty ||= !well;
    if (this.#running === 1 && this.#dirty) {
      // All places are taken meanwhile: nobody unpacks while it is swept.
      this.#running = AT_ONCE;
      await sweep(this.#cacheDir);
      this.#dirty = false;
      for (let free = 1; free < AT_ONCE; free++) this.#next();
    }
    this.#next();
  }

  #next(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

const all = new WeakMap<Sandbox, Fetches>();

/** What all fetches of one sandbox go through. */
export function fetchesOf(sandbox: Sandbox): Fetches {
  const fetches = all.get(sandbox) ?? new Fetches(sandbox.cacheDir);
  all.set(sandbox, fetches);
  return fetches;
}
