/** How often may one address do something? Counts in windows of time, in memory and bounded. */

/** `max` times in `window` seconds. */
export interface Rule {
  readonly window: number;
  readonly max: number;
}

/** What better-auth takes as the storage of its limits, so that there is one of them. */
export interface Windows {
  consume(key: string, rule: Rule): Promise<{ allowed: boolean; retryAfter: number | null }>;
  /** Seconds to wait before the next one, or 0; uses none up. */
  wait(key: string, rule: Rule): number;
}

const MAX_KEYS = 100_000;

/** Make one. Beyond its bound the oldest windows are forgotten. */
export function createWindows(now: () => number = () => performance.now()): Windows {
  const windows = new Map<string, { until: number; count: number }>();
  return {
    wait(key, { max }) {
      const known = windows.get(key);
      const at = now();
      return known === undefined || known.until <= at || known.count < max
        ? 0
        : Math.ceil((known.until - at) / 1000);
    },
    async consume(key, { window, max }) {
      const at = now();
      const known = windows.get(key);
      if (known === undefined || known.until <= at) {
        windows.delete(key);
        if (windows.size >= MAX_KEYS) windows.delete(windows.keys().next().value!);
        windows.set(key, { until: at + window * 1000, count: 1 });
        return { allowed: true, retryAfter: null };
      }
      if (known.count >= max) return { allowed: false, retryAfter: Math.ceil((known.until - at) / 1000) };
      known.count += 1;
      return { allowed: true, retryAfter: null };
    },
  };
}
