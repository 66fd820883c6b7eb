import type { z } from "@hono/zod-openapi";
import type { Viewer } from "../../auth/auth.ts";
import type { Passkey, Session } from "../../store/store.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  deletePasskey,
  deleteSession,
  deleteSessions,
  listPasskeys,
  listSessions,
  type passkeySchema,
  type sessionSchema,
} from "../contract/sign-ins.ts";
import { viewerOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentPage } from "./present.ts";
import { ApiError } from "./problem.ts";

export function addSignInRoutes(app: App, tools: Tools): void {
  const { sessions } = tools.store.accounts;

  app.openapi(listSessions, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const viewer = viewerOf(c);
    const all = await sessions.list(viewer.userId);
    const data = all.slice(offset, offset + limit).map((one) => presentSession(one, viewer));
    const more = all.length > offset + limit;
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(deleteSessions, async (c) => {
    const { userId, tokenId } = viewerOf(c);
    await sessions.endAll(userId, tokenId);
    await audit(c, tools, { action: "session.end_others" });
    return c.body(null, 204);
  });

  app.openapi(deleteSession, async (c) => {
    const { session_id: id } = c.req.valid("param");
    if (!(await sessions.end(viewerOf(c).userId, id))) throw new ApiError(404, "Session not found");
    await audit(c, tools, { action: "session.end", subject: id });
    return c.body(null, 204);
  });

  app.openapi(listPasskeys, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const all = await sessions.passkeys(viewerOf(c).userId);
    const data = all.slice(offset, offset + limit).map(presentPasskey);
    const more = all.length > offset + limit;
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(deletePasskey, async (c) => {
    const { passkey_id: id } = c.req.valid("param");
    if (!(await sessions.removePasskey(viewerOf(c).userId, id))) throw new ApiError(404, "Passkey not found");
    await audit(c, tools, { action: "passkey.remove", subject: id });
    return c.body(null, 204);
  });
}

const toDate = (at: number) => new Date(at).toISOString();

function presentSession(session: Session, viewer: Viewer): z.infer<typeof sessionSchema> {
  return {
    id: session.id,
    address: session.address ?? null,
    userAgent: session.agent ?? null,
    createdAt: toDate(session.createdAt),
    expiresAt: toDate(session.expiresAt),
    current: session.id === viewer.tokenId,
  };
}

function presentPasskey({ id, name, createdAt }: Passkey): z.infer<typeof passkeySchema> {
  return { id, name: name ?? null, createdAt: createdAt === undefined ? null : toDate(createdAt) };
}
