/** Which of the town's own servers answers a request that the gateway passed to the inner one? */

import type { TownAddress } from "./val/address.ts";

/** A server as one web-standard function. */
export interface Site {
  fetch(request: Request): Response | Promise<Response>;
}

export interface SitesOptions {
  readonly town: TownAddress;
  /** Names of the module host. */
  readonly moduleHosts: readonly string[];
  readonly modules: Site;
  readonly api: Site;
  /** `/auth/…`, `/api/auth/…` and `/assets/…`, on the app's own host only: nowhere else are there cookies. */
  readonly accounts?: Site;
  /** The web app, on the app's own host only. */
  readonly app?: Site & { owns(path: string): boolean };
  /** `/oauth/…` and `/.well-known/…`, on the app's host and the API's. */
  readonly oauth?: Site;
}

const OAUTH = /^\/(?:oauth|\.well-known)\//;
const ACCOUNTS = /^\/(?:auth\/|api\/auth\/|assets\/)/;

/** The town's own servers as one. */
export function createSites(options: SitesOptions): Site {
  const { town, moduleHosts, modules, api, accounts, app, oauth } = options;
  const apiPort = town.apiPort?.slice(1);
  const site: Site = {
    async fetch(request) {
      const { hostname, pathname, port } = new URL(request.url);
      if (moduleHosts.includes(hostname)) return modules.fetch(request);
      if (oauth !== undefined && OAUTH.test(pathname)) return oauth.fetch(request);
      const own = hostname === town.domain && port !== apiPort;
      if (accounts !== undefined && own && ACCOUNTS.test(pathname)) return accounts.fetch(request);
      if (app !== undefined && own && app.owns(pathname)) return app.fetch(request);
      const answer = await api.fetch(request);
      if (app === undefined || !own || answer.status !== 404 || !wantsPage(request)) return answer;
      return (await missingPage(app, request)) ?? answer;
    },
  };
  return town.scheme === "https:" ? strictly(site) : site;
}

/** Whether somebody typed the address, rather than a program that wants to read the answer. */
function wantsPage(request: Request): boolean {
  if (request.method !== "GET" || new URL(request.url).pathname.startsWith("/api/")) return false;
  return request.headers.get("accept")?.includes("text/html") ?? false;
}

/** The app says in words that nothing is there; undefined when it is not built. */
async function missingPage(app: Site, request: Request): Promise<Response | undefined> {
  const { body, headers, ok } = await app.fetch(request);
  return ok ? new Response(body, { status: 404, headers }) : undefined;
}

/** Browsers come by https from then on; the proxy before us may not say so. */
function strictly(site: Site): Site {
  return {
    async fetch(request) {
      const answer = await site.fetch(request);
      const headers = new Headers(answer.headers);
      headers.set("strict-transport-security", "max-age=31536000");
      return new Response(answer.body, { status: answer.status, headers });
    },
  };
}
