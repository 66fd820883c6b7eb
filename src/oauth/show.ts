import type { Context } from "koa";

/** Answer with a page of ours. */
export async function show(
  ctx: Pick<Context, "status" | "body" | "set" | "remove">,
  page: Response,
): Promise<void> {
  ctx.status = page.status;
  ctx.set(Object.fromEntries(page.headers));
  // An app that opened a window for it would lose that window.
  ctx.remove("cross-origin-opener-policy");
  ctx.body = await page.text();
}
