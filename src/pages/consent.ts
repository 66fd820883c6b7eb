/** The pages on which a person allows an app something. Names and addresses of an app are its own claim. */

import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

export interface ConsentOptions {
  readonly username: string;
  /** What the app calls itself. */
  readonly name: string;
  /** Whether anyone could have registered it under this name. */
  readonly registered: boolean;
  /** Where the answer goes: a host, or what kind of link. */
  readonly target: string | undefined;
  /** The code that a device shows, when one is signed in. */
  readonly userCode: string | undefined;
  /** What it asks for, in plain words. */
  readonly wishes: readonly string[];
  /** Where the form leads. */
  readonly action: string;
  readonly token: string;
}

/** Shall this app be allowed what it asks for? */
export function consentPage(options: ConsentOptions): Response {
  const { username, name, registered, target, userCode, wishes, action, token } = options;
  const body = html`<h1>Allow ${name} to use your account?</h1>
${target !== undefined && html`<p>It asks from <strong>${target}</strong>.</p>`}
${userCode !== undefined && html`<p>A device that shows the code <strong>${userCode}</strong> asks for it. Go on only if it is yours.</p>`}
<p>You are <strong>${username}</strong>. The app would be able to:</p>
<ul>${wishes.map((wish) => html`<li>${wish}</li>`)}</ul>
${registered && html`<p class="quiet small">Anyone can register an app, under any name. Allow it only if you have just come from it.</p>`}
<form class="late" method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<button name="answer" value="allow">Allow</button>
<button class="plain" name="answer" value="refuse">Refuse</button>
</form>
<p class="quiet small">You can take it back at any time, in <a href="/settings/apps">your settings</a>.</p>`;
  return page({ title: "Allow an app", body, username });
}

/**
 * The answer was taken; the browser goes on to `next`. Not as a redirect: browsers hold the form's policy against all
 * redirects that follow, and the app's own address is not known to it.
 */
export function answeredPage(next: string): Response {
  const body = html`<h1>One moment</h1><p><a href="${next}">Go on</a></p>`;
  return page({ title: "One moment", body, headers: new Headers({ refresh: `0; url=${next}` }) });
}

/** Something about an app's request that cannot be answered to the app. */
export function oauthProblemPage(status: number, problem: string): Response {
  return notePage(status, "This did not work", html`<p class="problem" role="alert">${problem}</p>`);
}

export interface DevicePageOptions {
  /** Where the form leads. */
  readonly action: string;
  readonly token: string;
  /** The code, when a link brought it. */
  readonly userCode?: string | undefined;
  /** What was wrong with the last one. */
  readonly problem?: string | undefined;
}

/** Enter the code that a device shows, or see whether it is the same. */
export function devicePage({ action, token, userCode, problem }: DevicePageOptions): Response {
  const given = userCode !== undefined && problem === undefined;
  const body = html`<div class="narrow">
<h1>${given ? "Is this the code on your device?" : "Sign in a device"}</h1>
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
${!given && problem === undefined && html`<p>A program on another device, such as a command line, shows you a code. Enter it here.</p>`}
<form class="late" method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<label>Code <input name="user_code" value="${userCode}" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="40"></label>
${given && html`<p class="quiet small">Go on only if you started this yourself and your device shows this very code.</p>`}
<button name="confirm" value="yes">${given ? "Yes, go on" : "Go on"}</button>
${given && html`<button class="plain" name="abort" value="yes">No</button>`}
</form>
</div>`;
  return page({ title: "Sign in a device", body });
}

/** The device has what it asked for, or was refused it. */
export function deviceDonePage(allowed: boolean, name: string): Response {
  const [title, text] = allowed
    ? ["Done", html`<p>${name} is signed in. You can close this page and go back to your device.</p>`]
    : ["Refused", html`<p>Nothing was allowed. You can close this page.</p>`];
  return notePage(200, title, text);
}

function notePage(status: number, title: string, text: Html): Response {
  return page({ title, status, body: html`<h1>${title}</h1>${text}` });
}
