import { PASSWORD_LENGTH } from "../auth/auth.ts";
import { type Html, html, page } from "../pages/pages.ts";
import { describeGrant } from "../store/oauth-grant.ts";
import type { Invite, OAuthGrant, Passkey, Session, Token, User } from "../store/store.ts";
import { OAUTH_SCOPES, SCOPES } from "../val/scope.ts";
import { toWishes } from "../val/wishes.ts";
import { withCookies } from "./forms.ts";
import { actionButton, day, fieldRow, problemNote } from "./parts.ts";
import type { Context, SignedIn, SignUp } from "./types.ts";

const PARTS = {
  profile: "Profile",
  password: "Password",
  passkeys: "Passkeys",
  sessions: "Sessions",
  tokens: "Tokens",
  apps: "Apps",
  invitations: "Invitations",
  delete: "Delete the account",
} as const;

/** What an action has to say. */
export interface Notice {
  readonly problem?: string;
  readonly note?: string;
  /** Shown to be copied. */
  readonly code?: string;
}

/** The page, with what was done above it. */
export async function settingsPage(
  { store, signUp }: Context,
  session: SignedIn,
  notice: Notice = {},
): Promise<Response> {
  const user = (await store.users.find(session.user.id)) ?? session.user;
  const { sessions, invites } = store.accounts;
  const [passkeys, open, tokens, grants] = await Promise.all([
    sessions.passkeys(user.id),
    sessions.list(user.id),
    store.tokens.listByUser(user.id),
    store.oauth.grants(user.id),
  ]);
  const invited = user.admin ? (await invites.list({ limit: 50, offset: 0 })).rows : undefined;
  const body = html`<h1>${user.username}</h1>
${problemNote(notice.problem)}
${notice.note !== undefined && noticeBox(notice.note, notice.code)}
<p><a href="/auth/sign-out">Sign out</a></p>
${contents(invited !== undefined)}
${profilePart(user)}
${passwordPart(user)}
${passkeyPart(user, passkeys)}
${sessionPart(open, session.sessionId)}
${tokenPart(tokens)}
${appPart(grants)}
${invited !== undefined && invitePart(invited, signUp)}
${deletePart()}`;
  const status = notice.problem === undefined ? 200 : 400;
  const headers = withCookies(new Headers(), session.cookies);
  return page({ title: "Settings", body, status, headers, username: user.username, scripts: ["passkey.js"] });
}

/** The page is long: what there is on it. */
function contents(isOperator: boolean): Html {
  const parts = Object.entries(PARTS).filter(([id]) => id !== "invitations" || isOperator);
  return html`<nav class="contents" aria-label="On this page">${parts.map(
    ([id, title]) => html`<a href="#${id}">${title}</a> `,
  )}</nav>`;
}

function heading(id: keyof typeof PARTS): Html {
  return html`<h2 id="${id}">${PARTS[id]}</h2>`;
}

function noticeBox(note: string, code: string | undefined): Html {
  return html`<div class="note" role="status">${note}${code !== undefined && html`<br><code>${code}</code>`}</div>`;
}

function profilePart(user: User): Html {
  return html`${heading("profile")}
<form method="post" action="/auth/settings/profile">
<label>About you <span class="quiet">anyone can read it</span>
<textarea name="bio" rows="3" maxlength="500">${user.bio ?? ""}</textarea></label>
<button>Save</button>
</form>
<form method="post" action="/auth/settings/email">
${fieldRow({ name: "email", label: "E-mail", hint: "only you see it; a new one is confirmed by a letter", type: "email", value: user.email ?? "", autocomplete: "email", optional: true })}
<button>Change the address</button>
</form>`;
}

function passwordPart(user: User): Html {
  return html`${heading("password")}
<form method="post" action="/auth/settings/password">
<input type="text" name="username" value="${user.username}" autocomplete="username" hidden>
${fieldRow({ name: "current", label: "Current password", type: "password", autocomplete: "current-password" })}
${fieldRow({ name: "password", label: "New password", hint: `at least ${PASSWORD_LENGTH.least} characters`, type: "password", autocomplete: "new-password" })}
<button>Change the password</button>
<p class="small quiet">Ends all your sessions but this one. Tokens stay.</p>
</form>`;
}

function passkeyPart(user: User, passkeys: readonly Passkey[]): Html {
  const rows = passkeys.map(
    ({ id, name, createdAt }) =>
      html`<li><span>${name || "Passkey"}${
        createdAt !== undefined && html` <span class="detail">since ${day(createdAt)}</span>`
      }</span>${actionButton("/auth/settings/passkey", { id }, "Remove")}</li>`,
  );
  return html`${heading("passkeys")}
<p class="quiet">Sign in with your device's lock instead of a password.</p>
${rows.length > 0 && html`<ul class="rows">${rows}</ul>`}
<label>Name of the new key <span class="quiet">such as: my phone</span>
<input id="passkey-name" maxlength="60" autocomplete="off"></label>
<button id="passkey-add" data-username="${user.username}" hidden>Add a passkey</button>
<p class="problem" id="passkey-problem" role="alert" hidden></p>
<noscript><p class="quiet small">Passkeys need JavaScript.</p></noscript>`;
}

