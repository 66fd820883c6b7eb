/** The page that the web app comes in: what it may load and do, and what it finds in it. */

import { randomBytes } from "node:crypto";
import type { Val } from "../store/store.ts";
import { appUrl, endpointUrl, type TownAddress } from "../val/address.ts";
import type { Boot } from "../wire/pages.ts";
import type { AppOptions } from "./app.ts";
import type { Build } from "./files.ts";
import { unfolding } from "./oembed.ts";
import { findShared } from "./shared.ts";

const THEME = /(?:^|;\s*)hamlet-theme=(light|dark)(?:;|$)/;

/** The app's page, the same for every address: what it shows is decided in the browser. */
export async function renderDocument(request: Request, build: Build, options: AppOptions): Promise<Response> {
  const { town, signUp } = options;
  const cookie = request.headers.get("cookie") ?? "";
  const path = new URL(request.url).pathname;
  const [viewer, val] = await Promise.all([
    cookie === "" ? undefined : options.viewer(cookie),
    shownVal(path, options),
  ]);
  const boot: Boot = { viewer: viewer ?? null, town: describe(town, signUp) };
  const nonce = randomBytes(16).toString("base64");
  const head = [
    `<meta name="csp-nonce" content="${nonce}">`,
    `<script type="application/json" id="boot">${toJson(boot)}</script>`,
    ...preloads(path, build),
    ...(val === undefined ? [] : [unfolding(town, val)]),
  ].join("\n");
  const theme = THEME.exec(cookie)?.[1];
  const text = build
    .html("app")
    .replace("<!--head-->", () => head)
    .replace(
      "<title>Hamlet</title>",
      val ? `<title>${val.username}/${val.name} · Hamlet</title>` : "<title>Hamlet</title>",
    )
    .replace('<html lang="en">', theme ? `<html lang="en" data-theme="${theme}">` : '<html lang="en">');
  return new Response(text, { headers: documentHeaders(town, nonce) });
}

/** Which parts of the app a page is made of, by the beginning of its path; the first that fits. */
const PARTS: readonly [path: RegExp, parts: readonly string[]][] = [
  [/^\/$/, ["pages/front/front.tsx"]],
  [/^\/x\/[^/]+\/[^/]+(?:\/?$|\/code\/|\/branch\/)/, ["pages/val/val.tsx", "pages/val/code.tsx"]],
  [/^\/x\//, ["pages/val/val.tsx"]],
  [/^\/u\//, ["pages/people/person.tsx"]],
  [/^\/search/, ["pages/search/search.tsx"]],
  [/^\/new/, ["pages/new/new.tsx"]],
  [/^\/docs/, ["pages/docs/docs.tsx"]],
];

/** The browser loads them beside the first script, not after it. */
function preloads(path: string, build: Build): string[] {
  const parts = PARTS.find(([pattern]) => pattern.test(path))?.[1] ?? [];
  const files = new Set(parts.flatMap((part) => build.needs(part)));
  return [...files].map((file) =>
    file.endsWith(".css")
      ? `<link rel="stylesheet" href="${file}">`
      : `<link rel="modulepreload" href="${file}">`,
  );
}

/** The val whose page is at this path, if anyone may read it: a page says nothing of others. */
async function shownVal(path: string, { store }: AppOptions): Promise<Val | undefined> {
  const [, user, name] = /^\/x\/([\w-]+)\/([\w-]+)(?:\/|$)/.exec(path) ?? [];
  return user === undefined || name === undefined ? undefined : findShared(store, user, name);
}

/** Headers of the app's page. Nothing but what is the town's own is loaded, endpoints in frames included. */
function documentHeaders(town: TownAddress, nonce: string): Record<string, string> {
  const endpoints = endpointUrl(town, "*");
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    // Editors and dialogs make their styles while they run, each with the nonce.
    `style-src 'self' 'nonce-${nonce}'`,
    // Endpoints' WebSockets are tried by hand.
    `connect-src 'self' ${endpoints.replace(/^http/, "ws")}`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-src ${endpoints}`,
    "frame-ancestors 'none'",
  ].join("; ");
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
  };
}

function describe(town: TownAddress, signUp: AppOptions["signUp"]): Boot["town"] {
  return {
    origin: appUrl(town),
    webSuffix: `.${town.webDomain}${town.port}`,
    moduleOrigin: `${town.scheme}//esm.${town.domain}${town.port}`,
    mailDomain: town.mailDomain,
    signUp,
  };
}

/** JSON that cannot end the element which it stands in. */
export function toJson(value: object): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
