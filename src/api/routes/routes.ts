import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Auth } from "../../auth/auth.ts";
import { parseJson } from "../../services/json.ts";
import type { TownAddress } from "../../val/address.ts";
import { addAdminRoutes } from "./admin.ts";
import type { App, Env, Tools } from "./app.ts";
import { atOnce } from "./at-once.ts";
import { addBlobRoutes, isBlobPath } from "./blob.ts";
import { addBranchRoutes } from "./branches.ts";
import { addBuildRoutes } from "./builds.ts";
import { addConnectionRoutes } from "./connections.ts";
import { cors } from "./cors.ts";
import { addDiscoverRoutes } from "./discover.ts";
import { addDocument } from "./document.ts";
import { addDocumentation } from "./documentation.ts";
import { addDomainRoutes } from "./domains.ts";
import { addEmailRoutes, isEmailPath } from "./email.ts";
import { addEnvironmentRoutes } from "./environment.ts";
import { explain } from "./explain.ts";
import { addFileRoutes } from "./files.ts";
import { addGrantRoutes } from "./grants.ts";
import { guarded } from "./guarded.ts";
import { idempotent } from "./idempotency.ts";
import { addInvitationRoutes } from "./invitations.ts";
import { addJobRoutes } from "./jobs.ts";
import { linksFor, resourceMetadataUrl, routePath } from "./links.ts";
import { addLiveRoutes } from "./live.ts";
import { addReceivedMailRoutes, isTestMailPath } from "./mails-in.ts";
import { addMeRoutes } from "./me.ts";
import { addMergeRoutes } from "./merges.ts";
import { addOpenAiRoutes, isOpenAiPath } from "./openai.ts";
import { addOrgRoutes } from "./orgs.ts";
import { addPortableRoutes, isArchivePath } from "./portable.ts";
import { keepPrivate } from "./private.ts";
import { ApiError, INVALID, problem, toProblem } from "./problem.ts";
import { addPullRoutes } from "./pulls.ts";
import { limitRate } from "./rate-limit.ts";
import { addRemixRoutes } from "./remix.ts";
import { addRunRoutes } from "./runs.ts";
import { addSearchRoutes } from "./search.ts";
import { addSignInRoutes } from "./sign-ins.ts";
import { addSqliteRoutes } from "./sqlite.ts";
import { addTelemetryRoutes } from "./telemetry.ts";
import { addTownStateRoutes } from "./town-state.ts";
import { addTraceRoutes } from "./traces.ts";
import { addTriggerRoutes } from "./triggers.ts";
import type { RateLimit } from "./types.ts";
import { addUsageRoutes } from "./usage.ts";
import { addUserRoutes } from "./users.ts";
import { addValSettingsRoutes } from "./val-settings.ts";
import { addValRoutes } from "./vals.ts";
import { addVersionRoutes } from "./versions.ts";

export type { StdLibrary } from "./module-std.ts";
export { createModuleHost, type ModuleHost, type ModuleHostOptions } from "./modules.ts";

/** Whether a request's body flows, or its route knows better how much of it to read. */
const ownLimit = (path: string) =>
  isBlobPath(path) || isEmailPath(path) || isTestMailPath(path) || isOpenAiPath(path) || isArchivePath(path);

export interface RoutesOptions extends Tools {
  readonly auth: Auth;
  readonly town: TownAddress;
  readonly maxBodyBytes: number;
  /** Calls of one user that may be under way at once. */
  readonly maxCalls: number;
  readonly rate?: RateLimit;
}

/** Every route with what goes for all of them: errors, CORS, the limit of bodies, links. */
export function createRoutes({
  auth,
  town,
  maxBodyBytes,
  maxCalls,
  rate,
  ...tools
}: RoutesOptions): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>({
    getPath: routePath,
    defaultHook: (result) => {
      if (!result.success) throw new ApiError(400, explain(result.target, result.error.issues), INVALID);
    },
  });
  app.onError((error, c) => {
    const answer = toProblem(error);
    if (answer?.status === 401) {
      // By it, clients that know no token find out where to get one (RFC 9728 §5.1).
      const url = resourceMetadataUrl(c.req.raw, town);
      const error = c.req.header("authorization") === undefined ? "" : 'error="invalid_token", ';
      answer.headers.set("www-authenticate", `Bearer ${error}resource_metadata="${url}"`);
    }
    if (answer !== undefined) return answer;
    tools.log?.error("A request to the API failed.", { error });
    return problem(500, "Hamlet itself failed. Try again, or tell the operator.");
  });
  app.notFound((c) => problem(404, `Route ${c.req.method}:${c.req.path} not found`));
  app.use(cors);
  app.use(endUnread);
  app.use(keepPrivate);
  if (rate !== undefined) app.use(limitRate(auth, rate));
  app.use(atOnce(auth, maxCalls));
  app.use((c, next) => {
    // Whoever asks for it, once the caller is known and the body's length.
    c.req.json = async <T>() => parseJson(await c.req.text()) as T;
    return next();
  });
  // Before what goes for all others: its bodies are larger, and there is a val that waits for each.
  const routes = guarded(app, auth);
  addSqliteRoutes(routes, tools);
  const limited = bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => problem(413, `Request body is too large: at most ${maxBodyBytes} bytes are read`),
  });
  const once = idempotent(auth, tools.store.requests, tools.log);
  app.use((c, next) => (ownLimit(c.req.path) ? next() : limited(c, next)));
  app.use((c, next) => (ownLimit(c.req.path) ? next() : once(c, next)));
  app.use(async (c, next) => {
    c.set("links", linksFor(c.req.raw, town));
    await next();
  });
  addAll(routes, auth, tools);
  return app;
}

/** A HEAD is answered like a GET, whose body nobody reads: what flows must hear that it is over. */
const endUnread: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  if (c.req.raw.method === "HEAD") await c.res.body?.cancel();
};

/** The routes of each file, in the order in which they are described; but for those of SQLite, which come before. */
function addAll(app: App, auth: Auth, tools: Tools): void {
  addUserRoutes(app, tools);
  addMeRoutes(app, auth, tools);
  addSignInRoutes(app, tools);
  addGrantRoutes(app, auth, tools);
  addOrgRoutes(app, auth, tools);
  addInvitationRoutes(app, auth, tools);
  addUsageRoutes(app, tools);
  addValRoutes(app, tools);
  addDiscoverRoutes(app, tools);
  addValSettingsRoutes(app, auth, tools);
  addRemixRoutes(app, tools);
  addBranchRoutes(app, tools);
  addMergeRoutes(app, tools);
  addVersionRoutes(app, tools);
  addPullRoutes(app, tools);
  addFileRoutes(app, tools);
  addEnvironmentRoutes(app, tools);
  addTriggerRoutes(app, tools);
  addDomainRoutes(app, tools);
  addBuildRoutes(app, tools);
  addRunRoutes(app, tools);
  addJobRoutes(app, tools);
  addTelemetryRoutes(app, tools);
  addLiveRoutes(app, auth, tools);
  addTraceRoutes(app, tools);
  addBlobRoutes(app, tools);
  addEmailRoutes(app, auth, tools);
  addReceivedMailRoutes(app, auth, tools);
  addConnectionRoutes(app, tools);
  addOpenAiRoutes(app, tools);
  addSearchRoutes(app, tools);
  addPortableRoutes(app, tools);
  addAdminRoutes(app, auth, tools);
  addTownStateRoutes(app, tools);
  addDocument(app);
  addDocumentation(app);
}
