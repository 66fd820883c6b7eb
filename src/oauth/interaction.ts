/** The step at which a person allows or refuses an app what it asks for. */

import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "koa";
import type Provider from "oidc-provider";
import type { Client, InteractionResults } from "oidc-provider";
import type { Viewer } from "../auth/auth.ts";
import { answeredPage, consentPage, oauthProblemPage } from "../pages/pages.ts";
import type { Audit } from "../store/store.ts";
import { toWishes } from "../val/wishes.ts";
import { CLIENT } from "../wire/headers.ts";
import { ALL_SCOPES, apiScopes, knownScopes } from "./scopes.ts";
import { show } from "./show.ts";

export interface InteractionOptions {
  readonly provider: Provider;
  /** The town's app, as an origin. */
  readonly origin: string;
  readonly resource: string;
  /** With which the forms are signed. */
  readonly key: string;
  readonly audit: Pick<Audit, "record">;
  /** Who is signed in on this browser. */
  identify(cookie: string): Promise<Viewer | undefined>;
}

type Details = Awaited<ReturnType<Provider["interactionDetails"]>>;

const EXPIRED = "This request is no longer good. Go back to the app and start again.";
const ELSEWHERE = "This form was not sent from this town's own page. Go back to the app and start again.";
const NO_SCOPE = `The app asks for nothing that this town knows. It may ask for: ${ALL_SCOPES.join(" ")}`;

/** Answers `/interaction/{uid}` below the server's own path. */
export function createInteraction(options: InteractionOptions): (ctx: Context) => Promise<void> {
  const { provider, origin, key } = options;
  const formToken = (details: Details, viewer: Viewer) =>
    createHmac("sha256", key).update(`${details.uid} ${viewer.tokenId} ${viewer.userId}`).digest("base64url");

  return async (ctx) => {
    const details = await find(provider, ctx);
    if (details === undefined) return show(ctx, oauthProblemPage(400, EXPIRED));
    const viewer = await options.identify(ctx.get("cookie"));
    if (viewer === undefined) {
      ctx.redirect(`${origin}/auth/sign-in?${new URLSearchParams({ next: pathOf(details) })}`);
      ctx.status = 303;
      return;
    }
    const token = formToken(details, viewer);
    if (ctx.method !== "POST") return ask(ctx, provider, details, viewer, token);
    const form = new URLSearchParams(await readText(ctx));
    if (!sameOrigin(ctx, origin)) return show(ctx, oauthProblemPage(403, ELSEWHERE));
    // Another account has signed in since, or it is an old page: ask anew.
    if (!equal(form.get("token") ?? "", token)) return ask(ctx, provider, details, viewer, token);
    const result = await answer(options, details, viewer, ctx.get(CLIENT), form.get("answer") === "allow");
    const next = await provider.interactionResult(ctx.req, ctx.res, result, {
      mergeWithLastSubmission: false,
    });
    await show(ctx, answeredPage(next));
  };
}

async function find(provider: Provider, ctx: Context): Promise<Details | undefined> {
  const details = await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined);
  return details !== undefined && ctx.path === `/interaction/${details.uid}` ? details : undefined;
}

const pathOf = (details: Details) => `/oauth/interaction/${details.uid}`;

async function ask(
  ctx: Context,
  provider: Provider,
  details: Details,
  viewer: Viewer,
  token: string,
): Promise<void> {
  const { params, deviceCode } = details;
  const { client_id, redirect_uri, scope } = params;
  const client = await provider.Client.find(String(client_id));
  if (client === undefined) return show(ctx, oauthProblemPage(400, EXPIRED));
  const device = deviceCode === undefined ? undefined : await provider.DeviceCode.find(deviceCode);
  const page = consentPage({
    username: viewer.username,
    name: nameOf(client),
    registered: client.clientIdIssuedAt !== undefined,
    target: typeof redirect_uri === "string" ? toTarget(redirect_uri) : undefined,
    userCode: device?.userCode?.replace(/^(.{4})/, "$1-"),
    wishes: toWishes(knownScopes(typeof scope === "string" ? scope : undefined)),
    action: pathOf(details),
    token,
  });
  await show(ctx, page);
}

/** What becomes of the request; with a yes, the grant is stored. */
async function answer(
  { provider, resource, audit }: InteractionOptions,
  { params }: Details,
  viewer: Viewer,
  address: string,
  yes: boolean,
): Promise<InteractionResults> {
  const scope = typeof params.scope === "string" ? params.scope : undefined;
  const scopes = knownScopes(scope);
  if (!yes) return { error: "access_denied", error_description: "The user refused" };
  if (scopes.length === 0) return { error: "invalid_scope", error_description: NO_SCOPE };
  const grant = new provider.Grant({ accountId: viewer.userId, clientId: String(params.client_id) });
  // One that may be told: it is how the user takes the grant back.
  grant.jti = Bun.randomUUIDv7();
  grant.addOIDCScope(scopes.join(" "));
  grant.addResourceScope(resource, apiScopes(scope).join(" "));
  const grantId = await grant.save();
  const detail = { client: grant.clientId, scopes };
  await audit.record({ userId: viewer.userId, action: "grant.create", subject: grantId, detail, address });
  return {
    login: { accountId: viewer.userId, remember: false, ts: signedInAt(viewer) },
    consent: { grantId },
  };
}

/** In seconds, as identity tokens tell it. */
function signedInAt(viewer: Viewer): number {
  return Math.floor((viewer.signedInAt ?? Date.now()) / 1000);
}

/** Browsers say from which page a form was sent; what they say is not the page's to choose. */
function sameOrigin(ctx: Context, origin: string): boolean {
  const [from, site] = [ctx.get("origin"), ctx.get("sec-fetch-site")];
  return (from === "" || from === origin) && (site === "" || site === "same-origin");
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Its own name for itself, on one line and not endless. */
function nameOf(client: Client): string {
  const name = (client.clientName ?? "").replace(/[\p{C}\s]+/gu, " ").trim();
  return name.slice(0, 100) || client.clientId;
}

function toTarget(redirectUri: string): string {
  const { protocol, hostname, host } = new URL(redirectUri);
  if (protocol !== "http:" && protocol !== "https:") return `a program on this computer (${protocol})`;
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? "a program on this computer" : host;
}

async function readText(ctx: Context): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of ctx.req) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
