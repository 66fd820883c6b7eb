import { getMe, getUser, getUserByName } from "../contract/users.ts";
import { userOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { presentMe, presentUser } from "./present.ts";
import { ApiError } from "./problem.ts";

const NOT_FOUND = "User not found";

export function addUserRoutes(app: App, { store }: Tools): void {
  app.openapi(getMe, async (c) => {
    return c.json(presentMe(await userOf(c, store), c.get("links")), 200);
  });

  app.openapi(getUser, async (c) => {
    const user = await store.users.find(c.req.valid("param").user_id);
    if (user === undefined) throw new ApiError(404, NOT_FOUND);
    return c.json(presentUser(user, c.get("links")), 200);
  });

  app.openapi(getUserByName, async (c) => {
    const user = await store.users.findByName(c.req.valid("param").username);
    if (user === undefined) throw new ApiError(404, NOT_FOUND);
    return c.json(presentUser(user, c.get("links")), 200);
  });
}
