import type { Context } from "koa";

/** Answer with a page of ours. */
export async function show(ctx: Pick<Context, "status" | "body" | "set">, page: Response): Promise<void> {
  ctx.status = page.status;
  ctx.set(Object.fromEntries(page.headers));
  ctx.body = await page.text();
}
