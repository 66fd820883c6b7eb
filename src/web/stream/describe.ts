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
  const { request, response, headMs, firstMs } = recording;
  const parts = [];
  if (request.length > 0) parts.push(`${sayBytes(totalOf(request))} sent`);
  parts.push(`${count(response.length, "chunk")} in ${sayDuration(elapsedMs)}`);
  if (response.length > 0) parts.push(sayBytes(totalOf(response)));
  const gap = longestGap(response);
  if (gap !== undefined) parts.push(`longest gap ${sayDuration(gap.toMs - gap.fromMs)}`);
  if (headMs !== undefined) parts.push(`head after ${sayDuration(headMs)}`);
  if (firstMs !== undefined) parts.push(`first byte after ${sayDuration(firstMs)}`);
  parts.push(sayState(recording, elapsedMs));
  return parts.join(", ");
}

/** Browsers tell of an upload now and then. */
const SENDING_MS = 600;

/** How it stands, in a few words. */
export function sayState(recording: Recording, elapsedMs: number): string {
  const { end, headMs, request, response } = recording;
  if (end === "complete") return "complete";
  if (end === "broken") return "broken off";
  if (end === "left") return "stopped";
  const stalled = stalledMs(recording, elapsedMs);
  if (stalled !== undefined) return `stalled for ${sayDuration(stalled)}`;
  if (response.length > 0) return "streaming";
  const sentMs = request.length > 1 ? request.at(-1)![0] : Number.NEGATIVE_INFINITY;
  if (headMs === undefined && elapsedMs - sentMs < SENDING_MS) return "sending";
  return headMs === undefined ? "waiting for the answer" : "waiting for the first byte";
}
