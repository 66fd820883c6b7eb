/** Who may act for whom? The town as an OAuth 2.1 authorization server, for apps and for the command line. */

import type { EventEmitter } from "node:events";
import type { Viewer } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { appUrl, type TownAddress } from "../val/address.ts";
import { type Bridge, openBridge } from "./bridge.ts";
import { isServerMetadata, originOf, resourceMetadata } from "./discovery.ts";
import { createInteraction } from "./interaction.ts";
import { openKeys } from "./keys.ts";
import { addSteps } from "./middleware.ts";
import { createPolls } from "./polls.ts";
import { createProvider } from "./provider.ts";
import { createRates } from "./rates.ts";
import { reshapeAuthorization, reshapeParams, reshapeRegistration } from "./reshape.ts";
import { createResource } from "./scopes.ts";

export interface OAuthOptions {
  readonly store: Pick<Store, "oauth" | "users">;
  readonly town: TownAddress;
  /** Origins at which the API answers too. */
  readonly origins?: readonly string[];
  /** Where the keys are kept. */
  readonly folder: string;
  /** A unix socket for what is between the parts of it. */
  readonly socketPath: string;
  /** Who is signed in on the browser that sent these cookies. */
  identify(cookie: string): Promise<Viewer | undefined>;
  /** Told of a grant that was taken back, or of which something was. */
  forget(grantId: string): void;
  readonly log?: Log;
  /** How long a device waits between its questions. */
  readonly pollSeconds?: number;
  readonly now?: () => number;
}

export interface OAuth {
  /** Answers `/oauth/…` and `/.well-known/…`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

const MOUNT = "/oauth";
const SWEEP_MS = 10 * 60_000;
/** Of a request's body; a registration is smaller still. */
const MAX_BODY = 64 * 1024;
const MAX_REGISTRATION = 16 * 1024;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "authorization, content-type, mcp-protocol-version",
};

/** Make the server. Its keys and all that is large of it come with the first request. */
export function createOAuth(options: OAuthOptions): OAuth {
  const { store, town, origins = [], log, now = Date.now, pollSeconds = 5 } = options;
  const rates = createRates(now);
  const polls = createPolls(pollSeconds, now);
  const resource = createResource(town, origins);
  let bridge: Promise<Bridge> | undefined;
  const sweep = () => {
    const failed = (error: unknown) =>
      log?.error("What is expired of OAuth could not be removed.", { error });
    return store.oauth.sweep().catch(failed);
  };
  let swept = sweep();
  const sweeper = setInterval(() => (swept = sweep()), SWEEP_MS);

  async function forward(request: Request, path: string, query: URLSearchParams): Promise<Response> {
    const { method } = request;
    const wait = rates.wait(method, path, addressOf(request));
    if (wait > 0) return refuse(429, "temporarily_unavailable", `Come again in ${wait} seconds`, wait);
    const headers = forwardHeaders(request, town, `${method} ${path}`);
    let body =
      method === "POST" ? await readText(request, path === "/reg" ? MAX_REGISTRATION : MAX_BODY) : "";
    if (body === undefined) return refuse(413, "invalid_request", "The request's body is too large");
    if (path === "/auth") reshapeAuthorization(query);
    reshapeParams(query, resource.normalise);
    if (path === "/reg") {
      const reshaped = reshapeRegistration(body);
      if (typeof reshaped !== "string") return refuse(400, reshaped.error, reshaped.error_description);
      body = reshaped;
    } else if (headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) {
      const form = new URLSearchParams(body);
      reshapeParams(form, resource.normalise);
      const code = path === "/token" ? form.get("device_code") : null;
      if (code !== null && polls.tooSoon(code))
        return refuse(400, "slow_down", "The code was asked for too soon");
      body = form.toString();
    }
    bridge ??= open(options, resource.id, pollSeconds);
    const search = query.size === 0 ? "" : `?${query}`;
    return (await bridge).fetch(path + search, {
      method,
      headers,
      body: method === "POST" ? body : undefined,
    });
  }

  return {
    async fetch(request) {
      const url = new URL(request.url);
      const metadata = resourceMetadata(town, originOf(town, origins, url.host), url.pathname);
      if (metadata !== undefined || url.pathname === `${MOUNT}/reg`) {
        if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
      }
      if (metadata !== undefined) return Response.json(metadata, { headers: CORS });
      const path = isServerMetadata(url.pathname)
        ? "/.well-known/openid-configuration"
        : url.pathname.slice(MOUNT.length);
      if (path !== url.pathname && !isServerMetadata(url.pathname) && !url.pathname.startsWith(`${MOUNT}/`))
        return refuse(404, "not_found", "There is nothing here");
      if (needsCookies(request.method, path) && url.hostname !== town.domain)
        return Response.redirect(`${appUrl(town)}${url.pathname}${url.search}`, 307);
      const answer = await forward(request, path, url.searchParams);
      if (path === "/reg") for (const [name, value] of Object.entries(CORS)) answer.headers.set(name, value);
      return answer;
    },
    async close() {
      clearInterval(sweeper);
      await swept;
      await (await bridge?.catch(() => undefined))?.close();
    },
  };
}

async function open(options: OAuthOptions, resource: string, pollSeconds: number): Promise<Bridge> {
  const { store, town, folder, socketPath, log } = options;
  const keys = await openKeys(folder);
  const { oauth: records, users } = store;
  const provider = createProvider({ town, records, users, keys, resource, forget: options.forget });
  const { identify } = options;
  const interaction = createInteraction({
    provider,
    origin: appUrl(town),
    resource,
    key: keys.cookie,
    identify,
  });
  addSteps(provider, interaction, pollSeconds);
  provider.on("server_error", (_, error) => log?.error("The OAuth server failed.", { error }));
  // Koa would write it to stderr.
  (provider as EventEmitter).on("error", (error) => log?.error("The OAuth server failed.", { error }));
  return openBridge(socketPath, MOUNT, provider.callback());
}

/** Pages and what leads to them: cookies are set on the app's own host. */
function needsCookies(method: string, path: string): boolean {
  return method === "GET" && /^\/(?:auth|device|interaction)(?:\/|$)/.test(path);
}

/** The server behind takes its own host and scheme from them, so they are what the town's address says. */
function forwardHeaders(request: Request, town: TownAddress, what: string): Headers {
  const headers = new Headers(request.headers);
  headers.set("host", new URL(appUrl(town)).host);
  headers.set("x-forwarded-proto", town.scheme.slice(0, -1));
  for (const name of ["x-forwarded-host", "content-length", "accept-encoding"]) headers.delete(name);
  // A session lasts from the form of a device's code to its answer: each request otherwise begins anew.
  const cookie = headers.get("cookie");
  if (cookie !== null && what !== "POST /device")
    headers.set("cookie", cookie.replace(/(^|;\s*)hamlet_oauth(?:\.sig)?=[^;]*/g, ""));
  return headers;
}

/** The visitor's own, as the gateway tells it; empty for a val of this town. */
function addressOf(request: Request): string {
  return request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
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

function refuse(status: number, error: string, description: string, wait?: number): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  if (wait !== undefined) headers.set("retry-after", String(wait));
  return Response.json({ error, error_description: description }, { status, headers });
}
