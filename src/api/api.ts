/** What may a client ask of the town? The REST interface as one web-standard function. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type Auth, createAuth } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { TownAddress } from "../val/address.ts";
import { BUILD_HEADER } from "./contract/common.ts";
import { getDocument } from "./contract/document.ts";
import type { Deploy } from "./deploy.ts";
import type { App, Env } from "./routes/app.ts";
import { addFileRoutes } from "./routes/files.ts";
import { linksFor, routePath } from "./routes/links.ts";
import { ApiError, INVALID, problem, toProblem } from "./routes/problem.ts";
import { addTelemetryRoutes } from "./routes/telemetry.ts";
import { addUserRoutes } from "./routes/users.ts";
import { addValRoutes } from "./routes/vals.ts";

export interface ApiOptions {
  readonly store: Store;
  readonly deploy: Deploy;
  /** As seen from outside; scheme and port give way to the request's own unless the scheme is https. */
  readonly town: TownAddress;
  /** Made from the store when missing. */
  readonly auth?: Auth;
  /** Hears of failures that are not the caller's. */
  readonly log?: Log;
  /** Longest request body, bytes; 1 MB holds the longest file however it is escaped. */
  readonly maxBodyBytes?: number;
}

export interface Api {
  /** Never rejects. Serves `/v1/…` as well as `/api/v1/…`. */
  fetch(request: Request): Response | Promise<Response>;
}

/** Make the API. It keeps no state but what `auth` remembers. */
export function createApi(options: ApiOptions): Api {
  const { store, deploy, town, log, maxBodyBytes = 1024 * 1024 } = options;
  const auth = options.auth ?? createAuth({ tokens: store.tokens });
  const app: App = new OpenAPIHono<Env>({
    getPath: routePath,
    defaultHook: (result) => {
      if (!result.success) throw new ApiError(400, explain(result.target, result.error.issues), INVALID);
    },
  });
  app.onError((error) => {
    const answer = toProblem(error);
    if (answer !== undefined) return answer;
    log?.error("A request to the API failed.", { error });
    return problem(500, "Hamlet itself failed. Try again, or tell the operator.");
  });
  app.notFound((c) => problem(404, `Route ${c.req.method}:${c.req.path} not found`));
  app.use(cors);
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => problem(413, `Request body is too large: at most ${maxBodyBytes} bytes are read`),
    }),
  );
  app.use(async (c, next) => {
    c.set("links", linksFor(c.req.raw, town));
    await next();
  });
  const tools = { store, deploy, log };
  addUserRoutes(app, auth, tools);
  addValRoutes(app, auth, tools);
  addFileRoutes(app, auth, tools);
  addTelemetryRoutes(app, auth, tools);
  addDocument(app);
  return { fetch: (request) => app.fetch(request) };
}

/** The description of the API, made from the same contract as the routes. */
function addDocument(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearerAuth", {
    type: "http",
    scheme: "bearer",
    description: "An API token: 33 characters that begin with vtwn_.",
  });
  app.openapi(getDocument, (c) => {
    const document = app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Hamlet",
        version: "1",
        description: "The REST interface of this town; that of Val Town where they overlap.",
      },
      servers: [{ url: c.get("links").api }],
    });
    return c.json({ ...document }, 200);
  });
}

/** One sentence about what does not fit, in the words of the server that clients know: `querystring/limit must …`. */
function explain(
  target: string,
  issues: readonly { path: readonly PropertyKey[]; message: string }[],
): string {
  const part = { query: "querystring", param: "params", json: "body" }[target] ?? target;
  return issues.map(({ path, message }) => `${[part, ...path.map(String)].join("/")} ${message}`).join(", ");
}

const CORS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": `etag, last-modified, retry-after, retry-after-ms, x-should-retry, ${BUILD_HEADER}`,
};

const CORS_PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-max-age": "86400",
};

/** Any page may call with a token it has; there are no cookies here that could be used against their owner. */
const cors: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method === "OPTIONS") {
    // The SDK adds headers of its own with every version, so those that are asked for are those that are allowed.
    const asked = c.req.header("access-control-request-headers") ?? "authorization, content-type";
    const headers = { ...CORS, ...CORS_PREFLIGHT, "access-control-allow-headers": asked };
    return new Response(null, { status: 204, headers });
  }
  await next();
  for (const [name, value] of Object.entries(CORS)) c.res.headers.set(name, value);
};
