import type { Log } from "../store/store.ts";
import { escapeControls } from "./terminal.ts";

/** A stored line of output as it is printed: time, level, text; further lines of it, such as a stack, indented. */
export function renderLog({ time_us, level, text }: Log): string {
  return `${toTime(time_us)} ${level.padEnd(5)} ${escapeControls(text)}`;
}

/** Epoch microseconds as ISO 8601, to the millisecond. */
export const toTime = (micros: number): string => new Date(Math.floor(micros / 1000)).toISOString();
