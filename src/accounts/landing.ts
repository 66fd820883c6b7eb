import { html, page } from "../pages/pages.ts";
import { signedIn, withCookies } from "./forms.ts";
import { originOf } from "./origin.ts";
import type { Handler } from "./types.ts";

/** `GET /`: what this is, until the web app comes. */
export const landing: Handler = async (visit, context) => {
  const session = await signedIn(visit, context);
  const origin = originOf(visit.request, context.town);
  const source = "export default () => Response.json({ now: new Date() })";
  const file = { path: "main.ts", type: "http", content: source };
  const json = JSON.stringify({ name: "greet", privacy: "public", files: [file] });
  const body = html`<h1>A town for small programs</h1>
<p>Save a TypeScript function, and it is a live endpoint that streams both ways. Such a program is called a val.</p>
<p>${
    session === undefined
      ? html`<a class="button" href="/auth/sign-in">Sign in</a>`
      : html`<a class="button" href="/auth/settings">Your account</a>`
  } <a class="button plain" href="/documentation">The API</a></p>
<h2>First steps</h2>
<p>Sign in, make a token in your settings, and save a function with it:</p>
<pre><code>curl ${origin}/api/v2/vals -H "authorization: Bearer $TOKEN" \\
  --json '${json}'</code></pre>
<p>The answer to <code>GET /v2/vals/{id}/files?path=&amp;recursive=true</code> tells its address. The ways of Val Town's own tools work here too: its SDK and its command line find this town by its address.</p>`;
  const headers = withCookies(new Headers(), session?.cookies ?? []);
  return page({ title: "A town for small programs", body, headers, username: session?.user.username });
};
