/** Which requests are from the app's own pages, and where may they lead? */

import { appUrl, type TownAddress } from "../val/address.ts";

/** Whether browsers take cookies here that are bound to this host and never sent unencrypted. */
export function hasSecureCookies({ scheme, domain }: TownAddress): boolean {
  return scheme === "https:" || domain === "localhost" || domain.endsWith(".localhost");
}

/** Whether the request came to the app's own host: nowhere else are there cookies and pages. */
export function isOwnHost(request: Request, town: TownAddress): boolean {
  return new URL(request.url).hostname === town.domain;
}

/**
 * Whether a request that would change something may have been made by another site's page. Browsers say where a request
 * comes from, in ways that no page can change; what comes with neither sign nor cookie is no browser's.
 */
export function isForeign(request: Request, town: TownAddress): boolean {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site === "same-origin") return false;
  if (origin !== null) return !isOwnOrigin(origin, request, town);
  return site !== null || request.headers.has("cookie");
}

/** A proxy before us may not tell us that it speaks https, so that without a configured address only the host counts. */
function isOwnOrigin(origin: string, request: Request, town: TownAddress): boolean {
  if (town.scheme === "https:") return origin === appUrl(town);
  return /^https?:\/\//.test(origin) && URL.parse(origin)?.host === new URL(request.url).host;
}

/** A path of ours from what somebody wrote into a link, else `fallback`: nobody is led elsewhere. */
export function ownPath(written: string | null | undefined, fallback: string): string {
  if (!written?.startsWith("/")) return fallback;
  const url = URL.parse(written, "http://own.invalid");
  if (url === null || url.origin !== "http://own.invalid") return fallback;
  const path = url.pathname + url.search + url.hash;
  // What begins with two slashes would name a host.
  return path.startsWith("//") ? fallback : path;
}
