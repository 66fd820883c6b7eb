/** `/auth/settings`: one's account. The page, and what its forms do. */

import { hashPassword, PasswordsBusyError, passwordProblem, verifyPassword } from "../auth/auth.ts";
import { isAddress } from "../services/email-mail.ts";
import { StoreError } from "../store/store.ts";
import { SCOPES } from "../val/scope.ts";
import { field, redirect, signedIn, signInNow, tooOften } from "./forms.ts";
import { LETTERS, lettersTo, sendVerification } from "./letters.ts";
import { originOf } from "./origin.ts";
import { type Notice, settingsPage } from "./settings-page.ts";
import type { Context, Handler, SignedIn, Visit } from "./types.ts";

const HOME = "/auth/settings";
const DAY = 24 * 60 * 60 * 1000;
const GUESSES = { window: 10, max: 3 };
const MAX_BIO = 500;
const MAX_LABEL = 100;

/** `GET /auth/settings` */
export const showSettings: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  if (session === undefined) return redirect(`/auth/sign-in?return_to=${encodeURIComponent(HOME)}`);
  return settingsPage(context, session);
};

type Action = (visit: Visit, context: Context, session: SignedIn) => Promise<Notice | Response | undefined>;

/** An action of the page; what it has to say is shown above the page, else the page is loaded anew. */
function action(work: Action): Handler {
  return async (visit, context) => {
    const session = await signedIn(visit, context);
    if (session === undefined) return redirect(`/auth/sign-in?return_to=${encodeURIComponent(HOME)}`);
    try {
      const done = await work(visit, context, session);
      if (done instanceof Response) return done;
      if (done === undefined) return redirect(HOME, session.cookies);
      return settingsPage(context, session, done);
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof PasswordsBusyError)) throw error;
      return settingsPage(context, session, { problem: error.message });
    }
  };
}

const saveProfile: Action = async (visit, { store }, { user }) => {
  const bio = field(visit, "bio").trim();
  if (bio.length > MAX_BIO) return { problem: `About you: at most ${MAX_BIO} characters.` };
  await store.users.change(user.id, { bio: bio === "" ? null : bio });
  return { note: "Saved." };
};

const changeEmail: Action = async (visit, context, { user }) => {
  const email = field(visit, "email").trim();
  if (email === (user.email ?? "")) return undefined;
  if (email === "") {
    await context.store.accounts.setEmail(user.id, null);
    return {
      note: "The address is gone. Without one, only the operator can help with a forgotten password.",
    };
  }
  if (!isAddress(email)) return { problem: `${email} is no e-mail address.` };
  const { allowed } = await context.limits.consume(lettersTo(user.id), LETTERS);
  if (!allowed) return { problem: "Too many letters in a short time. Try again later." };
  context.background(sendVerification(context, originOf(visit.request, context.town), user, email));
  const where =
    context.email?.hasRelay === true
      ? "is on its way there"
      : "is in the server's log, for this town sends no mail: ask its operator for it";
  return { note: `A link to confirm ${email} ${where}. Until then nothing changes.` };
};

const changePassword: Action = async (visit, context, { user }) => {
  const password = field(visit, "password");
  const problem = passwordProblem(password);
  if (problem !== undefined) return { problem };
  const wrong = await passwordMistake(visit, context, user.id, field(visit, "current"));
  if (wrong !== undefined) return { problem: wrong };
  await context.store.audit.record({ userId: user.id, action: "password.change", address: visit.address });
  await context.store.accounts.setPassword(user.id, await hashPassword(password));
  // All sessions have ended, so that who has stolen one is out; this browser gets a new one.
  return signInNow(visit, context, { username: user.username, password }, HOME);
};

/** Why this is not the user's password, as a sentence. */
async function passwordMistake(
  visit: Visit,
  context: Context,
  userId: string,
  password: string,
): Promise<string | undefined> {
  const wait = await tooOften(visit, context, "password", GUESSES);
  if (wait !== undefined) return `Too many attempts. Try again in ${wait} seconds.`;
  const hash = await context.store.accounts.passwordHash(userId);
  if (hash !== undefined && (await verifyPassword(password, hash))) return undefined;
  return "That is not your password.";
}

const endSession: Action = async (visit, { store }, { user }) => {
  const id = field(visit, "id");
  if (await store.accounts.sessions.end(user.id, id))
    await store.audit.record({ userId: user.id, action: "session.end", subject: id, address: visit.address });
  return undefined;
};

