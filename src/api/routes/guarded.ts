import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Auth } from "../../auth/auth.ts";
import { type Access, accessOf } from "../contract/access.ts";
import { guard } from "./access.ts";
import type { App, ByHand, Env } from "./app.ts";
import { ApiError } from "./problem.ts";

/** The application without a way around the table of access: whatever is added asks it first, or throws at once. */
export function guarded(app: OpenAPIHono<Env>, auth: Auth): App {
  const openapi = (
    route: Parameters<App["openapi"]>[0],
    ...handlers: [Parameters<App["openapi"]>[1], Parameters<App["openapi"]>[2]]
  ) => {
    const { middleware = [] } = route;
    const first = admit(auth, accessOf(route.method, route.path));
    return app.openapi({ ...route, middleware: [first, ...[middleware].flat()] }, ...handlers);
  };
  return {
    openapi: openapi as App["openapi"],
    byHand({ row, method, path, refuse }, handler) {
      const first = inForm(admit(auth, accessOf(row.method, row.path)), refuse);
      app.on(method, [path], first, handler);
    },
    describe(route) {
      accessOf(route.method, route.path);
      app.openAPIRegistry.registerPath(route);
    },
    document: (about) => app.getOpenAPI31Document(about),
    component: (...component) => app.openAPIRegistry.registerComponent(...component),
  };
}

/** What is anyone's, and not a question of whose token it is, looks at none. */
function admit(auth: Auth, access: Access): MiddlewareHandler<Env> {
  if (access.anyone && access.scope === undefined) return (_, next) => next();
  return guard(auth, access);
}

/** Clients of somebody else's protocol read its errors only. */
function inForm(first: MiddlewareHandler<Env>, refuse: ByHand["refuse"]): MiddlewareHandler<Env> {
  if (refuse === undefined) return first;
  return async (c, next) => {
    let passed = false;
    try {
      return await first(c, () => {
        passed = true;
        return next();
      });
    } catch (error) {
      if (passed || !(error instanceof ApiError)) throw error;
      return refuse(error);
    }
  };
}
