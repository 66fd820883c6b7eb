import { type AssetName, assetPath } from "./assets.ts";
import { type Html, html } from "./html.ts";

/** A whole page. */
export interface PageOptions {
  /** Without the town's name. */
  readonly title: string;
  readonly body: Html;
  /** 200 when missing. */
  readonly status?: number;
  readonly headers?: Headers;
  /** Script files of ours that it loads. */
  readonly scripts?: readonly Extract<AssetName, `${string}.js`>[];
  /** Names of who is signed in, shown at the top. */
  readonly username?: string;
  /** Origins, beside our own, that an answer to one of its forms may lead to. */
  readonly formTargets?: readonly string[];
}

/**
 * What our pages may load and do: nothing from elsewhere, nothing inline, and nobody may frame them. Browsers hold
 * `form-action` against redirects too, hence `formTargets`.
 */
export function contentSecurityPolicy(formTargets: readonly string[] = []): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    ["form-action 'self'", ...formTargets].join(" "),
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Headers of every page: its policy, no guess at its type, no address of it told to others, no copy of it kept. */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy(formTargets),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
  };
}

/** The town's mark, as in the web app: two roofs, in a square of 22. */
export const MARK_PATH = "M2 12 8 5l6 7M4 11v8h8v-8M12 8l3-3 5 6M18 10v9h-3";
const MARK = html`<svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><path d="${MARK_PATH}"/></svg>`;

/** A page of the town, as an answer. */
export function page(options: PageOptions): Response {
  const { title, body, status = 200, scripts = [], username, formTargets } = options;
  const headers = new Headers(options.headers);
  for (const [name, value] of Object.entries(pageHeaders(formTargets))) headers.set(name, value);
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · Hamlet</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${assetPath("icon.svg")}">
<link rel="stylesheet" href="${assetPath("style.css")}">
<script src="${assetPath("theme.js")}"></script>
${scripts.map((name) => html`<script type="module" src="${assetPath(name)}"></script>`)}
</head>
<body>
<header class="top">
<a class="town" href="/">${MARK} Hamlet</a>
${username !== undefined && html`<a href="/settings">${username}</a>`}
</header>
<main>
${body}
</main>
</body>
</html>
`;
  return new Response(document.toString(), { status, headers });
}
