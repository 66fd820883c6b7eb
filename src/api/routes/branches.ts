import type { Auth } from "../../auth/auth.ts";
import { createBranch, deleteBranch } from "../contract/branches.ts";
import { BUILD_HEADER } from "../contract/common.ts";
import { guard, viewerOf, writable } from "./access.ts";
import { announce } from "./announce.ts";
import type { App, Tools } from "./app.ts";
import { presentBranch, presentReport } from "./present.ts";

export function addBranchRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store, deploy, log } = tools;

  app.openapi({ ...createBranch, middleware: guard(auth, createBranch.security) }, async (c) => {
    const { name, branchId } = c.req.valid("json");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { userId: authorId } = viewerOf(c);
    const branch = await store.branches.fork({ valId: val.id, name, from: branchId ?? undefined, authorId });
    const report = await announce(tools, val.id, branch.id);
    if (report !== undefined) c.header(BUILD_HEADER, report.diagnostics.length > 0 ? "failed" : "ok");
    const notes = report && presentReport(report);
    return c.json({ ...presentBranch(branch, val, c.get("links")), ...notes }, 201);
  });

  app.openapi({ ...deleteBranch, middleware: guard(auth, deleteBranch.security) }, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    await store.branches.remove(val.id, branch_id);
    await deploy
      .removed(val.id)
      .catch((error: unknown) =>
        log?.error("A deleted branch may still be served.", { val: val.id, branch: branch_id, error }),
      );
    return c.body(null, 204);
  });
}
