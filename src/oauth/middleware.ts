/** What this town does before and after `oidc-provider`. */

import type { Context } from "koa";
import type Provider from "oidc-provider";
import { oauthProblemPage } from "../pages/pages.ts";
import { CLI_CLIENT } from "./provider.ts";
import { show } from "./show.ts";

/** Of pages that are not ours: that of the answer as a form, whose script is then let in by its hash. */
const HEADERS = {
  "content-security-policy": "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** What `oidc-provider` says of a form whose session is over, once it has told so on a page that cannot be used. */
const NO_SESSION = "persist can only be called";

/** Adds the step at which a person answers, and what some clients need that they are told otherwise. */
export function addSteps(
  provider: Provider,
  interaction: (ctx: Context) => Promise<void>,
  pollSeconds: number,
): void {
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith("/interaction/")) return interaction(ctx);
    // A code that a link brought is shown to be compared, not sent on by a script.
    if (ctx.method === "GET" && ctx.path === "/device" && ctx.query.user_code !== undefined) {
      ctx.state.prefilled = String(ctx.query.user_code).slice(0, 40);
      ctx.querystring = "";
    }
    ctx.set(HEADERS);
    await next().catch((error: Error) => lost(ctx, error));
    if (ctx.status !== 200 || typeof ctx.body !== "object" || ctx.body === null) return;
    const body = ctx.body as Record<string, unknown>;
    if (ctx.path === "/device/auth") body.interval = pollSeconds;
    // It asks for `openid` and has no use for what that brings.
    if (ctx.path === "/token" && ctx.oidc.client?.clientId === CLI_CLIENT) delete body.id_token;
  });
}

function lost(ctx: Context, error: Error): Promise<void> {
  if (!error.message.startsWith(NO_SESSION)) throw error;
  return show(ctx, oauthProblemPage(400, "This page was open for too long. Start again."));
}
