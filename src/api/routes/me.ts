import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type Auth, PasswordsBusyError, type Viewer, verifyPassword } from "../../auth/auth.ts";
import { isAddress } from "../../services/email-mail.ts";
import { createRate } from "../../services/rate.ts";
import type { AuditRow, Store, Token, User } from "../../store/store.ts";
import { SCOPES, type Scope } from "../../val/scope.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  type auditSchema,
  createToken,
  deleteMe,
  deleteToken,
  getProfile,
  listMyAudit,
  listTokens,
  type tokenSchema,
  updateMe,
} from "../contract/me.ts";
import { OWNER_GONE, userOf, viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentMe, presentPage } from "./present.ts";
import { ApiError, INVALID } from "./problem.ts";

/** How long after signing in a session stands for the password. */
const FRESH_MS = 10 * 60_000;
/** A program that loops must not fill the database. */
const MAX_TOKENS = 500;

export function addMeRoutes(app: App, auth: Auth, tools: Tools): void {
  addTokenRoutes(app, auth, tools);
  addProfileRoutes(app, tools);
  const { store } = tools;
  app.openapi(listMyAudit, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.audit.list({ userId: viewerOf(c).userId, limit, offset });
    return c.json(presentPage(rows.map(presentAudit), c.get("links"), more, { limit, offset }), 200);
  });
}

function addTokenRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;
  app.openapi(listTokens, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const viewer = viewerOf(c);
    const all = await store.tokens.listByUser(viewer.userId);
    const data = all.slice(offset, offset + limit).map((token) => presentToken(token, viewer));
    const more = all.length > offset + limit;
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(createToken, async (c) => {
    const viewer = viewerOf(c);
    const { label = "", scopes = SCOPES.filter(viewer.permits), expiresAt } = c.req.valid("json");
    checkScopes(viewer, scopes);
    const until = expiresAt == null ? undefined : Date.parse(expiresAt);
    if (until !== undefined && until <= Date.now())
      throw new ApiError(400, "body/expiresAt must be in the future", INVALID);
    const { userId } = viewer;
    if ((await store.tokens.listByUser(userId)).length >= MAX_TOKENS)
      throw new ApiError(409, `An account has at most ${MAX_TOKENS} tokens. Revoke some of them`);
    const made = await store.tokens.create({ userId, label, scopes: [...new Set(scopes)], expiresAt: until });
    await audit(c, tools, { action: "token.create", subject: made.id, detail: { label, scopes } });
    const token = (await store.tokens.listByUser(userId)).find(({ id }) => id === made.id);
    if (token === undefined) throw new ApiError(401, OWNER_GONE);
    return c.json({ ...presentToken(token, viewer), token: made.token }, 201);
  });

  app.openapi(deleteToken, async (c) => {
    const id = c.req.valid("param").token_id;
    const own = (await store.tokens.listByUser(viewerOf(c).userId)).some((token) => token.id === id);
    if (!own || !(await auth.revoke(id))) throw new ApiError(404, "Token not found");
    await audit(c, tools, { action: "token.revoke", subject: id });
    return c.body(null, 204);
  });
}

function checkScopes(viewer: Viewer, scopes: readonly Scope[]): void {
  // It would outlive the app's access.
  if (viewer.kind === "oauth")
    throw new ApiError(
      403,
      "Not authorized: an app that was let in by OAuth cannot make tokens. Make one at /settings/tokens",
    );
  const beyond = scopes.filter((scope) => !viewer.permits(scope));
  if (beyond.length > 0)
    throw new ApiError(
      403,
      `A token cannot have scopes that its maker lacks: ${beyond.join(", ")}. Leave them out`,
    );
}

function addProfileRoutes(app: App, tools: Tools): void {
  const { store, removal } = tools;
  // Whoever has a token must not find out the password with it.
  const guesses = createRate({ perMinute: 6, burst: 3 });

  /** A token that was stolen, or a session that was left open, is not enough for what ends in losing the account. */
  async function prove(c: Context<Env>, user: User, password: string | undefined): Promise<void> {
    if (Date.now() - (viewerOf(c).signedInAt ?? 0) < FRESH_MS) return;
    await checkPassword(store, () => guesses.take(user.id), user.id, password);
  }

  app.openapi(getProfile, async (c) => {
    const user = await userOf(c, store);
    return c.json({ ...presentMe(user, c.get("links")), failureMails: user.failureMails }, 200);
  });

  app.openapi(updateMe, async (c) => {
    const user = await userOf(c, store);
    const { bio, profileImageUrl: imageUrl, email, password, failureMails } = c.req.valid("json");
    if (email !== undefined && email !== user.email) await prove(c, user, password);
    if (typeof email === "string" && !isAddress(email))
      throw new ApiError(400, "body/email must be an e-mail address", INVALID);
    await store.users.change(user.id, { bio, imageUrl, failureMails });
    if (email === null) await store.accounts.setEmail(user.id, null);
    else if (email !== undefined && email !== user.email) await confirmEmail(tools, user, email);
    const changed = (await store.users.find(user.id)) ?? user;
    return c.json({ ...presentMe(changed, c.get("links")), failureMails: changed.failureMails }, 200);
  });

  app.openapi(deleteMe, async (c) => {
    const user = await userOf(c, store);
    await prove(c, user, c.req.valid("json")?.password);
    await removal.account(user);
    await audit(c, tools, { action: "account.delete", detail: { username: user.username } });
    return c.body(null, 204);
  });
}

async function confirmEmail({ confirmEmail: confirm }: Tools, user: User, email: string): Promise<void> {
  if (confirm === undefined)
    throw new ApiError(503, "This town cannot confirm e-mail addresses. Ask its operator");
  if (!(await confirm(user, email)))
    throw new ApiError(429, "Too many letters in a short time. Try again later", undefined, {
      "retry-after": "3600",
    });
}

async function checkPassword(
  store: Store,
  take: () => number,
  userId: string,
  password?: string,
): Promise<void> {
  if (password === undefined)
    throw new ApiError(400, "body/password is needed, or a session that has just begun", INVALID);
  const wait = take();
  if (wait > 0) {
    const seconds = String(Math.ceil(wait / 1000));
    throw new ApiError(429, `Too many attempts. Try again in ${seconds} s`, undefined, {
      "retry-after": seconds,
    });
  }
  const hash = await store.accounts.passwordHash(userId);
  const right = hash !== undefined && (await verifyPassword(password, hash).catch(tellBusy));
  if (!right) throw new ApiError(403, "That is not the password of this account");
}

function tellBusy(error: unknown): never {
  if (!(error instanceof PasswordsBusyError)) throw error;
  throw new ApiError(503, error.message, undefined, { "retry-after": "5" });
}

function presentToken(token: Token, viewer: Viewer): z.infer<typeof tokenSchema> {
  const date = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  return {
    id: token.id,
    label: token.label,
    scopes: SCOPES.filter((scope) => token.scopes.includes(scope)),
    createdAt: new Date(token.createdAt).toISOString(),
    lastUsedAt: date(token.usedAt),
    expiresAt: date(token.expiresAt),
    current: token.id === viewer.tokenId,
  };
}

/** An event as the contract promises it. */
export function presentAudit(row: AuditRow): z.infer<typeof auditSchema> {
  return {
    id: row.id,
    userId: row.userId ?? null,
    action: row.action,
    subject: row.subject ?? null,
    detail: row.detail === undefined ? null : { ...row.detail },
    address: row.address ?? null,
    createdAt: new Date(row.createdAt).toISOString(),
  };
}
