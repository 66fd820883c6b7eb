/** A recording in words: what the picture says, for those who do not see it. */

import { count, sayBytes, sayDuration } from "../ui/small.tsx";
import type { Bar, Recording } from "./recording.ts";
import { longestGap, stalledMs } from "./scale.ts";

/** How many bytes there are in all. */
export function totalOf(bars: readonly Bar[]): number {
  let total = 0;
  for (const [, bytes] of bars) total += bytes;
  return total;
}

/** `12 chunks in 3.2 s, 4.1 kB, longest gap 1.0 s, complete`. */
export function describe(recording: Recording, elapsedMs: number): string {
  const { request, response } = recording;
  const parts = [];
  if (request.length > 0) parts.push(`${sayBytes(totalOf(request))} sent`);
  parts.push(`${count(response.length, "chunk")} in ${sayDuration(elapsedMs)}`);
  if (response.length > 0) parts.push(sayBytes(totalOf(response)));
  const gap = longestGap(response);
  if (gap !== undefined) parts.push(`longest gap ${sayDuration(gap.toMs - gap.fromMs)}`);
  parts.push(sayState(recording, elapsedMs));
  return parts.join(", ");
}

/** How it stands, in a few words. */
export function sayState(recording: Recording, elapsedMs: number): string {
  const { end, headMs, response } = recording;
  if (end === "complete") return "complete";
  if (end === "broken") return "broken off";
  if (end === "left") return "stopped";
  const stalled = stalledMs(recording, elapsedMs);
  if (stalled !== undefined) return `stalled for ${sayDuration(stalled)}`;
  if (response.length > 0) return "streaming";
  return headMs === undefined ? "waiting for the answer" : "waiting for the first byte";
}
