/** `/documentation`: Scalar over the API's own description, all of it served by us. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Context } from "hono";
import type { App, Env } from "./app.ts";
import { ApiError } from "./problem.ts";

/** A script that the page loads. */
interface Script {
  readonly plain: string;
  readonly br: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

interface Scripts {
  readonly byName: ReadonlyMap<string, Script>;
  /** In the order in which the page loads them. */
  readonly names: readonly string[];
}

/** Nothing of Scalar's own services: no fonts, no telemetry, no proxy, no assistant, no account. */
const START = `const app = document.getElementById("app");
Scalar.createApiReference(app, {
  url: app.dataset.url,
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: "",
  agent: { disabled: true, hideAddApi: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  persistAuth: false,
  documentDownloadType: "json",
});
`;

/** Scalar sets styles from its script, some of them without a nonce; no other page of ours may. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Not part of the contract: a page for people. */
export function addDocumentation(app: App): void {
  let scripts: Promise<Scripts> | undefined;
  const load = () => {
    // Five megabytes of text, which most towns never need.
    scripts ??= loadScripts().catch((error: unknown) => {
      scripts = undefined;
      throw error;
    });
    return scripts;
  };
  app.byHand(page("/documentation", "/documentation"), async (c) => {
    return c.body(renderPage(await load(), documentPath(c)), 200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "cache-control": "no-cache",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
  });
  app.byHand(page("/documentation/{file}", "/documentation/:file"), async (c) => {
    const script = (await load()).byName.get(c.req.param("file") ?? "");
    if (script === undefined) throw new ApiError(404, `Route GET:${c.req.path} not found`);
    return sendScript(c, script);
  });
}

const page = (row: string, path: string) =>
  ({ row: { method: "get", path: row }, method: "GET", path }) as const;

/** The address of the description, on the app's host and on the API's own. */
function documentPath(c: Context<Env>): string {
  const { hostname } = new URL(c.req.url);
  return hostname === `api.${c.get("links").town.domain}` ? "/openapi.json" : "/api/openapi.json";
}

function renderPage({ names }: Scripts, url: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Hamlet API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
</head>
<body>
<noscript><p>This page needs JavaScript. The same as data: <a href="${url}">${url}</a></p></noscript>
<div id="app" data-url="${url}"></div>
${names.map((name) => `<script src="/documentation/${name}"></script>`).join("\n")}
</body>
</html>
`;
}

function sendScript(c: Context<Env>, script: Script): Response {
  const accepted = (c.req.header("accept-encoding") ?? "").split(",").map((one) => one.trim().split(";")[0]);
  const encoding = (["br", "gzip"] as const).find((one) => accepted.includes(one));
  return c.body(encoding === undefined ? script.plain : script[encoding], 200, {
    "content-type": "text/javascript; charset=utf-8",
    // The name has the hash of the content.
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
    ...(encoding !== undefined && { "content-encoding": encoding }),
  });
}

async function loadScripts(): Promise<Scripts> {
  const entries = await Promise.all([toEntry("scalar", await readScalar()), toEntry("start", START)]);
  return { byName: new Map(entries), names: entries.map(([name]) => name) };
}

async function toEntry(stem: string, plain: string): Promise<[name: string, script: Script]> {
  const hash = createHash("sha256").update(plain).digest("hex").slice(0, 12);
  // Of brotli's eleven levels the fifth: the last ones take twenty times as long for a tenth less.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(plain, { params }), promisify(gzip)(plain)]);
  return [`${stem}-${hash}.js`, { plain, br: Uint8Array.from(br), gzip: Uint8Array.from(gz) }];
}

interface FastifyRoute {
  readonly url: string;
  handler(request: unknown, reply: unknown): unknown;
}

/** The browser's bundle lies within a plugin for Fastify, as the answer of one of its routes. */
async function readScalar(): Promise<string> {
  const { default: plugin } = await import("@scalar/fastify-api-reference");
  const routes: FastifyRoute[] = [];
  const fastify = { hasPlugin: () => false, route: (route: FastifyRoute) => routes.push(route) };
  const register = plugin as unknown as (fastify: object, options: object, next: () => void) => void;
  register(fastify, { routePrefix: "/", configuration: { url: "/" } }, () => {});
  const route = routes.find(({ url }) => url.endsWith(".js"));
  let sent: unknown;
  const reply = {
    header: () => reply,
    send(body: unknown) {
      sent = body;
    },
  };
  route?.handler({}, reply);
  if (typeof sent === "string") return sent;
  throw new Error("The bundle of Scalar is not where this version of Hamlet looks for it.");
}
