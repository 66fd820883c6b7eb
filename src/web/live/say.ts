/** Times and outcomes in few words. */

import { sayDuration } from "../ui/small.tsx";
import { plain } from "./ansi.ts";
import type { Call, Line } from "./model.ts";

const pad = (n: number, digits = 2): string => String(n).padStart(digits, "0");

/** `14:03:22.123` in the reader's own zone; with the day, when that is not today. */
export function sayTime(at: number, now = Date.now()): string {
  const date = new Date(at);
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`;
}

/** What a call came to: a status, or how it went. */
export function sayOutcome({ kind, status, error, aborted, durationMs }: Call): string {
  if (isWeb(kind))
    return status > 0 ? String(status) : durationMs === undefined ? "…" : error ? "failed" : "–";
  if (durationMs === undefined) return "…";
  return aborted ? "stopped" : error === "" ? "ok" : "failed";
}

/** Whether it was a request to an endpoint. */
export const isWeb = (kind: string): boolean => kind === "http" || kind === "websocket";

/** The path and query of an address. */
export function pathOfUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/** Lines as a file holds them. */
export function toText(lines: readonly Line[]): string {
  return lines
    .map(
      ({ at, level, text }) =>
        `${new Date(at).toISOString()} ${level.toUpperCase().padEnd(5)} ${plain(text)}\n`,
    )
    .join("");
}

/** Calls as a file holds them, one a line. */
export function toTable(calls: readonly Call[]): string {
  return calls
    .map((one) =>
      [
        new Date(one.at).toISOString(),
        one.trace,
        one.kind,
        one.method,
        one.url,
        sayOutcome(one),
        one.durationMs === undefined ? "" : sayDuration(one.durationMs),
        one.bytesOut,
      ].join("\t"),
    )
    .join("\n");
}
