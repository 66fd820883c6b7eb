/** Who lives in this town, and how do they prove it? Pages of accounts, and better-auth behind `/api/auth/…`. */

import type { KnownSession, Viewer } from "../auth/auth.ts";
import { assetResponse, html, page } from "../pages/pages.ts";
import type { User } from "../store/store.ts";
import { appUrl } from "../val/address.ts";
import { CLIENT } from "../wire/headers.ts";
import { askEngine, MAX_BODY, readBody, redirect, withBody } from "./forms.ts";
import { LETTERS, lettersTo, sendVerification } from "./letters.ts";
import { createWindows } from "./limits.ts";
import { forgot, reset, showForgot, showReset, showVerify, showWelcome, verify, welcome } from "./links.ts";
import { hasSecureCookies, isForeign, isOwnHost } from "./origin.ts";
import { changePassword, showPassword } from "./password.ts";
import { showSignIn, showSignOut, signIn, signOut } from "./sign-in.ts";
import { showSignUp, signUp } from "./sign-up.ts";
import type { AccountsOptions, Context, Engine, Handler, Visit } from "./types.ts";

export { hasSecureCookies } from "./origin.ts";
export type { AccountsOptions, SignUp } from "./types.ts";

export interface Accounts {
  /** Answers `/auth/…`, `/api/auth/…` and `/assets/…` on the app's own host. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** The session that the cookie of a request belongs to, if it came to the app's own host. */
  session(request: Request): Promise<KnownSession | undefined>;
  /** Who is signed in on the browser that sent these cookies to the app's own host. */
  viewer(cookie: string): Promise<Viewer | undefined>;
  /** Whether another site's page may have made this request. */
  isForeign(request: Request): boolean;
  /** Sends a letter that confirms an address; false when there were too many. */
  confirmEmail(user: User, email: string): Promise<boolean>;
  /** Letters under way end. */
  close(): Promise<void>;
}

/** What of better-auth is reached from outside; people are made, and their passwords set, by our own pages. */
const ENGINE_PATHS = [
  "/sign-in/username",
  "/sign-in/email",
  "/sign-out",
  "/get-session",
  "/passkey/generate-register-options",
  "/passkey/verify-registration",
  "/passkey/generate-authenticate-options",
  "/passkey/verify-authentication",
];

const PAGES: Readonly<Record<string, { readonly GET?: Handler; readonly POST?: Handler }>> = {
  "/auth/sign-in": { GET: showSignIn, POST: signIn },
  "/auth/sign-up": { GET: showSignUp, POST: signUp },
  "/auth/sign-out": { GET: showSignOut, POST: signOut },
  "/auth/forgot": { GET: showForgot, POST: forgot },
  "/auth/reset": { GET: showReset, POST: reset },
  "/auth/verify": { GET: showVerify, POST: verify },
  "/auth/welcome": { GET: showWelcome, POST: welcome },
  "/auth/password": { GET: showPassword, POST: changePassword },
  // Where accounts were looked after before there was a web app: links to it are about.
  "/auth/settings": { GET: async () => redirect("/settings") },
};

/** Make it; better-auth's tables must be there. It comes itself with the first visitor who needs it: it is large. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { store, town, secret, log } = options;
  if (!hasSecureCookies(town)) {
    log?.warn(
      `Sign-in cookies travel unprotected: the app is at ${town.scheme}//${town.domain}. Put it behind https and name its address with --public-url.`,
    );
  }
  const limits = createWindows();
  let loading: Promise<Engine> | undefined;
  const load = async () =>
    (await import("./engine.ts")).createEngine({ store, town, secret, limits, ...(log && { log }) });
  const engine = () => (loading ??= load());
  const working = new Set<Promise<unknown>>();
  const context: Context = {
    ...options,
    engine,
    limits,
    background(work) {
      const done = work
        .catch((error: unknown) => log?.error("A letter could not be written.", { error }))
        .finally(() => working.delete(done));
      working.add(done);
    },
  };
  return {
    fetch: (request) =>
      answer(request, context).catch((error: unknown) => {
        log?.error("A page of accounts failed.", { error });
        return plainPage(500, "Something broke", "Hamlet itself failed. Try again, or tell the operator.");
      }),
    async session(request) {
      if (!isOwnHost(request, town)) return undefined;
      const { api } = await engine();
      const known = await api.getSession({
        headers: request.headers,
        query: { disableRefresh: true },
      });
      if (known === null) return undefined;
      const { id, userId, createdAt } = known.session;
      return { id, userId, createdAt: new Date(createdAt).getTime(), sameOrigin: !isForeign(request, town) };
    },
    async viewer(cookie) {
      const viewer = await options.auth.identifyRequest(new Request(appUrl(town), { headers: { cookie } }));
      return typeof viewer === "string" ? undefined : viewer;
    },
    isForeign: (request) => isForeign(request, town),
    async confirmEmail(user, email) {
      const { allowed } = await limits.consume(lettersTo(user.id), LETTERS);
      if (allowed) context.background(sendVerification(context, user, email));
      return allowed;
    },
    async close() {
      await Promise.all(working);
    },
  };
}

async function answer(request: Request, context: Context): Promise<Response> {
  const url = new URL(request.url);
  const { pathname } = url;
  if (pathname.startsWith("/assets/")) {
    return assetResponse(pathname) ?? plainPage(404, "Not found", "There is no such file.");
  }
  const isPage = !pathname.startsWith("/api/");
  const refuse = (status: number, title: string, text: string) =>
    isPage ? plainPage(status, title, text) : Response.json({ message: text }, { status });
  const changes = request.method !== "GET" && request.method !== "HEAD";
  if (changes && isForeign(request, context.town))
    return refuse(403, "Refused", "This request was sent by a page that is not Hamlet's own.");
  const body = changes ? await readBody(request) : "";
  if (body === undefined) return refuse(413, "Too large", `At most ${MAX_BODY} bytes are read.`);
  const engine = pathname.slice("/api/auth".length);
  if (!isPage && !ENGINE_PATHS.includes(engine)) return refuse(404, "Not found", "Not found");
  if (!isPage) return askEngine(withBody(request, body), engine, body, context);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const handler = PAGES[pathname]?.[method as "GET" | "POST"];
  if (handler === undefined) return refuse(404, "Not found", "There is no such page.");
  const address = request.headers.get(CLIENT) ?? "";
  const visit: Visit = { request, url, address, form: new URLSearchParams(body) };
  return handler(visit, context);
}

function plainPage(status: number, title: string, text: string): Response {
  const body = html`<div class="narrow"><h1>${title}</h1><p>${text}</p><p><a href="/">Home</a></p></div>`;
  return page({ title, body, status });
}
