/** The module host: files of vals as modules, for other vals, Deno anywhere, browsers, and people who read. */
import type { Log } from "../../log.ts";
import { checkConditions } from "./conditional.ts";
import { Finder, type FindOptions, type Module } from "./module-find.ts";
import { BROWSER_IMPORTS, contentTypeOf, type Form, formFor, isModule } from "./module-form.ts";
import { createTranspiler, type Transpile } from "./module-transpile.ts";
import { ApiError } from "./problem.ts";
import type { Diagnostic } from "./types.ts";

export interface ModuleHostOptions extends FindOptions {
  readonly transpile: Transpile;
  /** Hears of failures that are not the caller's. */
  readonly log?: Log;
}

/** Modules over HTTP, as one web-standard function. */
export interface ModuleHost {
  /** Never rejects. Under which host it is asked makes no difference. */
  fetch(request: Request): Promise<Response>;
}

const FOREVER = "public, max-age=31536000, immutable";
const SHARED = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, last-modified, location",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
  // Only matters when a browser shows the answer as a page, which must then be able to do nothing.
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  vary: "accept, authorization, user-agent",
};

export function createModuleHost(options: ModuleHostOptions): ModuleHost {
  const finder = new Finder(options);
  const transpiled = createTranspiler(options.transpile);
  const { log } = options;

  /** The bytes of a module in the form that was asked for. */
  async function render(module: Module, form: Form | "map"): Promise<Response> {
    const { path, content, hash, url, banner } = module;
    if (form === "source" || form === "text") {
      return new Response(content, { headers: { "content-type": contentTypeOf(path, form) } });
    }
    const source = { path, content, url, banner, prefixes: BROWSER_IMPORTS };
    const output = await transpiled(`${hash} ${url}`, source);
    if (!("code" in output)) throw new ApiError(422, explain(output));
    const type = form === "map" ? "application/json; charset=utf-8" : contentTypeOf(path, form);
    return new Response(output[form === "map" ? "map" : "code"], { headers: { "content-type": type } });
  }

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const found = await finder.find(url, request.headers.get("authorization"));
    if ("location" in found) {
      const { location, shared } = found;
      return new Response(null, { status: 302, headers: { location, ...caching(shared, "no-cache") } });
    }
    const asMap = url.searchParams.has("map") && isModule(found.path);
    const form = asMap ? "map" : formFor(found.path, request.headers);
    const etag = `"${found.hash}-${form}"`;
    const status = checkConditions(request.headers, { etag, modifiedAt: found.modifiedAt });
    const response = status === 200 ? await render(found, form) : new Response(null, { status });
    if (status === 412) return response;
    response.headers.set("etag", etag);
    if (found.modifiedAt > 0) response.headers.set("last-modified", new Date(found.modifiedAt).toUTCString());
    for (const [name, value] of Object.entries(caching(found.shared, FOREVER)))
      response.headers.set(name, value);
    return response;
  }

  return {
    async fetch(request) {
      const response = await dispatch(request, answer).catch((error: unknown) => {
        const known = refusal(error);
        if (known === undefined) log?.error("A request to the module host failed.", { error });
        return known ?? text(500, "Hamlet itself failed. Try again, or tell the operator.");
      });
      for (const [name, value] of Object.entries(SHARED)) response.headers.set(name, value);
      return request.method === "HEAD" ? new Response(null, response) : response;
    },
  };
}

async function dispatch(
  request: Request,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  if (request.method === "GET" || request.method === "HEAD") return answer(request);
  if (request.method !== "OPTIONS") {
    const response = text(405, "Modules can only be read: send GET or HEAD.");
    response.headers.set("allow", "GET, HEAD, OPTIONS");
    return response;
  }
  const asked = request.headers.get("access-control-request-headers") ?? "authorization";
  const headers = {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": asked,
    "access-control-max-age": "86400",
  };
  return new Response(null, { status: 204, headers });
}

function caching(shared: boolean, publicly: string): Record<string, string> {
  return { "cache-control": shared ? publicly : "private, no-store" };
}

function explain(diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.map(({ file = "", line, column, message, hint }) => {
    const place = [file, line, column].filter((part) => part !== undefined && part !== "").join(":");
    return [
      place === "" ? message : `${place} ${message}`,
      ...(hint === undefined ? [] : [`  ${hint}`]),
    ].join("\n");
  });
  return ["This module is not valid:", ...lines].join("\n");
}

/** The answer to what the caller can mend; undefined for what Hamlet has done wrong. */
function refusal(error: unknown): Response | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const response = text(error.status, error.message);
  if (error.status === 401) response.headers.set("www-authenticate", "Bearer");
  return response;
}

function text(status: number, message: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(`${message}\n`, { status, headers });
}
