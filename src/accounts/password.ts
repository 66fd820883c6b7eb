/** `/auth/password`: another password for who is signed in. The web app's settings send their form here. */

import {
  hashPassword,
  PASSWORD_LENGTH,
  PasswordsBusyError,
  passwordProblem,
  verifyPassword,
} from "../auth/auth.ts";
import { html, page } from "../pages/pages.ts";
import { field, redirect, signedIn, signInNow, tooOften, withCookies } from "./forms.ts";
import { fieldRow, problemNote } from "./parts.ts";
import type { Context, Handler, SignedIn, Visit } from "./types.ts";

const GUESSES = { window: 10, max: 3 };
const SIGN_IN = "/auth/sign-in?next=/auth/password";
/** Where one comes from, and is told that it is done. */
const DONE = "/settings/sign-in?done=password";

/** `GET /auth/password` */
export const showPassword: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  return session === undefined ? redirect(SIGN_IN) : passwordPage(session);
};

/** `POST /auth/password` */
export const changePassword: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  if (session === undefined) return redirect(SIGN_IN);
  const { user } = session;
  const { accounts, audit } = context.store;
  const password = field(visit, "password");
  const problem = passwordProblem(password) ?? (await guessProblem(visit, context, user.id));
  if (problem !== undefined) return passwordPage(session, 400, problem);
  try {
    const hash = await hashPassword(password);
    await audit.record({ userId: user.id, action: "password.change", address: visit.address });
    await accounts.setPassword(user.id, hash);
  } catch (error) {
    if (error instanceof PasswordsBusyError) return passwordPage(session, 503, error.message);
    throw error;
  }
  // All sessions have ended, so that who has stolen one is out; this browser gets a new one.
  return signInNow(visit, context, { username: user.username, password }, DONE);
};

/** Why what was typed is not the user's present password, as a sentence. */
async function guessProblem(visit: Visit, context: Context, userId: string): Promise<string | undefined> {
  const wait = await tooOften(visit, context, "password", GUESSES);
  if (wait !== undefined) return `Too many attempts. Try again in ${wait} seconds.`;
  const hash = await context.store.accounts.passwordHash(userId);
  if (hash !== undefined && (await verifyPassword(field(visit, "current"), hash))) return undefined;
  return "That is not your password.";
}

function passwordPage({ user, cookies }: SignedIn, status = 200, problem?: string): Response {
  const body = html`<div class="narrow">
<h1>Change your password</h1>
${problemNote(problem)}
<form method="post" action="/auth/password">
<input type="text" name="username" value="${user.username}" autocomplete="username" hidden>
${fieldRow({ name: "current", label: "Current password", type: "password", autocomplete: "current-password", first: true })}
${fieldRow({ name: "password", label: "New password", hint: `at least ${PASSWORD_LENGTH.least} characters`, type: "password", autocomplete: "new-password" })}
<button class="wide">Change the password</button>
</form>
<p class="small quiet">Ends all your sessions but this one. Tokens stay.</p>
<p class="small"><a href="/settings/sign-in">Back to the settings</a></p>
</div>`;
  const headers = withCookies(new Headers(), cookies);
  return page({ title: "Change your password", body, status, headers, username: user.username });
}
