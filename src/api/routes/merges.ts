import type { Context } from "hono";
import type { Branch, Merged, MergePreview, Val } from "../../store/store.ts";
import { mayRead } from "../../val/visibility.ts";
import { mergeBranch, previewMerge } from "../contract/merges.ts";
import { readable, viewerOf, writable } from "./access.ts";
import { announceIn } from "./announce.ts";
import type { App, Env, Tools } from "./app.ts";
import { presentMerge } from "./present-versions.ts";
import { ApiError } from "./problem.ts";

/** Which branch goes into which, and what is done about conflicts. */
interface Ends {
  readonly source: Branch;
  readonly target: Branch;
  readonly conflicts: "refuse" | "mark";
}

type Asked = { readonly from?: string | null | undefined; readonly into?: string | null | undefined };

export function addMergeRoutes(app: App, tools: Tools): void {
  const { store } = tools;

  async function endsOf(c: Context<Env>, val: Val, branchId: string, { from, into }: Asked): Promise<Ends> {
    const branch = await store.vals.branch(val.id, branchId);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    if (from == null) {
      const target = await parentOf(c, branch);
      if (into != null && into !== "parent" && into !== target?.id)
        throw new ApiError(404, "Branch not found");
      if (target?.valId === val.id) return { source: branch, target, conflicts: "refuse" };
      const advice = "To propose a remix's changes to its origin, open a pull request.";
      throw new ApiError(400, `${branch.name} has no parent in this val to be merged into. ${advice}`);
    }
    const source = from === "parent" ? await parentOf(c, branch) : await store.vals.branch(val.id, from);
    if (source === undefined && from !== "parent") throw new ApiError(404, "Branch not found");
    if (source === undefined)
      throw new ApiError(400, `${branch.name} has no parent to be merged from. Name another branch in from.`);
    // What goes up is refused when there are conflicts, from whichever end it is asked for.
    const isChild = (await store.merges.parentOf(source.id))?.branchId === branch.id;
    return { source, target: branch, conflicts: isChild ? "refuse" : "mark" };
  }

  /** The branch that another was forked or remixed from, if the caller may read it. */
  async function parentOf(c: Context<Env>, branch: Branch): Promise<Branch | undefined> {
    const from = await store.merges.parentOf(branch.id);
    const parent = from && (await store.branches.find(from.branchId));
    const val = parent && (await store.vals.find(parent.valId));
    return val !== undefined && mayRead(val, c.get("viewer")) ? parent : undefined;
  }

  app.openapi(previewMerge, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await readable(c, store.vals.find(val_id));
    const { source, target, conflicts } = await endsOf(c, val, branch_id, c.req.valid("query"));
    const preview = presentMerge(await store.merges.preview(source.id, target.id));
    const isClean = conflicts === "mark" || preview.conflicts.length === 0;
    return c.json({ ...preview, mergeable: isClean && preview.unresolved.length === 0 }, 200);
  });

  app.openapi(mergeBranch, async (c) => {
    const { val_id, branch_id } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    const { source, target, conflicts } = await endsOf(c, val, branch_id, c.req.valid("json"));
    const ends = { sourceId: source.id, targetId: target.id, conflicts };
    const done = await store.merges.merge({ ...ends, authorId: viewerOf(c).userId });
    if (!done.merged) return c.json(refusal(done), 409, NO_RETRY);
    return c.json(await presentMerged(c, tools, val, done), 200);
  });
}

/** Clients would send it twice more, to be told the same. */
export const NO_RETRY = { "x-should-retry": "false" };

/** What became of a merge that was carried out, once it is served. */
export async function presentMerged(c: Context<Env>, tools: Tools, val: Val, merged: Merged) {
  const { target, version, changed } = merged;
  const notes = changed ? await announceIn(c, tools, val.id, target.branchId) : {};
  return { branchId: target.branchId, version, changed, ...presentMerge(merged), ...notes };
}

/** Why a merge was refused. */
export function refusal({ conflicts, unresolved }: MergePreview) {
  const marked = [...unresolved.source, ...unresolved.target];
  const list = (paths: readonly string[]) => paths.slice(0, 5).join(", ") + (paths.length > 5 ? ", …" : "");
  const message =
    marked.length > 0
      ? `Conflict: an earlier merge is not resolved yet. Remove the markers in ${list(marked)}`
      : `Conflict: both have changed ${list(conflicts.map(({ path }) => path))}. Merge from the parent first, and resolve it there`;
  return {
    statusCode: 409,
    error: "Conflict",
    message,
    conflicts: conflicts.map((conflict) => ({ ...conflict })),
    unresolved: marked,
  };
}
