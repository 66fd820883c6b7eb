/**
 * Calls an endpoint for the app's own pages: a visitor's request and the val's answer, both as they flow. A page may not
 * read what another host answers, nor see when each piece of it comes; this host's own it may. All that the val says
 * travels as the content of an answer of ours, so that none of it means anything on the app's own origin.
 */

import { networkOf } from "../services/network.ts";
import { createRate } from "../services/rate.ts";
import type { Store } from "../store/store.ts";
import { ANSWER, CALL, CLIENT, HOPS } from "../wire/headers.ts";

/** Begins the paths of its calls; the id of a file is behind it. */
export const CALL_PATH = "/_call/";
const MAX_ASKED = 16 * 1024;
/** Of the val's headers so many bytes of JSON are told: in Base64 they must fit through the gateway, in one head. */
const MAX_TOLD = 48 * 1024;
/** No address is called so. */
const ALL = "all";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A method that fetch would refuse, or write differently, is refused here. */
const METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

export interface CallOptions {
  readonly store: Store;
  /** Calls one by a host label of its, as a visitor. */
  readonly call: (call: EndpointCall) => Promise<Response>;
  /** Whether another site's page may have made this request. */
  readonly isForeign: (request: Request) => boolean;
  /** For each network so many a minute; 0 for no limit. */
  readonly perMinute: number;
  /** So many at once, for each network a tenth of it: they all go through one door. */
  readonly atOnce: number;
}

/** A request to an endpoint, as a visitor would send it. */
interface EndpointCall {
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | undefined;
  /** Of the body, if the visitor has said it. */
  readonly length: string | null;
  readonly hops: string | undefined;
  readonly signal: AbortSignal;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}

/** Make it. It answers requests whose path begins with `CALL_PATH`. */
export function createCaller(options: CallOptions): (request: Request) => Promise<Response> {
  const { isForeign, perMinute, atOnce } = options;
  const rate = createRate({ perMinute });
  const underWay = new Map<string, number>();
  return async (request) => {
    if (isForeign(request)) return refuse(403, "Endpoints are called this way by the town's own pages only.");
    // The app sends no others; nobody would read what is answered to HEAD.
    if (request.method !== "GET" && request.method !== "POST")
      return refuse(405, "Calls are sent with GET or POST.", { allow: "GET, POST" });
    const written = request.headers.get(CALL);
    if (written === null) return refuse(400, `The header ${CALL} is missing: it says what to ask.`);
    const who = networkOf(request.headers.get(CLIENT) ?? "");
    const busy = (underWay.get(who) ?? 0) >= Math.ceil(atOnce / 10) || (underWay.get(ALL) ?? 0) >= atOnce;
    if (busy) return refuse(429, "Too many calls are under way. Stop one of yours, then try again.");
    const wait = Math.ceil(rate.take(who) / 1000);
    if (wait > 0)
      return refuse(429, `Too many calls. Come again in ${wait} s.`, { "retry-after": `${wait}` });
    const asked = readAsked(written);
    if (asked === undefined) return refuse(400, `The header ${CALL} says nothing that could be asked.`);
    const leave = enter(underWay, [who, ALL]);
    request.signal.addEventListener("abort", leave);
    let isFlowing = false;
    try {
      const answer = await answerCall(request, asked, options, leave);
      isFlowing = answer.body !== null && answer.headers.has(ANSWER);
      return answer;
    } finally {
      if (!isFlowing) leave();
    }
  };
}

async function answerCall(
  request: Request,
  asked: Asked,
  { store, call }: CallOptions,
  leave: () => void,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const fileId = pathname.slice(CALL_PATH.length).toLowerCase();
  const file = UUID.test(fileId) ? await store.files.find(fileId) : undefined;
  const label = file?.labels[0];
  if (file?.type !== "http" || label === undefined) return refuse(404, "There is no such endpoint.");
  const bodyless = asked.method === "GET" || asked.method === "HEAD" || request.body === null;
  const length = request.headers.get("content-length");
  const body = bodyless ? undefined : request.body!;
  const hops = request.headers.get(HOPS) ?? undefined;
  try {
    return wrap(await call({ ...asked, label, body, length, hops, signal: request.signal }), leave);
  } catch {
    return refuse(502, "The endpoint could not be reached. Try again.");
  }
}

function readAsked(written: string): Asked | undefined {
  if (written.length > MAX_ASKED) return undefined;
  try {
    const { method, path, headers } = JSON.parse(Buffer.from(written, "base64").toString("utf8"));
    if (!METHOD.test(method) || typeof path !== "string" || !/^\/[\x21-\x7e]*$/.test(path)) return undefined;
    const asked = new Headers(headers);
    // An answer that is packed could not be shown while it comes; who wants one may say so.
    if (!asked.has("accept-encoding")) asked.set("accept-encoding", "identity");
    return { method, path, headers: asked };
  } catch {
    return undefined;
  }
}

/** The val's answer as the content of one of ours. */
function wrap(answer: Response, leave: () => void): Response {
  const told = tell(answer);
  const headers = {
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    // No cache keeps it, no proxy gathers it.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    [ANSWER]: Buffer.from(JSON.stringify(told)).toString("base64"),
  };
  return new Response(answer.body === null ? null : flow(answer.body, leave), { headers });
}

/** The same bytes; says when the last one has gone, or nobody wants it any more. */
function flow(body: ReadableStream<Uint8Array>, leave: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read();
          if (value !== undefined) return controller.enqueue(value);
          if (done) controller.close();
        } catch (error) {
          controller.error(error);
        }
        leave();
      },
      async cancel(reason) {
        leave();
        await reader.cancel(reason).catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

function tell({ status, statusText, headers }: Response) {
  const told: [name: string, value: string][] = [];
  let room = MAX_TOLD;
  for (const [name, value] of headers) {
    room -= Buffer.byteLength(JSON.stringify([name, value])) + 1;
    if (room > 0) told.push([name, value]);
  }
  return { status, statusText, headers: told, more: room <= 0 };
}

/** Counts one in; the result counts it out, once. */
function enter(underWay: Map<string, number>, keys: readonly string[]): () => void {
  for (const key of keys) underWay.set(key, (underWay.get(key) ?? 0) + 1);
  let inside = true;
  return () => {
    if (!inside) return;
    inside = false;
    for (const key of keys) {
      const left = underWay.get(key)! - 1;
      if (left === 0) underWay.delete(key);
      else underWay.set(key, left);
    }
  };
}

function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json(
    { statusCode: status, message },
    { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers } },
  );
}
