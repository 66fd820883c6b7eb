/** How often may someone do something? */

export interface RateOptions {
  /** Permissions that come back evenly over a minute; 0 for no limit at all. */
  readonly perMinute: number;
  /** How many may be used at once after a pause; a minute's worth when missing. */
  readonly burst?: number;
  /** Keys that are remembered; beyond it the one that used none for the longest time begins anew. */
  readonly maxKeys?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/** One bucket of permissions per key. */
export interface Rate {
  /** Uses permissions of this key, one unless told otherwise: 0 if they were there, else the milliseconds until they are. */
  take(key: string, cost?: number): number;
  /** What this key has left: whole permissions, and the milliseconds until it has all of them again. */
  left(key: string): { readonly permissions: number; readonly fullInMs: number };
}

const MINUTE = 60_000;

/** Make a limit. Its memory is bounded: a forgotten key has a full bucket again, which is what time gives it anyway. */
export function createRate(options: RateOptions): Rate {
  const { perMinute, burst = perMinute, maxKeys = 10_000, now = () => performance.now() } = options;
  const interval = MINUTE / perMinute;
  /** When the key's bucket will be full: all there is to know of it. */
  const fullAt = new Map<string, number>();
  return {
    take(key, cost = 1) {
      if (perMinute === 0) return 0;
      const at = now();
      // What costs more than a full bucket has to wait for that.
      const full = Math.max(fullAt.get(key) ?? at, at) + Math.min(cost, burst) * interval;
      const wait = full - (at + burst * interval);
      if (wait > 0) return Math.ceil(wait);
      // Out and in again: the map's order is that of use.
      fullAt.delete(key);
      if (fullAt.size >= maxKeys) fullAt.delete(fullAt.keys().next().value!);
      fullAt.set(key, full);
      return 0;
    },
    left(key) {
      if (perMinute === 0) return { permissions: Number.POSITIVE_INFINITY, fullInMs: 0 };
      const fullInMs = Math.max((fullAt.get(key) ?? 0) - now(), 0);
      return { permissions: Math.max(0, Math.floor(burst - fullInMs / interval)), fullInMs };
    },
  };
}
