/** What pages with forms need: the body, better-auth asked in the visitor's name, where to go afterwards. */

import { html, page } from "../pages/pages.ts";
import { networkOf } from "../services/network.ts";
import { CLIENT } from "../wire/headers.ts";
import { guessOf } from "./guesses.ts";
import type { Rule } from "./limits.ts";
import { ownPath } from "./origin.ts";
import type { Context, SignedIn, Visit } from "./types.ts";

const SIGNS_IN = /^\/sign-in\/|^\/passkey\/verify-authentication$/;
/** Longest body of a form or of a request to better-auth. */
export const MAX_BODY = 64 * 1024;

/** The body, if it is not too long; read no further than that. */
export async function readBody(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The same request with a body that was read, or without one. */
export function withBody(request: Request, body: string | undefined): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  headers.delete("transfer-encoding");
  const { method, url } = request;
  return new Request(url, { method, headers, ...(method !== "GET" && method !== "HEAD" && { body }) });
}

/** Asks better-auth as the visitor's browser would: with its cookies, its address and its limits. */
export function ask(visit: Visit, context: Context, path: string, body: object): Promise<Response> {
  const headers = headersFor(visit);
  headers.set("content-type", "application/json");
  const url = new URL(`/api/auth${path}`, visit.url).href;
  const text = JSON.stringify(body);
  return askEngine(new Request(url, { method: "POST", headers, body: text }), path, text, context);
}

/** Has better-auth answer; those who failed to sign in are on record, and may not try as often as they like. */
export async function askEngine(
  request: Request,
  path: string,
  body: string,
  context: Context,
): Promise<Response> {
  const { engine, store } = context;
  const guess = SIGNS_IN.test(path) ? await guessOf(request, body, context) : undefined;
  const locked = guess === undefined ? 0 : await guess.wait();
  if (locked > 0) {
    const headers = { "x-retry-after": String(locked), "retry-after": String(locked) };
    return Response.json({ message: "Too many attempts. Try again later." }, { status: 429, headers });
  }
  const response = await (await engine()).handler(request);
  const wait = response.headers.get("x-retry-after");
  if (wait !== null) response.headers.set("retry-after", wait);
  if (response.status === 401 && guess !== undefined) {
    const { userId, name, address } = guess;
    await guess.failed();
    await store.audit.record({ userId, action: "session.fail", detail: { path, name }, address });
  }
  return response;
}

/** What better-auth must know of the visitor. */
export function headersFor({ request }: Visit): Headers {
  const headers = new Headers();
  for (const name of ["cookie", "origin", "sec-fetch-site", "user-agent", CLIENT]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** Who is signed in. On a page the session is renewed too, which may bring cookies. */
export async function signedIn(visit: Visit, { engine, store }: Context): Promise<SignedIn | undefined> {
  if (!visit.request.headers.has("cookie")) return undefined;
  const { api } = await engine();
  const { headers, response } = await api.getSession({
    headers: headersFor(visit),
    returnHeaders: true,
  });
  const user = response === null ? undefined : await store.users.find(response.user.id);
  if (response === null || user?.suspendedAt !== null) return undefined;
  return { user, cookies: headers.getSetCookie() };
}

/** Signs somebody in whose password was just set. */
export async function signInNow(
  visit: Visit,
  context: Context,
  who: { username: string; password: string },
  path: string,
): Promise<Response> {
  const headers = headersFor(visit);
  const { api } = await context.engine();
  const answer = await api.signInUsername({ body: who, headers, asResponse: true });
  if (!answer.ok) return redirect("/auth/sign-in");
  return redirect(path, answer.headers.getSetCookie());
}

/** To another page of ours, after a form. */
export function redirect(path: string, cookies: readonly string[] = []): Response {
  // Browsers hold `form-action` against all redirects of a form, and an app that asked for access lies elsewhere.
  if (path.startsWith("/oauth/")) return forward(path, cookies);
  return new Response(null, { status: 303, headers: withCookies(new Headers({ location: path }), cookies) });
}

function forward(path: string, cookies: readonly string[]): Response {
  const body = html`<p><a href="${path}">Go on</a></p>`;
  const headers = withCookies(new Headers({ refresh: `0; url=${path}` }), cookies);
  return page({ title: "Go on", body, headers });
}

export function withCookies(headers: Headers, cookies: readonly string[]): Headers {
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return headers;
}

/** A field as it was typed; the empty string when it is missing. */
export function field({ form }: Visit, name: string): string {
  return form.get(name) ?? "";
}

/** Where to go afterwards, from the form or the address. */
export function returnPath(visit: Visit, fallback: string): string {
  return ownPath(visit.form.get("next") ?? visit.url.searchParams.get("next"), fallback);
}

/** Seconds to wait, when the visitor's address has done this too often. */
export async function tooOften(
  { address }: Visit,
  { limits }: Context,
  what: string,
  rule: Rule,
): Promise<number | undefined> {
  const { allowed, retryAfter } = await limits.consume(`${networkOf(address)}|${what}`, rule);
  return allowed ? undefined : (retryAfter ?? rule.window);
}