function sessionPart(sessions: readonly Session[], current: string): Html {
  const rows = sessions.map(
    ({ id, agent, address, createdAt }) =>
      html`<li><span>${browserOf(agent)} <span class="detail">${
        address !== undefined && html`${address}, `
      }since ${day(createdAt)}</span></span>${
        id === current
          ? html`<span class="quiet">this one</span>`
          : actionButton("/auth/settings/session", { id }, "End")
      }</li>`,
  );
  return html`${heading("sessions")}
<ul class="rows">${rows}</ul>
${sessions.length > 1 && actionButton("/auth/settings/sessions", {}, "End all others")}`;
}

/** The name that a browser goes by, from what it says of itself. */
function browserOf(agent = ""): string {
  const browser =
    /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1] ?? (agent.split(/[\s/]/)[0] || "Unknown");
  const system = /(iPhone|iPad|Android|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const name = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system.replace("Mac OS X", "macOS")}`;
}

function tokenPart(tokens: readonly Token[]): Html {
  const rows = tokens.map(
    ({ id, label, scopes, usedAt, expiresAt }) =>
      html`<li><span>${label || "Token"} <span class="detail">${
        usedAt === undefined ? "never used" : `last used ${day(usedAt)}`
      }${expiresAt !== undefined && `, ${expiresAt < Date.now() ? "expired" : "expires"} ${day(expiresAt)}`}<br>${
        scopes.length === SCOPES.length ? "may do everything" : scopes.join(", ")
      }</span></span>${actionButton("/auth/settings/token/revoke", { id }, "Revoke")}</li>`,
  );
  const boxes = SCOPES.map(
    (scope) =>
      html`<label class="check"><input type="checkbox" name="scope" value="${scope}" checked> ${scope}</label>`,
  );
  return html`${heading("tokens")}
<p class="quiet">For programs that work in your name: the command line, scripts, other tools.</p>
${rows.length > 0 && html`<ul class="rows">${rows}</ul>`}
<form method="post" action="/auth/settings/token">
${fieldRow({ name: "label", label: "Name of the new token", maxLength: 100 })}
<fieldset><legend>What it may do</legend>${boxes}</fieldset>
<label>Expires <select name="days">
<option value="30">in 30 days</option><option value="90" selected>in 90 days</option>
<option value="365">in a year</option><option value="0">never</option>
</select></label>
<button>Make a token</button>
</form>`;
}

function appPart(grants: readonly OAuthGrant[]): Html {
  const rows = grants.map((grant) => {
    const { name, scopes } = describeGrant(grant);
    const wishes = toWishes(OAUTH_SCOPES.filter((scope) => scopes.includes(scope)));
    return html`<li><span>${name ?? grant.clientId} <span class="detail">since ${day(grant.createdAt)}<br>may ${
      wishes.length === 0 ? "know who you are" : wishes.join("; ")
    }</span></span>${actionButton("/auth/settings/app/revoke", { id: grant.id }, "Revoke")}</li>`;
  });
  return html`${heading("apps")}
<p class="quiet">What you allowed to use your account. Each has the name that it gave itself.</p>
${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="quiet">None.</p>`}`;
}

/** Whom an invitation lets in, as the operator has chosen. */
const INVITING: Readonly<Record<SignUp, string>> = {
  invite: "You run this town: whom you give such a link can make an account.",
  open: "You run this town. Anyone can make an account here, with or without an invitation.",
  closed: "You run this town. It takes no new accounts, not even with an invitation: --sign-up is closed.",
};

function invitePart(invites: readonly Invite[], signUp: SignUp): Html {
  const usable = invites.filter(({ uses, maxUses, expiresAt }) => uses < maxUses && expiresAt > Date.now());
  const rows = usable.map(
    ({ id, email, uses, maxUses, expiresAt }) =>
      html`<li><span>${email ?? "For anyone"} <span class="detail">used ${
        uses
      } of ${maxUses}, until ${day(expiresAt)}</span></span>${actionButton("/auth/settings/invite/remove", { id }, "Withdraw")}</li>`,
  );
  return html`${heading("invitations")}
<p class="quiet">${INVITING[signUp]}</p>
${rows.length > 0 && html`<ul class="rows">${rows}</ul>`}
<form method="post" action="/auth/settings/invite">
${fieldRow({ name: "email", label: "For one address only", hint: "if you like", type: "email", optional: true })}
${fieldRow({ name: "uses", label: "Accounts it is good for", type: "number", value: "1" })}
<button>Make an invitation</button>
</form>`;
}

function deletePart(): Html {
  return html`${heading("delete")}
<p class="quiet">Removes all that is yours: vals with their endpoints, blobs, databases, tokens. This cannot be undone.</p>
<form method="post" action="/auth/settings/delete">
${fieldRow({ name: "password", label: "Your password", type: "password", autocomplete: "current-password" })}
<button class="danger">Delete my account</button>
</form>`;
}
