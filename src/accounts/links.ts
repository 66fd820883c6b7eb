/** The pages that links in letters lead to, and the one where such a letter is asked for. */

import { hashPassword, PASSWORD_LENGTH, PasswordsBusyError, passwordProblem } from "../auth/auth.ts";
import { type Html, html, page } from "../pages/pages.ts";
import { StoreError } from "../store/store.ts";
import { field, redirect, signInNow, tooOften } from "./forms.ts";
import { LETTERS, lettersTo, sendPasswordLink } from "./letters.ts";
import { fieldRow, hidden, problemNote } from "./parts.ts";
import type { Context, Handler, Visit } from "./types.ts";

const ASKING = { window: 60, max: 3 };
const BAD_LINK = "This link has expired or was used. Ask for another one.";

/** `GET /auth/forgot` */
export const showForgot: Handler = async () => forgotPage();

/** `POST /auth/forgot`: answered the same whether there is such an account or not. */
export const forgot: Handler = async (visit, context) => {
  const wait = await tooOften(visit, context, "forgot", ASKING);
  if (wait !== undefined) return forgotPage(429, `Too many attempts. Try again in ${wait} seconds.`);
  context.background(remind(visit, context, field(visit, "name").trim().replace(/^@/, "")));
  const sendsMail = context.email?.hasRelay === true;
  const title = sendsMail ? "Look for a letter" : "Ask the operator";
  const body = html`<div class="narrow"><h1>${title}</h1>
${
  sendsMail
    ? html`<p>If there is such an account and it has a confirmed e-mail address, a link that sets a new password is on its way there.</p>
<p class="quiet">Without an address, the operator of this town can make such a link for you.</p>`
    : html`<p>This town sends no mail. If there is such an account, its operator has a link for you now that sets a new password.</p>`
}
<p><a href="/auth/sign-in">Sign in</a></p></div>`;
  return page({ title, body });
};

async function remind(visit: Visit, context: Context, name: string): Promise<void> {
  const { store, limits } = context;
  const user = name.includes("@")
    ? await store.accounts.findByEmail(name)
    : await store.users.findByName(name);
  if (user?.type !== "user" || user.suspendedAt !== null) return;
  if (!(await limits.consume(lettersTo(user.id), LETTERS)).allowed) return;
  await store.audit.record({ userId: user.id, action: "password.ask", address: visit.address });
  await sendPasswordLink(context, user);
}

function forgotPage(status = 200, problem?: string): Response {
  const body = html`<div class="narrow">
<h1>Set a new password</h1>
${problemNote(problem)}
<form method="post" action="/auth/forgot">
${fieldRow({ name: "name", label: "Username or e-mail", autocomplete: "username", first: true })}
<button class="wide">Send me a link</button>
</form>
<p class="small"><a href="/auth/sign-in">Sign in</a></p>
</div>`;
  return page({ title: "Set a new password", body, status });
}

/** What a page that sets a password says, and where one is afterwards. */
interface Occasion {
  readonly path: string;
  readonly title: string;
  about(username: string): Html;
  readonly button: string;
  readonly next: string;
  /** Where to get another link. */
  readonly again: string;
  readonly badLink: string;
}

const RESET: Occasion = {
  path: "/auth/reset",
  title: "Set a password",
  about: (username) => html`<p>For the account ${username}.</p>`,
  button: "Set the password and sign in",
  next: "/",
  again: "/auth/forgot",
  badLink: BAD_LINK,
};

/** The link that a first start prints. A username stands in the addresses of all vals and so is not changed. */
const WELCOME: Occasion = {
  path: "/auth/welcome",
  title: "Welcome to your town",
  about: (
    username,
  ) => html`<p>You run it. Your name here is <strong>${username}</strong>: it begins the addresses of your vals, and stays.
Others get accounts by invitation, and so can you, under another name.</p>
<p>Choose a password. Then you make your first val.</p>`,
  button: "Set the password and go on",
  next: "/new?template=streaming",
  again: "/auth/sign-in",
  badLink:
    "This link has expired or was used. Sign in with the password that was set, or print another link: npx hamlet user password me",
};

/** `GET /auth/reset?token=` */
export const showReset: Handler = (visit, context) => passwordPage(visit, context, RESET);
/** `POST /auth/reset` */
export const reset: Handler = (visit, context) => usePassword(visit, context, RESET);
/** `GET /auth/welcome?token=` */
export const showWelcome: Handler = (visit, context) => passwordPage(visit, context, WELCOME);
/** `POST /auth/welcome` */
export const welcome: Handler = (visit, context) => usePassword(visit, context, WELCOME);

async function usePassword(visit: Visit, context: Context, occasion: Occasion): Promise<Response> {
  const { accounts, audit } = context.store;
  const [token, password] = [field(visit, "token"), field(visit, "password")];
  const link = await accounts.findLink("password", token);
  const problem = passwordProblem(password);
  const again = (status: number, why?: string) => passwordPage(visit, context, occasion, status, why);
  if (link === undefined || problem !== undefined) return again(400, problem);
  try {
    await accounts.usePasswordLink(token, await hashPassword(password));
  } catch (error) {
    if (error instanceof PasswordsBusyError) return again(503, error.message);
    if (error instanceof StoreError) return again(409, error.message);
    throw error;
  }
  await audit.record({ userId: link.userId, action: "password.reset", address: visit.address });
  return signInNow(visit, context, { username: link.username, password }, occasion.next);
}

async function passwordPage(
  visit: Visit,
  { store }: Context,
  { path, title, about, button, again, badLink: why }: Occasion,
  status = 200,
  problem?: string,
): Promise<Response> {
  const token = field(visit, "token") || (visit.url.searchParams.get("token") ?? "");
  const link = await store.accounts.findLink("password", token);
  if (link === undefined) return badLink(again, why);
  const body = html`<div class="narrow">
<h1>${title}</h1>
${about(link.username)}
${problemNote(problem)}
<form method="post" action="${path}">
${hidden("token", token)}
<input type="text" name="username" value="${link.username}" autocomplete="username" hidden>
${fieldRow({ name: "password", label: "New password", hint: `at least ${PASSWORD_LENGTH.least} characters`, type: "password", autocomplete: "new-password", first: true })}
<button class="wide">${button}</button>
</form>
</div>`;
  return page({ title, body, status });
}

/** `GET /auth/verify?token=`: programs that look at links in mails must not use them up. */
export const showVerify: Handler = async (visit, { store }) => {
  const token = visit.url.searchParams.get("token") ?? "";
  const link = await store.accounts.findLink("email", token);
  if (link === undefined) return badLink("/settings/profile");
  const body = html`<div class="narrow">
<h1>Confirm your e-mail address</h1>
<p>${link.email} is to be the address of the account ${link.username}.</p>
<form method="post" action="/auth/verify">${hidden("token", token)}<button class="wide">Confirm</button></form>
</div>`;
  return page({ title: "Confirm your e-mail address", body });
};

/** `POST /auth/verify` */
export const verify: Handler = async (visit, { store }) => {
  try {
    const { userId, email } = await store.accounts.useEmailLink(field(visit, "token"));
    await store.audit.record({ userId, action: "email.verify", subject: email, address: visit.address });
    return redirect("/settings/profile?done=email");
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return badLink("/settings/profile", error.message);
  }
};

function badLink(again: string, why = BAD_LINK): Response {
  const body = html`<div class="narrow"><h1>This did not work</h1><p>${why}</p>
<p><a href="${again}">Go on</a></p></div>`;
  return page({ title: "This did not work", body, status: 400 });
}
