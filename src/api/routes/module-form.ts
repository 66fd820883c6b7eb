/** In which form a file leaves the module host: as it was written, or as JavaScript. */

const TYPES: Readonly<Record<string, string>> = {
  ts: "application/typescript",
  mts: "application/typescript",
  cts: "application/typescript",
  tsx: "text/tsx",
  jsx: "text/jsx",
  js: "text/javascript",
  mjs: "text/javascript",
  cjs: "text/javascript",
  json: "application/json",
  css: "text/css",
  md: "text/markdown",
  csv: "text/csv",
  svg: "image/svg+xml",
  xml: "application/xml",
  webmanifest: "application/manifest+json",
};
const MODULE = /\.[cm]?[jt]sx?$/;

/** Whether a file is a module by its extension. */
export function isModule(path: string): boolean {
  return MODULE.test(path);
}

/** `source`: as it was written. `text`: the same, for a person to read. `javascript`: for what runs JavaScript only. */
export type Form = "source" | "text" | "javascript";

/**
 * Which form a request wants. As on Val Town, modules are transpiled unless Deno asks or `Accept` names `text/html` or
 * `text/tsx` (https://docs.val.town/guides/interop); a browser that navigates names the first and is shown the source.
 */
export function formFor(path: string, headers: Headers): Form {
  const accept = headers.get("accept") ?? "";
  if (/\btext\/html\b/i.test(accept)) return "text";
  if (!isModule(path) || /\btext\/tsx\b/i.test(accept)) return "source";
  return /^Deno\//.test(headers.get("user-agent") ?? "") ? "source" : "javascript";
}

/**
 * The content type of a file in this form. A val's HTML is text here: this host is the town's, and its pages could
 * set cookies for the app.
 */
export function contentTypeOf(path: string, form: Form): string {
  if (form === "javascript") return "text/javascript; charset=utf-8";
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const type = form === "text" && isModule(path) ? "text/plain" : (TYPES[extension] ?? "text/plain");
  return `${type}; charset=utf-8`;
}

/** Imports that only Deno and the town understand, as prefixes, and what a browser can fetch instead. */
export const BROWSER_IMPORTS: Readonly<Record<string, string>> = {
  "npm:": "https://esm.sh/",
  "npm:/": "https://esm.sh/",
  "jsr:": "https://esm.sh/jsr/",
  "jsr:/": "https://esm.sh/jsr/",
  // From the root of whatever host the importing module came from: that is this town's module host.
  "https://esm.town/v/": "/v/",
};
