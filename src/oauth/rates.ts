/** How often one address may do what costs us something and needs no account. */

import { networkOf } from "../services/network.ts";

const WINDOW_MS = 60_000;
const MAX_KEYS = 10_000;

/** Calls a minute. A device that waits for its person asks each five seconds. */
const PER_MINUTE: readonly [path: RegExp, method: string, calls: number][] = [
  [/^\/reg$/, "POST", 10],
  [/^\/device\/auth$/, "POST", 30],
  // So that nobody tries codes until one is somebody's.
  [/^\/device$/, "POST", 30],
  [/^\/auth$/, "GET", 120],
  [/^\/token/, "POST", 300],
];

export interface Rates {
  /** Seconds to wait, or 0 when the call may be made; then it is counted. */
  wait(method: string, path: string, address: string): number;
}

export function createRates(now: () => number): Rates {
  let counts = new Map<string, number>();
  let until = 0;
  return {
    wait(method, path, address) {
      const rule = PER_MINUTE.find(([pattern, verb]) => verb === method && pattern.test(path));
      if (rule === undefined) return 0;
      const at = now();
      if (at >= until) {
        counts = new Map();
        until = at + WINDOW_MS;
      }
      const key = `${rule[0].source} ${networkOf(address)}`;
      const count = counts.get(key) ?? 0;
      if (count >= rule[2]) return Math.ceil((until - at) / 1000);
      if (count === 0 && counts.size >= MAX_KEYS) counts.delete(counts.keys().next().value!);
      counts.set(key, count + 1);
      return 0;
    },
  };
}
