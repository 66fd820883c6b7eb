import { hashPassword, PASSWORD_LENGTH, PasswordsBusyError, passwordProblem } from "../auth/auth.ts";
import { html, page } from "../pages/pages.ts";
import { isAddress } from "../services/email-mail.ts";
import { type Invite, StoreError } from "../store/store.ts";
import { MAX_USERNAME, usernameProblem } from "../val/name.ts";
import { field, redirect, returnPath, signedIn, signInNow, tooOften } from "./forms.ts";
import { sendVerification } from "./letters.ts";
import { fieldRow, hidden, problemNote } from "./parts.ts";
import type { Context, Handler, Visit } from "./types.ts";

const LIMIT = { window: 60, max: 5 };

/** `GET /auth/sign-up`, with `?invite=` */
export const showSignUp: Handler = async (visit, context) => {
  if ((await signedIn(visit, context)) !== undefined) return redirect(returnPath(visit, "/"));
  const ticket = await admission(visit, context);
  return typeof ticket === "string" ? refusal(ticket) : signUpPage(visit, ticket);
};

/** `POST /auth/sign-up` */
export const signUp: Handler = async (visit, context) => {
  const ticket = await admission(visit, context);
  if (typeof ticket === "string") return refusal(ticket);
  const wait = await tooOften(visit, context, "sign-up", LIMIT);
  if (wait !== undefined)
    return signUpPage(visit, ticket, 429, `Too many attempts. Try again in ${wait} seconds.`);
  const username = field(visit, "username").trim();
  const password = field(visit, "password");
  const email = field(visit, "email").trim();
  const problem = usernameProblem(username) ?? passwordProblem(password) ?? addressProblem(email);
  if (problem !== undefined) return signUpPage(visit, ticket, 400, problem);
  try {
    const invite = ticket.secret;
    const user = await context.store.accounts.signUp({
      username,
      passwordHash: await hashPassword(password),
      ...(invite !== undefined && { invite }),
    });
    await context.store.audit.record({ userId: user.id, action: "account.create", address: visit.address });
    if (email !== "" && user.email === null) context.background(sendVerification(context, user, email));
  } catch (error) {
    if (error instanceof PasswordsBusyError) return signUpPage(visit, ticket, 503, error.message);
    if (error instanceof StoreError) return signUpPage(visit, ticket, 409, error.message);
    throw error;
  }
  return signInNow(visit, context, { username, password }, returnPath(visit, "/"));
};

interface Ticket {
  /** Of the invitation. */
  readonly secret?: string;
  readonly invite?: Invite;
}

/** By what somebody may make an account, or why not. */
async function admission(visit: Visit, { signUp, store }: Context): Promise<Ticket | string> {
  if (signUp === "closed") return "This town takes no new accounts.";
  const secret = visit.form.get("invite") || visit.url.searchParams.get("invite");
  const invite = secret ? await store.accounts.invites.find(secret) : undefined;
  if (secret && invite !== undefined) return { secret, invite };
  if (signUp === "open" && !secret) return {};
  return secret
    ? "This invitation has expired or was used. Ask for another one."
    : "Accounts are made with an invitation. Ask the operator of this town for one.";
}

function addressProblem(email: string): string | undefined {
  return email === "" || isAddress(email) ? undefined : `${email} is no e-mail address.`;
}

function refusal(why: string): Response {
  const body = html`<div class="narrow"><h1>No account yet</h1><p>${why}</p>
<p><a href="/auth/sign-in">Sign in</a></p></div>`;
  return page({ title: "No account yet", body, status: 403 });
}

function signUpPage(visit: Visit, { secret, invite }: Ticket, status = 200, problem?: string): Response {
  const path = returnPath(visit, "");
  const more = path === "" ? "" : `?${new URLSearchParams({ next: path })}`;
  const bound = invite?.email;
  const body = html`<div class="narrow">
<h1>Make an account</h1>
${problemNote(problem)}
<form method="post" action="/auth/sign-up">
${hidden("next", path)}
${secret !== undefined && hidden("invite", secret)}
${fieldRow({ name: "username", label: "Username", hint: "is part of the addresses of your vals", value: field(visit, "username"), autocomplete: "username", maxLength: MAX_USERNAME, first: true })}
${
  bound === undefined
    ? fieldRow({
        name: "email",
        label: "E-mail",
        hint: "if you like, for a forgotten password",
        type: "email",
        value: field(visit, "email"),
        autocomplete: "email",
        optional: true,
      })
    : html`<p class="quiet">Your e-mail address is ${bound}.</p>`
}
${fieldRow({ name: "password", label: "Password", hint: `at least ${PASSWORD_LENGTH.least} characters`, type: "password", autocomplete: "new-password" })}
<button class="wide">Make the account</button>
</form>
<p class="small">You have one? <a href="/auth/sign-in${more}">Sign in</a></p>
</div>`;
  return page({ title: "Make an account", body, status });
}
