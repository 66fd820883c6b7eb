import type { Context } from "hono";
import { OpenAiError } from "../../services/openai-error.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import type { ApiError } from "./problem.ts";

const BASE = "/v1/openai";

/** Whether what is sent to this path is passed on to the model server. */
export function isOpenAiPath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

/**
 * The model server, for whoever has a token. Not part of the contract: what it takes and answers is OpenAI's, errors
 * included, because their clients are what asks.
 */
export function addOpenAiRoutes(app: App, { services: { openai } }: Tools): void {
  if (openai === undefined) return;
  const path = `${BASE}/*`;
  app.byHand({ row: { method: "all", path }, method: "ALL", path, refuse: toRefusal }, (c) =>
    openai.proxy(viewerOf(c), pathOf(c), c.req.raw),
  );
}

/** As it was sent, percent signs included. */
function pathOf(c: Context<Env>): string {
  const { pathname } = new URL(c.req.raw.url);
  return pathname.slice(pathname.indexOf(BASE) + BASE.length + 1);
}

/** In the form that clients of OpenAI know. */
function toRefusal({ status, message }: ApiError): Response {
  const headers = { "www-authenticate": "Bearer" };
  return new OpenAiError(status, "invalid_api_key", message, status === 401 ? headers : {}).toResponse();
}
