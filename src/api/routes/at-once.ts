import type { MiddlewareHandler } from "hono";
import type { Auth } from "../../auth/auth.ts";
import type { Env } from "./app.ts";
import { ApiError } from "./problem.ts";

const TOO_MANY = "Too many calls of yours are under way at once. Wait for some of them to end";

/**
 * Bounds how many calls of one user are under way, and as many of all their vals together. All vals come in by one door:
 * uploads that never end, as many as fit through it, would shut it to everybody else's.
 */
export function atOnce(auth: Auth, most: number): MiddlewareHandler<Env> {
  const underWay = new Map<string, number>();
  const leave = (caller: string) => {
    const left = underWay.get(caller)! - 1;
    if (left === 0) underWay.delete(caller);
    else underWay.set(caller, left);
  };
  return async (c, next) => {
    const viewer = await auth.identifyRequest(c.req.raw);
    // Who is nobody is refused, or told what is public, without a look at the body.
    if (typeof viewer === "string") return await next();
    // Whose val has gone wild can still mend it.
    const caller = `${viewer.valId === undefined ? "user" : "vals"} ${viewer.userId}`;
    const now = underWay.get(caller) ?? 0;
    if (now >= most) throw new ApiError(429, TOO_MANY, undefined, { "retry-after": "1" });
    underWay.set(caller, now + 1);
    try {
      await next();
    } finally {
      const answered = c.get("answered");
      if (answered === undefined) leave(caller);
      else answered.then(() => leave(caller));
    }
  };
}
