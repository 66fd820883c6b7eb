import type { TownAddress } from "../../val/address.ts";

/** URLs as this request's sender can reach them. */
export interface Links {
  /** Base of the API, without a slash at the end: what stands before `/v1`. */
  readonly api: string;
  readonly town: TownAddress;
  /** This request's own URL. */
  readonly self: string;
  /** This request's own URL with some query parameters set anew. */
  page(changes: Readonly<Record<string, string>>): string;
}

const PREFIX = "/api";

/** The path that routes are matched against: without the prefix that the app's own host has. */
export function routePath(request: Request): string {
  const { pathname } = new URL(request.url);
  return hasPrefix(pathname) ? pathname.slice(PREFIX.length) || "/" : pathname;
}

/**
 * Links come from the request itself, so that they lead where the sender came from. Only a public address that was
 * configured with https is stronger: the proxy before us may not tell us of it.
 */
export function linksFor(request: Request, configured: TownAddress): Links {
  const url = new URL(request.url);
  const known = url.hostname === configured.domain || url.hostname === `api.${configured.domain}`;
  const forwarded = request.headers.get("x-forwarded-proto");
  const own = {
    scheme: forwarded === "https" || forwarded === "http" ? `${forwarded}:` : url.protocol,
    port: url.port === "" ? "" : `:${url.port}`,
  };
  const plain = configured.scheme === "http:";
  // There the API is alone: pages and vals stay where they are.
  const second = plain && own.port !== "" && own.port === configured.apiPort;
  const town = known && plain && !second ? { ...configured, ...own } : configured;
  const { scheme, port } = known && !second ? town : own;
  const origin = `${scheme}//${url.hostname}${port}`;
  const api = hasPrefix(url.pathname) ? origin + PREFIX : origin;
  return {
    api,
    town,
    self: `${origin}${url.pathname}${url.search}`,
    page(changes) {
      const query = new URLSearchParams(url.search);
      for (const [name, value] of [...query]) if (value === "undefined") query.delete(name, value);
      for (const [name, value] of Object.entries(changes)) query.set(name, value);
      return `${origin}${url.pathname}?${query}`;
    },
  };
}

/** Where clients read what protects the API that this request was sent to (RFC 9728 §3.1). */
export function resourceMetadataUrl(request: Request, configured: TownAddress): string {
  const { api } = linksFor(request, configured);
  const { origin, pathname } = new URL(api);
  return `${origin}/.well-known/oauth-protected-resource${pathname === "/" ? "" : pathname}`;
}

function hasPrefix(pathname: string): boolean {
  return pathname === PREFIX || pathname.startsWith(`${PREFIX}/`);
}
