import type { RequestHead } from "./request-head.ts";
import type { ResponseHead } from "./response-head.ts";

/**
 * The CORS fields of a val that says nothing about CORS itself, as Val Town adds them: anyone may call, and a
 * preflight may ask for any header.
 */
export function corsFields(request: RequestHead): string {
  const base =
    "access-control-allow-origin: *\r\naccess-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n";
  return request.preflight ? `${base}access-control-allow-headers: ${request.preflight}\r\n` : base;
}

/** A preflight that the val's code does not know (404, 405, thrown …): the browser needs a 2xx to go on. */
export function isRefusedPreflight(request: RequestHead, response: ResponseHead): boolean {
  return (
    request.preflight !== undefined && !response.cors && (response.status < 200 || response.status > 299)
  );
}