const endSessions: Action = async (visit, { store }, { user, sessionId }) => {
  await store.accounts.sessions.endAll(user.id, sessionId);
  await store.audit.record({ userId: user.id, action: "session.end_others", address: visit.address });
  return undefined;
};

const removePasskey: Action = async (visit, { store }, { user }) => {
  const id = field(visit, "id");
  if (await store.accounts.sessions.removePasskey(user.id, id))
    await store.audit.record({
      userId: user.id,
      action: "passkey.remove",
      subject: id,
      address: visit.address,
    });
  return undefined;
};

const createToken: Action = async (visit, { store }, { user }) => {
  const label = field(visit, "label").trim().slice(0, MAX_LABEL);
  const scopes = SCOPES.filter((scope) => visit.form.getAll("scope").includes(scope));
  if (scopes.length === 0) return { problem: "Choose at least one thing that the token may do." };
  const days = Number(field(visit, "days"));
  const expiresAt = days > 0 && days <= 3660 ? Date.now() + days * DAY : undefined;
  const { id, token } = await store.tokens.create({ userId: user.id, label, scopes, expiresAt });
  const detail = { label, scopes };
  await store.audit.record({
    userId: user.id,
    action: "token.create",
    subject: id,
    detail,
    address: visit.address,
  });
  return { note: "The new token. It is shown only now:", code: token };
};

const revokeToken: Action = async (visit, { store, auth }, { user }) => {
  const id = field(visit, "id");
  const own = (await store.tokens.listByUser(user.id)).some((token) => token.id === id);
  if (own && (await auth.revoke(id)))
    await store.audit.record({
      userId: user.id,
      action: "token.revoke",
      subject: id,
      address: visit.address,
    });
  return undefined;
};

const revokeApp: Action = async (visit, { store, auth }, { user }) => {
  const id = field(visit, "id");
  const existed = await store.oauth.revokeOf(user.id, id);
  auth.forgetGrant(id);
  if (existed)
    await store.audit.record({
      userId: user.id,
      action: "grant.revoke",
      subject: id,
      address: visit.address,
    });
  return undefined;
};

const invite: Action = async (visit, { store, town }, { user }) => {
  if (!user.admin) return { problem: "Only the operator invites people." };
  const [email, uses] = [field(visit, "email").trim(), Number(field(visit, "uses") || "1")];
  if (email !== "" && !isAddress(email)) return { problem: `${email} is no e-mail address.` };
  if (!Number.isInteger(uses) || uses < 1 || uses > 1000)
    return { problem: "An invitation is good for 1 to 1000 accounts." };
  const maxUses = email === "" ? uses : 1;
  const { id, secret } = await store.accounts.invites.create({
    createdBy: user.id,
    maxUses,
    expiresAt: Date.now() + 7 * DAY,
    ...(email !== "" && { email }),
  });
  await store.audit.record({ userId: user.id, action: "invite.create", subject: id, address: visit.address });
  const code = `${originOf(visit.request, town)}/auth/sign-up?invite=${secret}`;
  return { note: "The invitation, good for 7 days. It is shown only now:", code };
};

const removeInvite: Action = async (visit, { store }, { user }) => {
  if (!user.admin) return { problem: "Only the operator invites people." };
  const id = field(visit, "id");
  if (await store.accounts.invites.remove(id))
    await store.audit.record({
      userId: user.id,
      action: "invite.remove",
      subject: id,
      address: visit.address,
    });
  return undefined;
};

const deleteAccount: Action = async (visit, context, { user }) => {
  const wrong = await passwordMistake(visit, context, user.id, field(visit, "password"));
  if (wrong !== undefined) return { problem: wrong };
  await context.removal.account(user);
  const detail = { username: user.username };
  await context.store.audit.record({ userId: user.id, action: "account.delete", detail });
  return redirect("/");
};

/** What the page's forms do, by path. */
export const SETTINGS_ACTIONS: Readonly<Record<string, Handler>> = {
  "/auth/settings/profile": action(saveProfile),
  "/auth/settings/email": action(changeEmail),
  "/auth/settings/password": action(changePassword),
  "/auth/settings/session": action(endSession),
  "/auth/settings/sessions": action(endSessions),
  "/auth/settings/passkey": action(removePasskey),
  "/auth/settings/token": action(createToken),
  "/auth/settings/token/revoke": action(revokeToken),
  "/auth/settings/app/revoke": action(revokeApp),
  "/auth/settings/invite": action(invite),
  "/auth/settings/invite/remove": action(removeInvite),
  "/auth/settings/delete": action(deleteAccount),
};
