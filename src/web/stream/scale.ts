/** From times and sizes to places on the screen. */

import type { Bar, Recording } from "./recording.ts";

const STEPS = [1, 1.5, 2, 3, 4, 5, 7.5, 10];

/** The time that the axis shows: of what still goes on a little more, in steps, so that it does not creep. */
export function spanOf(elapsedMs: number, open: boolean): number {
  if (!open) return Math.max(elapsedMs, 1);
  const wanted = Math.max(elapsedMs * 1.08, 1000);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * (STEPS.find((step) => step * power >= wanted) ?? 10);
}

/** Where the axis has its marks: round times, at least `apart` pixels from each other. */
export function ticksOf(spanMs: number, width: number, apart = 72): number[] {
  const least = (spanMs / Math.max(width, 1)) * apart;
  const power = 10 ** Math.floor(Math.log10(least));
  const decimal = power * ([1, 2, 5, 10].find((step) => step * power >= least) ?? 10);
  const clock = [15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
  const step = least > 10_000 ? (clock.find((ms) => ms >= least) ?? decimal) : decimal;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, at) => at * step);
}

/** `0`, `250 ms`, `1.5 s`, `2 min`: short, for an axis. */
export function sayTick(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  const minutes = ms / 60_000;
  return Number.isInteger(minutes)
    ? `${minutes} min`
    : `${Math.floor(minutes)}:${String(Math.round((ms % 60_000) / 1000)).padStart(2, "0")} min`;
}

/** Bytes for each of `columns` columns of equal time. However many bars there are, so many are drawn. */
export function sumColumns(bars: readonly Bar[], spanMs: number, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (const [at, bytes] of bars) {
    const column = Math.min(columns - 1, Math.max(0, Math.floor((at / spanMs) * columns)));
    sums[column]! += bytes;
  }
  return sums;
}

/** The height of so many bytes, between 0 and 1: by the root, so that one byte is seen beside a megabyte. */
export function heightOf(bytes: number, most: number): number {
  if (bytes <= 0 || most <= 0) return 0;
  return Math.max(0.06, Math.sqrt(bytes / most));
}

/** The bars of a side as one outline: up from the axis, or down with a negative `reach`. */
export function outline(
  sums: Float64Array,
  { most, axis, reach, pitch }: { most: number; axis: number; reach: number; pitch: number },
): string {
  let path = "";
  const wide = Math.max(1, pitch - 1);
  for (let at = 0; at < sums.length; at++) {
    const height = heightOf(sums[at]!, most) * reach;
    if (height !== 0) path += `M${at * pitch} ${axis}v${round(-height)}h${wide}v${round(height)}z`;
  }
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;

/** A time in which nothing came. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The longest time between two bars; undefined if there are not two. */
export function longestGap(bars: readonly Bar[]): Gap | undefined {
  let found: Gap | undefined;
  for (let at = 1; at < bars.length; at++) {
    const [fromMs, toMs] = [bars[at - 1]![0], bars[at]![0]];
    if (found === undefined || toMs - fromMs > found.toMs - found.fromMs) found = { fromMs, toMs };
  }
  return found;
}

/** Gaps that stand out: seen on this axis, and far longer than what is usual here. */
export function gapsOf(bars: readonly Bar[], spanMs: number, most = 40): Gap[] {
  if (bars.length < 3) return [];
  const times = new Float64Array(bars.length - 1);
  for (let at = 0; at < times.length; at++) times[at] = bars[at + 1]![0] - bars[at]![0];
  const usual = times.toSorted()[times.length >> 1]!;
  const least = Math.max(usual * 4, spanMs * 0.06, 250);
  const gaps: Gap[] = [];
  for (const [at, ms] of times.entries()) {
    if (ms >= least) gaps.push({ fromMs: bars[at]![0], toMs: bars[at + 1]![0] });
  }
  return gaps.sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, most);
}

/** For how long nothing has come, once that is longer than all that went before would explain; else undefined. */
export function stalledMs(recording: Recording, elapsedMs: number): number | undefined {
  if (recording.end !== "open") return undefined;
  const last = recording.response.at(-1)?.[0];
  if (last === undefined) return undefined;
  const gap = longestGap(recording.response);
  const quiet = elapsedMs - last;
  const patience = Math.max(2000, gap === undefined ? 0 : (gap.toMs - gap.fromMs) * 2.5);
  return quiet >= patience ? quiet : undefined;
}

/** How long it took, or has lasted so far. */
export function elapsedOf(recording: Recording, now: number): number {
  if (recording.end === "open") return Math.max(0, now - recording.startedAt);
  const last = Math.max(recording.response.at(-1)?.[0] ?? 0, recording.request.at(-1)?.[0] ?? 0);
  return Math.max(recording.lastMs ?? 0, recording.headMs ?? 0, last);
}
