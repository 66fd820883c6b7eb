import { html, page } from "../pages/pages.ts";
import { ask, field, redirect, returnPath, signedIn, withCookies } from "./forms.ts";
import { fieldRow, hidden, problemNote } from "./parts.ts";
import type { Context, Handler, Visit } from "./types.ts";

const HOME = "/";

/** `GET /auth/sign-in` */
export const showSignIn: Handler = async (visit, context) => {
  if ((await signedIn(visit, context)) !== undefined) return redirect(returnPath(visit, HOME));
  return signInPage(visit, context);
};

/** `POST /auth/sign-in` */
export const signIn: Handler = async (visit, context) => {
  const name = field(visit, "name").trim();
  const password = field(visit, "password");
  const answer = name.includes("@")
    ? await ask(visit, context, "/sign-in/email", { email: name, password })
    : await ask(visit, context, "/sign-in/username", { username: name.replace(/^@/, ""), password });
  if (answer.ok) return redirect(returnPath(visit, HOME), answer.headers.getSetCookie());
  if (answer.status === 429) {
    const wait = answer.headers.get("x-retry-after") ?? "10";
    return signInPage(
      visit,
      context,
      429,
      `Too many attempts from your network. Try again in ${wait} seconds.`,
      wait,
    );
  }
  if (answer.status === 403 || answer.status === 503) {
    const { message } = (await answer.json()) as { message: string };
    return signInPage(visit, context, answer.status, message);
  }
  return signInPage(visit, context, 401, "No account has this name and password.");
};

function signInPage(
  visit: Visit,
  { signUp }: Context,
  status = 200,
  problem?: string,
  wait?: string,
): Response {
  const path = returnPath(visit, "");
  const more = path === "" ? "" : `?${new URLSearchParams({ next: path })}`;
  const body = html`<div class="narrow">
<h1>Sign in</h1>
${problemNote(problem)}
<form method="post" action="/auth/sign-in">
${hidden("next", path)}
${fieldRow({ name: "name", label: "Username or e-mail", value: field(visit, "name"), autocomplete: "username webauthn", first: true })}
${fieldRow({ name: "password", label: "Password", type: "password", autocomplete: "current-password" })}
<button class="wide">Sign in</button>
</form>
<button class="wide plain" id="passkey-sign-in" data-next="${path === "" ? HOME : path}" hidden>Sign in with a passkey</button>
<p class="problem" id="passkey-problem" role="alert" hidden></p>
<p class="small"><a href="/auth/forgot">Forgot your password?</a></p>
${signUp === "open" && html`<p class="small">New here? <a href="/auth/sign-up${more}">Make an account</a></p>`}
${signUp === "invite" && html`<p class="small quiet">Accounts are made with an invitation from the operator of this town.</p>`}
</div>`;
  const headers = new Headers(wait === undefined ? {} : { "retry-after": wait });
  return page({ title: "Sign in", body, status, headers, scripts: ["passkey.js"] });
}

/** `GET /auth/sign-out` */
export const showSignOut: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  if (session === undefined) return redirect("/auth/sign-in");
  const body = html`<div class="narrow">
<h1>Sign out</h1>
<p>You are signed in as ${session.user.username}.</p>
<form method="post" action="/auth/sign-out"><button class="wide">Sign out</button></form>
</div>`;
  const headers = withCookies(new Headers(), session.cookies);
  return page({ title: "Sign out", body, headers, username: session.user.username });
};

/** `POST /auth/sign-out` */
export const signOut: Handler = async (visit, context) => {
  const answer = await ask(visit, context, "/sign-out", {});
  return redirect("/", answer.headers.getSetCookie());
};
