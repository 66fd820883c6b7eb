import type { MiddlewareHandler } from "hono";
import type { Auth, Viewer } from "../../auth/auth.ts";
import { networkOf } from "../../services/network.ts";
import { createRate } from "../../services/rate.ts";
import { CLIENT } from "../../wire/headers.ts";
import type { Env } from "./app.ts";
import { ApiError } from "./problem.ts";
import type { RateLimit } from "./types.ts";

/** What vals use while they serve: it has limits of its own, and this one would only slow down a val with many visitors. */
const FOR_VALS = /^\/v\d\/(vals\/[^/]+\/)?(blob|sqlite|email|openai)(\/|$)/;

/**
 * Bounds how often one token may call: a bucket for each token or session, one for all workers of a val, and for those
 * without a token one for each address. A script that has run wild is told when to come again.
 */
export function limitRate(auth: Auth, { perMinute, now }: RateLimit): MiddlewareHandler<Env> {
  const rate = createRate({ perMinute, now });
  const policy = `"default";q=${perMinute};w=60`;
  const keyOf = (viewer: Viewer | string, address: string | undefined) => {
    if (typeof viewer === "string") return `client ${networkOf(address ?? "")}`;
    return viewer.valId === undefined ? `token ${viewer.tokenId}` : `val ${viewer.valId}`;
  };
  return async (c, next) => {
    if (perMinute === 0) return await next();
    const viewer = await auth.identifyRequest(c.req.raw);
    if (typeof viewer !== "string" && viewer.valId !== undefined && FOR_VALS.test(c.req.path))
      return await next();
    const key = keyOf(viewer, c.req.header(CLIENT));
    const wait = rate.take(key);
    const { permissions, fullInMs } = rate.left(key);
    const headers = {
      "ratelimit-policy": policy,
      ratelimit: `"default";r=${permissions};t=${Math.ceil(fullInMs / 1000)}`,
    };
    if (wait > 0) {
      const message = `Too many requests: ${perMinute} a minute are answered. Come again in ${wait} ms`;
      const after = { "retry-after": String(Math.ceil(wait / 1000)), "retry-after-ms": String(wait) };
      throw new ApiError(429, message, undefined, { ...headers, ...after });
    }
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  };
}
