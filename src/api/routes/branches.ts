import { createBranch, deleteBranch, renameBranch } from "../contract/branches.ts";
import { viewerOf, writable } from "./access.ts";
import { announceIn } from "./announce.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentBranch } from "./present.ts";

export function addBranchRoutes(app: App, tools: Tools): void {
  const { store, deploy, log } = tools;

  app.openapi(createBranch, async (c) => {
    const { name, branchId } = c.req.valid("json");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { userId: authorId } = viewerOf(c);
    const branch = await store.branches.fork({ valId: val.id, name, from: branchId ?? undefined, authorId });
    const notes = await announceIn(c, tools, val.id, branch.id);
    return c.json({ ...presentBranch(branch, val, c.get("links")), ...notes }, 201);
  });

  app.openapi(deleteBranch, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    await store.branches.remove(val.id, branch_id);
    await audit(c, tools, { action: "branch.delete", subject: branch_id, detail: { valId: val.id } });
    await deploy
      .removed(val.id, branch_id)
      .catch((error: unknown) =>
        log?.error("A deleted branch may still be served.", { val: val.id, branch: branch_id, error }),
      );
    return c.body(null, 204);
  });

  app.openapi(renameBranch, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    const branch = await store.branches.rename(val.id, branch_id, c.req.valid("json").name);
    // What is served knows its own name.
    await deploy
      .configured(val.id)
      .catch((error: unknown) =>
        log?.error("A renamed branch may still be served under its old name.", { branch: branch_id, error }),
      );
    return c.json(presentBranch(branch, val, c.get("links")), 200);
  });
}
