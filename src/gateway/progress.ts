import { clock, type Progress } from "../dispatch/dispatch.ts";
import { type ErrorCode, HamletError } from "../errors.ts";
import { writeTimeline } from "../val/timeline.ts";
import type { Origin } from "./forward.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestHead } from "./request-head.ts";
import type { ResponseBody } from "./response-body.ts";
import type { ResponseHead } from "./response-head.ts";
import type { Tunnel } from "./tunnel.ts";

/** What an exchange has seen of its call so far. */
interface Seen {
  readonly start: number;
  /** 0 until the answer's head is there. */
  readonly firstByte: number;
  readonly over: boolean;
  readonly error: ErrorCode | undefined;
  readonly aborted: boolean;
  readonly body: RequestBody;
  readonly response: ResponseHead | undefined;
  readonly answer: ResponseBody | undefined;
  /** It ends with what came together with the answer's head, or is not over. */
  readonly atOnce: boolean;
  readonly tunnel: Tunnel | undefined;
}

/** It as it goes on record. */
export function progressOf(head: RequestHead, origin: Origin, seen: Seen): ReturnType<Progress> {
  const { response, error, body, answer, tunnel } = seen;
  return {
    kind: head.websocket ? "websocket" : "http",
    method: head.method,
    url: `${origin.scheme}://${head.host}${head.target}`,
    status: response?.status ?? (error === undefined ? 0 : new HamletError(error).status),
    error,
    start: seen.start,
    firstByte: seen.firstByte,
    end: seen.over ? clock() : 0,
    bytesIn: body.bytes + (tunnel?.bytesIn ?? 0),
    bytesOut: (answer?.bytes ?? 0) + (tunnel?.bytesOut ?? 0),
    aborted: seen.aborted,
    requestHeaders: head.raw,
    responseHeaders: response?.fields ?? "",
    timeline: head.websocket ? undefined : timelineOf(seen),
  };
}

/** Most calls are told by what is on record anyway: nothing is written of those. */
function timelineOf({ body, answer, atOnce }: Seen): string {
  const told = answer?.passage === undefined || (atOnce && answer.passage.pieces === 1);
  if (body.passage === undefined && told) return "";
  return writeTimeline(body.passage?.flat() ?? [], answer?.passage?.flat() ?? []);
}
