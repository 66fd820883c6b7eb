import type { MiddlewareHandler } from "hono";
import { BUILD_HEADER } from "../contract/common.ts";
import type { Env } from "./app.ts";

const CORS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": `etag, last-modified, www-authenticate, retry-after, retry-after-ms, x-should-retry, ratelimit, ratelimit-policy, idempotency-replayed, ${BUILD_HEADER}`,
};

const CORS_PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-max-age": "86400",
};

/** Any page may call with a token it has; there are no cookies here that could be used against their owner. */
export const cors: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method === "OPTIONS") {
    // The SDK adds headers of its own with every version, so those that are asked for are those that are allowed.
    const asked = c.req.header("access-control-request-headers") ?? "authorization, content-type";
    const headers = { ...CORS, ...CORS_PREFLIGHT, "access-control-allow-headers": asked };
    return new Response(null, { status: 204, headers });
  }
  await next();
  for (const [name, value] of Object.entries(CORS)) c.res.headers.set(name, value);
};
