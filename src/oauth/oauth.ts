/** Who may act for whom? The town as an OAuth 2.1 authorization server, for apps and for the command line. */

import { appUrl } from "../val/address.ts";
import { isServerMetadata, originOf, resourceMetadata } from "./discovery.ts";
import { createForward, MOUNT, refuse } from "./forward.ts";
import type { OAuthOptions } from "./types.ts";

export type { OAuthOptions } from "./types.ts";

export interface OAuth {
  /** Answers `/oauth/…` and `/.well-known/…`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

const SWEEP_MS = 10 * 60_000;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "authorization, content-type, mcp-protocol-version",
};

/** Make the server. Its keys and all that is large of it come with the first request. */
export function createOAuth(options: OAuthOptions): OAuth {
  const { town, origins = [] } = options;
  const forward = createForward(options);
  const sweeper = startSweeper(options);
  return {
    async fetch(request) {
      const { method } = request;
      const { host, hostname, pathname, search, searchParams } = new URL(request.url);
      const metadata = resourceMetadata(town, originOf(town, origins, host), pathname);
      const forAnyPage = metadata !== undefined || pathname === `${MOUNT}/reg`;
      if (forAnyPage && method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
      if (metadata !== undefined) return Response.json(metadata, { headers: CORS });
      const path = toPath(pathname);
      if (path === undefined) return refuse(404, "not_found", "There is nothing here");
      if (needsCookies(method, path) && hostname !== town.domain)
        return Response.redirect(appUrl(town) + pathname + search, 307);
      const answer = await forward.fetch(request, path, searchParams);
      if (forAnyPage) for (const [name, value] of Object.entries(CORS)) answer.headers.set(name, value);
      return answer;
    },
    async close() {
      await sweeper.close();
      await forward.close();
    },
  };
}

/** Below where the server is mounted; undefined when it is not for it. */
function toPath(pathname: string): string | undefined {
  if (isServerMetadata(pathname)) return "/.well-known/openid-configuration";
  return pathname.startsWith(`${MOUNT}/`) ? pathname.slice(MOUNT.length) : undefined;
}

/** Pages and what leads to them: cookies are set on the app's own host. */
function needsCookies(method: string, path: string): boolean {
  return method === "GET" && /^\/(?:auth|device|interaction)(?:\/|$)/.test(path);
}

function startSweeper({ store, log }: OAuthOptions): { close(): Promise<void> } {
  const sweep = () =>
    store.oauth
      .sweep()
      .catch((error) => log?.error("What is expired of OAuth could not be removed.", { error }));
  let swept = sweep();
  const timer = setInterval(() => (swept = sweep()), SWEEP_MS);
  return {
    async close() {
      clearInterval(timer);
      await swept;
    },
  };
}
