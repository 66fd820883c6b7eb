import type { MiddlewareHandler } from "hono";
import type { Env } from "./app.ts";

/** What an answer may depend on: a cache that keeps it must ask again for somebody else. */
const VARY = ["authorization", "cookie"];

/**
 * No shared cache keeps what a token or a cookie got: without a word of ours a proxy may keep what has a date or a tag.
 * And no answer is taken for something else than it says it is.
 */
export const keepPrivate: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  const { headers } = c.res;
  headers.set("x-content-type-options", "nosniff");
  const known = (headers.get("vary") ?? "").split(/\s*,\s*/).filter((name) => name !== "");
  headers.set("vary", [...new Set([...known, ...VARY])].join(", "));
  if (!c.req.raw.headers.has("authorization") && !c.req.raw.headers.has("cookie")) return;
  const said = headers.get("cache-control");
  if (said === null) headers.set("cache-control", "private, no-cache");
  else if (!/\b(?:private|no-store|public)\b/.test(said)) headers.set("cache-control", `private, ${said}`);
};
