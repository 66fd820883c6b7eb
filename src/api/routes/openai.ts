import type { Context } from "hono";
import type { Auth } from "../../auth/auth.ts";
import { OpenAiError } from "../../services/openai-error.ts";
import type { App, Env, Tools } from "./app.ts";

const BASE = "/v1/openai";

/** Whether what is sent to this path is passed on to the model server. */
export function isOpenAiPath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

/**
 * The model server, for whoever has a token. Not part of the contract: what it takes and answers is OpenAI's, errors
 * included, because their clients are what asks.
 */
export function addOpenAiRoutes(app: App, auth: Auth, { services: { openai } }: Tools): void {
  if (openai === undefined) return;
  app.all(`${BASE}/*`, async (c) => {
    const viewer = await auth.identify(c.req.header("authorization") ?? null);
    if (viewer === "anonymous" || viewer === "invalid") return unauthorized(viewer).toResponse();
    return openai.proxy(viewer, pathOf(c), c.req.raw);
  });
}

/** As it was sent, percent signs included. */
function pathOf(c: Context<Env>): string {
  const { pathname } = new URL(c.req.raw.url);
  return pathname.slice(pathname.indexOf(BASE) + BASE.length + 1);
}

function unauthorized(who: "anonymous" | "invalid"): OpenAiError {
  const message =
    who === "anonymous"
      ? "Send a token of this town as Authorization: Bearer …"
      : "The token is unknown, expired or revoked.";
  return new OpenAiError(401, "invalid_api_key", message, { "www-authenticate": "Bearer" });
}
