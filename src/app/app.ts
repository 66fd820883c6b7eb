/** What does the browser's half of the town come in? The page with its policy, and the files that it loads. */

import type { Log } from "../log.ts";
import { html, page } from "../pages/pages.ts";
import type { Store } from "../store/store.ts";
import type { TownAddress } from "../val/address.ts";
import type { Viewer } from "../wire/pages.ts";
import { CALL_PATH, type CallOptions, createCaller } from "./call.ts";
import { createCards } from "./card.ts";
import { renderDocument } from "./document.ts";
import { renderEmbed } from "./embed.ts";
import { loadBuild } from "./files.ts";
import { answerOembed } from "./oembed.ts";

export interface AppOptions {
  /** Where the build is: `dist/web`. */
  readonly folder: string;
  readonly store: Store;
  readonly town: TownAddress;
  readonly signUp: "open" | "invite" | "closed";
  readonly log?: Log;
  /** Who is signed in on the browser that sends these cookies to the app's own host. */
  viewer(cookie: string): Promise<Viewer | undefined>;
  /** How its pages call endpoints. */
  readonly calls: Omit<CallOptions, "store">;
}

export interface App {
  /** Whether it answers a path of the app's own host. */
  owns(path: string): boolean;
  fetch(request: Request): Promise<Response>;
  close(): void;
}

const PAGES =
  /^\/(?:$|(?:x|v|u|orgs|docs|settings|admin|embed|card)(?:\/|$)|(?:search|new|oembed|embed\.js)$|_app\/|_call\/)/;

/** Make it. Without a build its pages say how to make one; everything else of the town works. */
export function createApp(options: AppOptions): App {
  const build = loadBuild(options.folder);
  const callEndpoint = createCaller({ ...options.calls, store: options.store });
  const cards = createCards(options);
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith(CALL_PATH)) return callEndpoint(request);
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response("Method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
    if (pathname.startsWith("/_app/")) return build?.file(request) ?? notFound();
    if (pathname === "/oembed") return answerOembed(request, options);
    if (pathname.startsWith("/card/")) return cards.fetch(request);
    if (build === undefined) return notBuilt();
    if (pathname === "/embed.js") return build.script("embed.js") ?? notFound();
    if (pathname.startsWith("/embed/")) return renderEmbed(request, build, options);
    if (pathname.startsWith("/v/"))
      return new Response(null, { status: 308, headers: { location: `/x/${pathname.slice(3)}${search}` } });
    return renderDocument(request, build, options);
  };
  return {
    owns: (path) => PAGES.test(path),
    fetch: (request) =>
      answer(request).catch((error: unknown) => {
        options.log?.error("A page of the web app failed.", { error });
        return failed();
      }),
    close: () => cards.close(),
  };
}

function failed(): Response {
  const body = html`<h1>Something broke</h1><p>Hamlet itself failed. Try again, or tell the operator.</p>`;
  return page({ title: "Something broke", body, status: 500 });
}

function notFound(): Response {
  return new Response("There is no such file.\n", { status: 404 });
}

function notBuilt(): Response {
  const body = html`<h1>The web app is not built</h1>
<p>Run <code>npm run build</code> in Hamlet's folder, then load this page again. Endpoints and the API work without it.</p>`;
  return page({ title: "Not built", body, status: 503 });
}
