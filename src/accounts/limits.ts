/** How often may one address do something? Counts in windows of time, in memory and bounded. */

import { isIPv6 } from "node:net";

/** `max` times in `window` seconds. */
export interface Rule {
  readonly window: number;
  readonly max: number;
}

/** What better-auth takes as the storage of its limits, so that there is one of them. */
export interface Windows {
  consume(key: string, rule: Rule): Promise<{ allowed: boolean; retryAfter: number | null }>;
}

const MAX_KEYS = 100_000;

/** Make one. Beyond its bound the oldest windows are forgotten. */
export function createWindows(now: () => number = () => performance.now()): Windows {
  const windows = new Map<string, { until: number; count: number }>();
  return {
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

/** What limits are kept by: an address, of IPv6 its network of 64 bits, because one customer has all of that. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1).split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...Array<string>(missing).fill("0"), ...(tail ? tail.split(":") : [])];
  return `${all.slice(0, 4).join(":")}::/64`;
}
