/** What a call's record means, in words, and as a recording. */

import type { Answer } from "../client/contract.ts";
import type { Bar, End, Recording } from "../stream/recording.ts";

export type Traced = Answer<"getTrace">;
export type TracedCall = NonNullable<Traced["call"]>;

const ERRORS: Readonly<Record<string, string>> = {
  build_failed: "The version could not be built. The save's answer, and the editor, say why.",
  load_failed:
    "The val failed while it was loading: what it does outside of its functions threw, or took too long.",
  val_threw: "The val threw an error that it did not catch.",
  bad_response: "The val answered with something that is no valid HTTP answer.",
  val_died: "The val's process ended before the answer was whole.",
  no_answer: "The val did not begin to answer in time.",
  time_limit: "It ran longer than this town allows, and was stopped.",
  overloaded: "Too many requests were in flight: no process could take it.",
  loop_detected: "Vals of this town called each other in a circle.",
  body_too_large: "The request's body was larger than this town allows.",
  request_timeout: "The request did not arrive in time.",
  shutting_down: "The town was restarting.",
};

/** What a code of an error means. */
export const sayError = (code: string): string => ERRORS[code] ?? "The call failed.";

/** How a call went, in a word or a number, and how to look upon it. */
export function outcomeOf({ kind, status, error, aborted, endedAt }: TracedCall): {
  text: string;
  look: "good" | "warn" | "bad" | "info";
} {
  const web = kind === "http" || kind === "websocket";
  if (endedAt === null) return { text: web && status !== null ? String(status) : "lasts", look: "info" };
  if (error !== null) return { text: status === null ? "failed" : String(status), look: "bad" };
  if (web && status !== null)
    return { text: String(status), look: status >= 500 ? "bad" : status >= 400 ? "warn" : "good" };
  return aborted ? { text: "stopped", look: "warn" } : { text: "ok", look: "good" };
}

type TimelineEnd = NonNullable<NonNullable<Traced["timeline"]>["end"]>;

const ENDS: Readonly<Record<TimelineEnd, End>> = {
  complete: "complete",
  visitor_left: "left",
  broke_off: "broken",
  no_answer: "broken",
};

/** How its bodies passed over time; undefined when that is not on record. */
export function recordingOf(traced: Traced): Recording | undefined {
  const { call, timeline } = traced;
  if (call === null || timeline === null) return undefined;
  const { headMs, request, response, end } = timeline;
  const bars = ({ bars: all }: typeof request): Bar[] => all.map(([at, bytes]) => [at, bytes]);
  return {
    startedAt: Date.parse(call.startedAt),
    request: bars(request),
    response: bars(response),
    headMs: headMs ?? undefined,
    firstMs: response.firstMs ?? undefined,
    lastMs: end === null ? undefined : (call.durationMs ?? response.lastMs ?? undefined),
    end: end === null ? "open" : ENDS[end],
    contentType: call.responseHeaders["content-type"],
  };
}

/** One span of a call's time. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the time went to, as far as it is on record. */
export function phasesOf({ startedAt, firstByteAt, durationMs, cold }: TracedCall): Phase[] {
  if (durationMs === null) return [];
  const first =
    firstByteAt === null ? durationMs : Math.min(durationMs, Date.parse(firstByteAt) - Date.parse(startedAt));
  const waited = cold ? "Starting and waiting for the first byte" : "Waiting for the first byte";
  return [
    { name: firstByteAt === null ? "Running" : waited, fromMs: 0, toMs: first },
    ...(firstByteAt === null ? [] : [{ name: "Sending the answer", fromMs: first, toMs: durationMs }]),
  ];
}

/** The request as a command for a terminal; what is hidden of it is left out. */
export function toCurl({ method, url, requestHeaders }: TracedCall): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const headers = Object.entries(requestHeaders).filter(
    ([name, value]) => value !== "(hidden)" && !["host", "content-length", "connection"].includes(name),
  );
  return [
    `curl -N -X ${quote(method)} ${quote(url)}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
  ].join(" \\\n  ");
}
