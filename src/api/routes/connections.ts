import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ConnectionError, type Provider } from "../../services/connections.ts";
import type { Connection } from "../../store/store.ts";
import {
  type connectionSchema,
  deleteConnection,
  googleToken,
  listConnections,
  putGoogle,
  putSlack,
  slackToken,
} from "../contract/connections.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { ApiError } from "./problem.ts";

const NOT_FOUND = "There is no such connection. Store its tokens first, with PUT /v3/connections/…";

interface NewTokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

export function addConnectionRoutes(app: App, tools: Tools): void {
  const { store } = tools;
  const { connections } = tools.services;

  const put = async (userId: string, provider: Provider, account: string, body: NewTokens) => {
    const { accessToken, refreshToken, expiresAt, scopes = [] } = body;
    const ends = expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) };
    const tokens = { accessToken, ...(refreshToken !== undefined && { refreshToken }), ...ends, scopes };
    return present(await store.connections.put({ userId, provider, account }, tokens));
  };

  const tokenOf = async (c: Context<Env>, provider: Provider, account: string) => {
    const { userId, kind } = viewerOf(c);
    // Who was let at one's profile was not let at accounts elsewhere.
    if (kind === "oauth")
      throw new ApiError(
        403,
        "Not authorized: apps that were let in by OAuth get no tokens of other services. Use an API token",
      );
    try {
      const token = await connections?.token({ userId, provider, account });
      if (token !== undefined) return token;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      throw new ApiError(502, error.message);
    }
    throw new ApiError(404, NOT_FOUND);
  };

  app.openapi(listConnections, async (c) =>
    c.json((await store.connections.list(viewerOf(c).userId)).map(present), 200),
  );

  app.openapi(putGoogle, async (c) => {
    const { email, ...tokens } = c.req.valid("json");
    return c.json(await put(viewerOf(c).userId, "google-docs", email, tokens), 200);
  });

  app.openapi(putSlack, async (c) => {
    const { teamId, ...tokens } = c.req.valid("json");
    return c.json(await put(viewerOf(c).userId, "slack", teamId, tokens), 200);
  });

  app.openapi(deleteConnection, async (c) => {
    const { userId } = viewerOf(c);
    const { provider, account } = c.req.valid("param");
    if (!(await store.connections.remove({ userId, provider, account }))) throw new ApiError(404, NOT_FOUND);
    await audit(c, tools, { action: "connection.delete", subject: `${provider}/${account}` });
    return c.body(null, 204);
  });

  app.openapi(googleToken, async (c) => {
    const { accessToken, scopes } = await tokenOf(c, "google-docs", c.req.valid("json").email);
    const granted = scopes.length > 0 ? { granted_scopes: [...scopes] } : {};
    return c.json({ access_token: accessToken, ...granted }, 200, { "cache-control": "no-store" });
  });

  app.openapi(slackToken, async (c) => {
    const { accessToken } = await tokenOf(c, "slack", c.req.valid("json").team_id);
    return c.json({ access_token: accessToken }, 200, { "cache-control": "no-store" });
  });
}

function present(connection: Connection): z.infer<typeof connectionSchema> {
  const { provider, account, scopes, expiresAt, createdAt, updatedAt } = connection;
  return {
    provider: provider as Provider,
    account,
    scopes: [...scopes],
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
