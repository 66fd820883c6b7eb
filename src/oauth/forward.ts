/** The way of a request to the server behind, which is started by the first one. */

import { appUrl, type TownAddress } from "../val/address.ts";
import { CLIENT } from "../wire/headers.ts";
import type { Bridge } from "./bridge.ts";
import { createPolls } from "./polls.ts";
import { createRates } from "./rates.ts";
import { type Refusal, reshapeAuthorization, reshapeParams, reshapeRegistration } from "./reshape.ts";
import { createResource } from "./scopes.ts";
import type { OAuthOptions } from "./types.ts";

export interface Forward {
  /** @param path below where the server is mounted */
  fetch(request: Request, path: string, query: URLSearchParams): Promise<Response>;
  close(): Promise<void>;
}

/** Where the server is, below the app's address. */
export const MOUNT = "/oauth";
/** Of a request's body, bytes; a registration is kept. */
const MAX_BODY = 64 * 1024;
const MAX_REGISTRATION = 16 * 1024;
/** Fields that it looks at. */
const PASSED_ON = [
  CLIENT,
  "accept",
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "content-type",
  "cookie",
  "origin",
  "sec-fetch-site",
];
const FORM = "application/x-www-form-urlencoded";

export function createForward(options: OAuthOptions): Forward {
  const { town, origins = [], now = Date.now, pollSeconds = 5 } = options;
  const rates = createRates(now);
  const polls = createPolls(pollSeconds, now);
  const resource = createResource(town, origins);
  let bridge: Promise<Bridge> | undefined;

  /** The body as the server behind wants it. */
  function reshape(path: string, type: string, body: string): string | Refusal {
    if (path === "/reg") return reshapeRegistration(body);
    if (!type.startsWith(FORM)) return body;
    const form = new URLSearchParams(body);
    reshapeParams(form, resource.normalise);
    const code = path === "/token" ? form.get("device_code") : null;
    if (code === null || !polls.tooSoon(code)) return form.toString();
    return { error: "slow_down", error_description: "The device asks more often than it was told to" };
  }

  async function open(): Promise<Bridge> {
    const { start } = await import("./start.ts");
    return start({ ...options, pollSeconds }, MOUNT, resource.id);
  }

  return {
    async fetch(request, path, query) {
      const { method } = request;
      const wait = rates.wait(method, path, request.headers.get(CLIENT) ?? "");
      if (wait > 0) return refuse(429, "temporarily_unavailable", `Come again in ${wait} seconds`, wait);
      const text = await readText(request, path === "/reg" ? MAX_REGISTRATION : MAX_BODY);
      if (text === undefined) return refuse(413, "invalid_request", "The request's body is too large");
      const headers = forwardHeaders(request, town, `${method} ${path}`);
      const body = method === "POST" ? reshape(path, headers.get("content-type") ?? "", text) : undefined;
      if (typeof body === "object") return refuse(400, body.error, body.error_description);
      if (path === "/auth") reshapeAuthorization(query);
      reshapeParams(query, resource.normalise);
      bridge ??= open();
      // What could not be started now is tried again by the next one.
      bridge.catch(() => (bridge = undefined));
      const search = query.size === 0 ? "" : `?${query}`;
      return (await bridge).fetch(path + search, { method, headers, body });
    },
    async close() {
      await (await bridge?.catch(() => undefined))?.close();
    },
  };
}

/** An error as OAuth's clients know it. */
export function refuse(status: number, error: string, description: string, wait?: number): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  if (wait !== undefined) headers.set("retry-after", String(wait));
  return Response.json({ error, error_description: description }, { status, headers });
}

/** What the server behind is told of a request; host and scheme are what the town's address says. */
function forwardHeaders(request: Request, town: TownAddress, what: string): Headers {
  const headers = new Headers({
    host: new URL(appUrl(town)).host,
    "x-forwarded-proto": town.scheme.slice(0, -1),
  });
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  // A session of it lasts from the form of a device's code to the end of that. All else begins anew each time, so that
  // nothing is left of whoever was at this browser before.
  const cookie = headers.get("cookie");
  if (cookie !== null && !/^POST \/device$|^GET \/device\/./.test(what))
    headers.set("cookie", cookie.replace(/(^|;\s*)hamlet_oauth(?:\.sig)?=[^;]*/g, ""));
  return headers;
}

/** Undefined when there is more. */
async function readText(request: Request, max: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size > max) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
