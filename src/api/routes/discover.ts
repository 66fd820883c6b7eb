import { DEFAULT_LIMIT } from "../contract/common.ts";
import { listTownVals } from "../contract/discover.ts";
import type { App, Tools } from "./app.ts";
import { presentNewest } from "./present.ts";
import { ApiError } from "./problem.ts";

const NOBODY: ReadonlySet<string> = new Set();

export function addDiscoverRoutes(app: App, { store }: Tools): void {
  app.openapi(listTownVals, async (c) => {
    const { limit = DEFAULT_LIMIT, cursor: before, username, user_id } = c.req.valid("query");
    const owner = username === undefined ? undefined : await store.users.findByName(username);
    if (username !== undefined && owner === undefined) throw new ApiError(404, "User not found");
    if (owner !== undefined && user_id !== undefined && owner.id !== user_id)
      throw new ApiError(400, "querystring/user_id must be that of username, when both are given");
    const filter = { limit, before, userId: owner?.id ?? user_id };
    const page = await store.vals.listFor(c.get("viewer")?.accounts ?? NOBODY, filter);
    return c.json(presentNewest(page, limit, c.get("links")), 200);
  });
}
