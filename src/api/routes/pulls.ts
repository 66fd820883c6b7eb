import type { Context } from "hono";
import type { Pull, Val } from "../../store/store.ts";
import { mayRead, mayWrite } from "../../val/visibility.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  closePull,
  editPull,
  getPull,
  getPullDiff,
  listPulls,
  mergePull,
  openPull,
  reopenPull,
} from "../contract/pulls.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { NO_RETRY, presentMerged, refusal } from "./merges.ts";
import { presentPage } from "./present.ts";
import { presentDiff, presentPull } from "./present-versions.ts";
import { ApiError } from "./problem.ts";

export function addPullRoutes(app: App, tools: Tools): void {
  const { store } = tools;

  async function find(val: Val, number: number): Promise<Pull> {
    const pull = await store.pulls.find(val.id, number);
    if (pull === undefined) throw new ApiError(404, "Pull request not found");
    return pull;
  }

  const target = (c: Context<Env>, valId: string) => readable(c, store.vals.find(valId));
  const present = (c: Context<Env>, pull: Pull) => presentPull(pull, c.get("viewer"));

  /** Its author, who may change the source, and who may change the target may change and close it. */
  function checkMayChange(c: Context<Env>, val: Val, pull: Pull): void {
    const viewer = viewerOf(c);
    const isOwn = pull.author.id === viewer.userId || (pull.source && mayWrite(pull.source, viewer));
    if (!isOwn && !mayWrite(val, viewer))
      throw new ApiError(403, "Not authorized to change this pull request");
  }

  app.openapi(listPulls, async (c) => {
    const { state, limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const val = await target(c, c.req.valid("param").val_id);
    const { rows, more } = await store.pulls.list(val.id, { state, limit, offset });
    const data = rows.map((pull) => present(c, pull));
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(openPull, async (c) => {
    const { title, description, sourceBranchId, targetBranchId } = c.req.valid("json");
    const viewer = viewerOf(c);
    const val = await target(c, c.req.valid("param").val_id);
    const into = await store.vals.branch(val.id, targetBranchId ?? undefined);
    const from = await store.branches.find(sourceBranchId);
    const source = from && (await store.vals.find(from.valId));
    if (into === undefined || from === undefined || source === undefined || !mayRead(source, viewer)) {
      throw new ApiError(404, "Branch not found");
    }
    if (!mayWrite(source, viewer)) throw new ApiError(403, "Not authorized to propose changes of this val");
    const ends = { sourceId: from.id, targetId: into.id, authorId: viewer.userId };
    return c.json(present(c, await store.pulls.open({ ...ends, title, description })), 201);
  });

  app.openapi(getPull, async (c) => {
    const { val_id, number } = c.req.valid("param");
    return c.json(present(c, await find(await target(c, val_id), number)), 200);
  });

  app.openapi(editPull, async (c) => {
    const { val_id, number } = c.req.valid("param");
    const val = await target(c, val_id);
    const pull = await find(val, number);
    checkMayChange(c, val, pull);
    return c.json(present(c, await store.pulls.edit(pull, c.req.valid("json"))), 200);
  });

  app.openapi(getPullDiff, async (c) => {
    const { val_id, number } = c.req.valid("param");
    const pull = await find(await target(c, val_id), number);
    const isShown = pull.state !== "closed" || (pull.source && mayRead(pull.source, c.get("viewer")));
    const diff = isShown ? await store.pulls.diff(pull, c.req.valid("query")) : undefined;
    if (diff === undefined)
      throw new ApiError(
        404,
        "What this pull request changes cannot be seen any more: one of its branches is gone, or no longer yours to see",
      );
    return c.json(presentDiff(diff), 200);
  });

  app.openapi(mergePull, async (c) => {
    const { val_id, number } = c.req.valid("param");
    const { sourceVersion } = c.req.valid("json");
    const val = await writable(c, store, val_id);
    const by = { authorId: viewerOf(c).userId, sourceVersion: sourceVersion ?? undefined };
    const done = await store.pulls.merge(await find(val, number), by);
    if (!done.merged) return c.json(refusal(done), 409, NO_RETRY);
    return c.json(await presentMerged(c, tools, val, done), 200);
  });

  app.openapi(closePull, async (c) => {
    const { val_id, number } = c.req.valid("param");
    const val = await target(c, val_id);
    const pull = await find(val, number);
    checkMayChange(c, val, pull);
    return c.json(present(c, await store.pulls.close(pull, viewerOf(c).userId)), 200);
  });

  app.openapi(reopenPull, async (c) => {
    const { val_id, number } = c.req.valid("param");
    const pull = await find(await target(c, val_id), number);
    const { source } = pull;
    if (source === undefined || !mayWrite(source, viewerOf(c))) {
      throw new ApiError(403, "Not authorized to propose changes of its source");
    }
    return c.json(present(c, await store.pulls.reopen(pull)), 200);
  });
}
