/** The files of a val as answers to requests. `std/utils/serve-file.ts` */

import { fetchTranspiledJavaScript, readFile } from "./files.ts";
import { encodePath, entrypoint, parseVal } from "./val-url.ts";

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  htm: "text/html; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json; charset=utf-8",
  jsx: "text/javascript",
  map: "application/json; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  mjs: "text/javascript",
  svg: "image/svg+xml",
  ts: "text/javascript",
  tsx: "text/javascript",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  xml: "application/xml; charset=utf-8",
};
const TRANSPILED = /\.(ts|tsx|jsx)$/i;
const PREFIX = "/__immutable/";
const ONE_YEAR = 31_536_000;

/**
 * The media type that a file of this name is served with; TypeScript counts as what it becomes.
 *
 * @example
 * ```ts
 * import { getContentType } from "https://esm.town/v/std/utils/index.ts";
 *
 * console.log(getContentType("index.html")); // → "text/html; charset=utf-8"
 * console.log(getContentType("script.ts")); // → "text/javascript"
 * console.log(getContentType("data.json")); // → "application/json; charset=utf-8"
 * ```
 */
export function getContentType(path: string): string {
  return TYPES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? "text/plain; charset=utf-8";
}

/**
 * A file of this val as a response with the right type; TypeScript and JSX come as JavaScript.
 *
 * @example
 * ```ts
 * import { serveFile } from "https://esm.town/v/std/utils/index.ts";
 *
 * const page = await serveFile("/pages/index.html");
 * console.log(page.headers.get("content-type")); // → "text/html; charset=utf-8"
 * const script = await serveFile("/pages/app.tsx");
 * console.log(script.headers.get("content-type")); // → "text/javascript"
 * ```
 */
export async function serveFile(path: string, metaImportUrl: string = entrypoint()): Promise<Response> {
  const headers = { "content-type": getContentType(path) };
  if (!TRANSPILED.test(path)) return new Response(await readFile(path, metaImportUrl), { headers });
  return new Response(await fetchTranspiledJavaScript(moduleOf(path, metaImportUrl)), { headers });
}

/**
 * A handler that serves the files of this val by their paths, and `/index.html` at `/`.
 *
 * @example
 * ```ts
 * import { staticHTTPServer } from "https://esm.town/v/std/utils/index.ts";
 *
 * const server = staticHTTPServer();
 * const answer = await server(new Request("https://example.com/pages/index.html"));
 * console.log(answer.headers.get("content-type")); // → "text/html; charset=utf-8"
 * ```
 */
export function staticHTTPServer(importMetaURL: string = entrypoint()): (req: Request) => Promise<Response> {
  return async (req) => {
    const path = decodeURIComponent(new URL(req.url).pathname);
    return await serveFile(path === "/" ? "/index.html" : path, importMetaURL);
  };
}

/**
 * The path of a file that changes with each version of this val, for `serveImmutableFile` to answer.
 *
 * @example
 * ```ts
 * import { immutableFileUrl, parseVal } from "https://esm.town/v/std/utils/index.ts";
 *
 * const { version } = parseVal();
 * console.log(immutableFileUrl("/pages/app.tsx") === `/__immutable/${version}/pages/app.tsx`); // → true
 * ```
 */
export function immutableFileUrl(path: string, metaImportUrl: string = entrypoint()): string {
  return `${PREFIX}${parseVal(metaImportUrl).version ?? 0}/${encodePath(path)}`;
}

/**
 * Answers `/__immutable/{version}/{path}` with a file that browsers may keep; another version is not found, and a bare
 * path is sent to its versioned one.
 *
 * @example
 * ```ts
 * import { immutableFileUrl, serveImmutableFile } from "https://esm.town/v/std/utils/index.ts";
 *
 * const answer = await serveImmutableFile(immutableFileUrl("/pages/app.tsx"));
 * console.log(answer.headers.get("cache-control")); // → "public, max-age=31536000, immutable"
 * console.log((await serveImmutableFile("/__immutable/0/pages/app.tsx")).status); // → 404
 * console.log((await serveImmutableFile("/pages/app.tsx")).status); // → 302
 * ```
 */
export async function serveImmutableFile(
  path: string,
  metaImportUrl: string = entrypoint(),
): Promise<Response> {
  const [, version, file] = /^\/__immutable\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (!file)
    return new Response(null, { status: 302, headers: { location: immutableFileUrl(path, metaImportUrl) } });
  if (version !== `${parseVal(metaImportUrl).version ?? 0}`) {
    return new Response("This version is not served any more.\n", { status: 404 });
  }
  const response = await serveFile(file, metaImportUrl);
  response.headers.set("cache-control", `public, max-age=${ONE_YEAR}, immutable`);
  return response;
}

/** The URL of a file beside the module at `metaImportUrl`, of the same version and branch. */
function moduleOf(path: string, metaImportUrl: string): string {
  const { username, name, version, branch } = parseVal(metaImportUrl);
  const at = [
    ...(version === undefined ? [] : [version]),
    ...(version === undefined && branch === "main" ? [] : [branch]),
  ];
  const val = `${encodeURIComponent(username)}/${encodeURIComponent(name)}`;
  const pin = at.length > 0 ? `@${encodeURIComponent(at.join("-"))}` : "";
  return new URL(`/v/${val}${pin}/${encodePath(path)}`, metaImportUrl).href;
}
