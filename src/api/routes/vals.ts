import { BUILD_HEADER, DEFAULT_LIMIT } from "../contract/common.ts";
import {
  createVal,
  deleteVal,
  getBranch,
  getVal,
  getValByName,
  listBranches,
  listMyVals,
  listVals,
} from "../contract/vals.ts";
import { readable, viewerOf, writable } from "./access.ts";
import { announce } from "./announce.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentBranch, presentNewest, presentPage, presentReport, presentVal } from "./present.ts";
import { ApiError, VAL_NOT_FOUND } from "./problem.ts";

export function addValRoutes(app: App, tools: Tools): void {
  const { store } = tools;

  app.openapi(createVal, async (c) => {
    const { userId: ownId, accounts } = viewerOf(c);
    const { orgId, files = [], ...rest } = c.req.valid("json");
    const userId = orgId ?? ownId;
    if (!accounts.has(userId)) {
      throw new ApiError(403, "Not authorized to make vals for this organization");
    }
    const made = files.map((file) =>
      file.type === "directory" ? { path: file.path, type: file.type } : file,
    );
    const val = await store.vals.create({ ...rest, userId, authorId: ownId, files: made });
    const branch = made.length > 0 ? await store.vals.branch(val.id) : undefined;
    const report = branch && (await announce(tools, val.id, branch.id));
    if (report !== undefined) c.header(BUILD_HEADER, report.diagnostics.length > 0 ? "failed" : "ok");
    return c.json({ ...presentVal(val, c.get("links")), ...(report && presentReport(report)) }, 201);
  });

  app.openapi(listVals, async (c) => {
    const { limit = DEFAULT_LIMIT, cursor, privacy, user_id } = c.req.valid("query");
    const filter = { limit, before: cursor, privacy, userId: user_id };
    const page = await store.vals.listFor(viewerOf(c).accounts, filter);
    return c.json(presentNewest(page, limit, c.get("links")), 200);
  });

  app.openapi(listMyVals, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.vals.listOwned(viewerOf(c).accounts, { limit, offset });
    const links = c.get("links");
    const data = rows.map((val) => presentVal(val, links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });

  app.openapi(getVal, async (c) => {
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id), VAL_NOT_FOUND);
    return c.json(presentVal(val, c.get("links")), 200);
  });

  app.openapi(getValByName, async (c) => {
    const { username, val_name } = c.req.valid("param");
    const val = await readable(c, store.vals.findByName(username, val_name), VAL_NOT_FOUND);
    return c.json(presentVal(val, c.get("links")), 200);
  });

  app.openapi(deleteVal, async (c) => {
    const val = await writable(c, store, c.req.valid("param").val_id);
    await tools.removal.val(val.id);
    await audit(c, tools, { action: "val.delete", subject: val.id, detail: { name: val.name } });
    return c.body(null, 204);
  });

  app.openapi(listBranches, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const { rows, more } = await store.vals.branches(val.id, { limit, offset });
    const links = c.get("links");
    const data = rows.map((branch) => presentBranch(branch, val, links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });

  app.openapi(getBranch, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await readable(c, store.vals.find(val_id));
    const branch = await store.vals.branch(val.id, branch_id);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    return c.json(presentBranch(branch, val, c.get("links")), 200);
  });
}
