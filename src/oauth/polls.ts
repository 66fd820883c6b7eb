/** A device asks whether its person has answered; not more often than it was told to (RFC 8628 §3.5). */

const KEPT_MS = 15 * 60_000;
const MAX_KEPT = 10_000;
/** Its clock and the way here may be a little off. */
const TOLERANCE_MS = 500;

export interface Polls {
  /** Whether this code was asked for too soon after the last time. */
  tooSoon(deviceCode: string): boolean;
}

export function createPolls(intervalSeconds: number, now: () => number): Polls {
  const asked = new Map<string, number>();
  return {
    tooSoon(deviceCode) {
      const at = now();
      const last = asked.get(deviceCode);
      asked.delete(deviceCode);
      for (const [code, time] of asked) {
        if (at - time < KEPT_MS && asked.size < MAX_KEPT) break;
        asked.delete(code);
      }
      asked.set(deviceCode, at);
      return last !== undefined && at - last < intervalSeconds * 1000 - TOLERANCE_MS;
    },
  };
}
