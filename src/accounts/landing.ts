import { html, page } from "../pages/pages.ts";
import { endpointUrl, nameLabel } from "../val/address.ts";
import { signedIn, withCookies } from "./forms.ts";
import { originOf } from "./origin.ts";
import type { Handler } from "./types.ts";

/** `GET /`: what this is, until the web app comes. */
export const landing: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  const origin = originOf(visit.request, context.town);
  const source = "export default () => Response.json({ now: new Date() })";
  const file = { path: "main.ts", type: "http", content: source };
  const json = `{ "name": "greet", "privacy": "public",
  "files": [${JSON.stringify(file)}] }`;
  const call = endpointUrl(
    context.town,
    (session && nameLabel(session.user.username, "greet")) ?? "NAME-greet",
  );
  const body = html`<h1>A town for small programs</h1>
<p>Save a TypeScript function, and it is a live endpoint that streams both ways. Such a program is called a val.</p>
<p>${
    session === undefined
      ? html`<a class="button" href="/auth/sign-in">Sign in</a>`
      : html`<a class="button" href="/auth/settings">Your account</a>`
  } <a class="button plain" href="/documentation">The API</a></p>
<h2>First steps</h2>
<p>${session === undefined ? "Sign in, make" : "Make"} a token in <a href="/auth/settings#tokens">your settings</a>, put it into your shell as <code>TOKEN=…</code>, and save a function with it:</p>
<pre><code>curl ${origin}/api/v2/vals -H "authorization: Bearer $TOKEN" \\
  --json '${json}'</code></pre>
<p>It is live at once at <code>${call}</code>${session === undefined && ", with your own name in it"}. Val Town's own SDK and command line work with this town too.</p>`;
  const headers = withCookies(new Headers(), session?.cookies ?? []);
  return page({ title: "A town for small programs", body, headers, username: session?.user.username });
};
