import type { Call } from "../dispatch/dispatch.ts";
import * as headers from "../wire/headers.ts";
import { corsFields } from "./cors.ts";
import type { RequestHead } from "./request-head.ts";
import type { ResponseHead } from "./response-head.ts";

/** Where a request really came from, as far as it can be believed. */
export interface Origin {
  readonly scheme: "http" | "https";
  /** The visitor's address, behind it those of trusted proxies, comma-separated; empty for a val of this town. */
  readonly client: string;
  /** The visitor's own address, behind all trusted proxies; empty for a val of this town. */
  readonly address: string;
  /** `x-forwarded-host` of a trusted proxy, or empty. */
  readonly host: string;
  /** Through how many vals the call has come. */
  readonly hops: number;
}

const UPGRADE = "connection: upgrade\r\nupgrade: websocket\r\n";

/**
 * The head that a worker gets: the visitor's own fields, who it is, the trace id. Nothing else is invented.
 * The absolute form (RFC 9112 §3.2.2) makes Deno's `Request.url` the public URL, scheme included, at no cost;
 * with a path alone, on a unix socket, it would begin with `http+unix://`.
 */
export function upstreamHead(
  head: RequestHead,
  origin: Origin,
  trace: string | undefined,
  framing: string,
): string {
  const target = trace === undefined ? head.target : `${origin.scheme}://${head.host}${head.target}`;
  const host = origin.host === "" ? "" : `x-forwarded-host: ${origin.host}\r\n`;
  const id = trace === undefined ? "" : `${headers.TRACE}: ${trace}\r\n`;
  const client = origin.client === "" ? "" : `x-forwarded-for: ${origin.client}\r\n`;
  const hops = origin.hops === 0 ? "" : `${headers.HOPS}: ${origin.hops}\r\n`;
  const known =
    trace !== undefined || origin.address === "" ? "" : `${headers.CLIENT}: ${origin.address}\r\n`;
  const from = `${client}${known}x-forwarded-proto: ${origin.scheme}\r\n${hops}`;
  return `${head.method} ${target} HTTP/1.1\r\n${head.fields}${from}${host}${id}${head.websocket ? UPGRADE : ""}${framing}\r\n`;
}

/** What is answered to a preflight that the val's own code refused. */
export const NO_CONTENT = { status: 204, reason: "No Content", fields: "", cors: false } as const;

/** The head that the visitor gets: the val's own fields, default CORS where it has none, trace and version. */
export function visitorHead(
  request: RequestHead,
  response: Pick<ResponseHead, "status" | "reason" | "fields" | "cors">,
  call: Call | undefined,
  framing: string,
  close: boolean,
): string {
  const ours =
    call === undefined
      ? ""
      : `${headers.TRACE}: ${call.trace}\r\n${headers.VERSION}: ${call.deployment.version}\r\n`;
  const cors = call === undefined || response.cors ? "" : corsFields(request);
  const keep = request.minor === 0 ? "connection: keep-alive\r\n" : "";
  const hop = response.status === 101 ? UPGRADE : close ? "connection: close\r\n" : keep;
  return `HTTP/1.1 ${response.status} ${response.reason}\r\n${response.fields}${cors}${ours}${framing}${hop}\r\n`;
}
