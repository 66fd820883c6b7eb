/** What the server has written into the page: who looks at it, and where the town's hosts are. */

import type { Boot } from "../../wire/pages.ts";

export type { Viewer } from "../../wire/pages.ts";

/** Read once; a sign-in or sign-out loads the page anew. */
export const boot: Boot = JSON.parse(document.getElementById("boot")?.textContent ?? "null");

/** For the style elements of libraries: the page's policy allows those that carry it. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
// Dialogs stop the page's scrolling with a style element of their library's, which looks for the nonce by this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** Where to sign in and come back to this page. */
export function signInPath(): string {
  return `/auth/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
}
