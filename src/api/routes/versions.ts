import type { Context } from "hono";
import { type Branch, StoreError, type Val } from "../../store/store.ts";
import type { VersionOf } from "../../val/version.ts";
import { mayRead } from "../../val/visibility.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { getDiff, getVersion, listVersions, revertVal } from "../contract/versions.ts";
import { readable, viewerOf, writable } from "./access.ts";
import { announceIn } from "./announce.ts";
import type { App, Env, Tools } from "./app.ts";
import { presentPage } from "./present.ts";
import { presentDiff, presentVersion } from "./present-versions.ts";
import { ApiError } from "./problem.ts";

export function addVersionRoutes(app: App, tools: Tools): void {
  const { store } = tools;

  async function branchOf(val: Val, branchId: string | undefined): Promise<Branch> {
    const branch = await store.vals.branch(val.id, branchId);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    return branch;
  }

  /** A branch of any val that the caller may read. */
  async function readableBranch(c: Context<Env>, branchId: string): Promise<Branch> {
    const branch = await store.branches.find(branchId);
    const val = branch && (await store.vals.find(branch.valId));
    if (val === undefined || !mayRead(val, c.get("viewer"))) throw new ApiError(404, "Branch not found");
    return branch!;
  }

  /** The version before `to`, of the same branch; of its first one, itself. */
  async function before({ branchId, version }: VersionOf): Promise<VersionOf> {
    try {
      return await store.versions.resolve(branchId, version - 1);
    } catch (error) {
      if (error instanceof StoreError && error.failure === "no_version") return { branchId, version };
      throw error;
    }
  }

  app.openapi(listVersions, async (c) => {
    const { branch_id, limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const branch = await branchOf(val, branch_id);
    const { rows, more } = await store.versions.list(branch.id, { limit, offset });
    return c.json(presentPage(rows.map(presentVersion), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(getVersion, async (c) => {
    const { val_id, version } = c.req.valid("param");
    const val = await readable(c, store.vals.find(val_id));
    const branch = await branchOf(val, c.req.valid("query").branch_id);
    const found = await store.versions.find(branch.id, version);
    if (found === undefined) throw new ApiError(404, `Version ${version} not found`);
    return c.json(presentVersion(found), 200);
  });

  app.openapi(getDiff, async (c) => {
    const query = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const branch = await branchOf(val, query.branch_id);
    const other = query.to_branch_id === undefined ? branch : await readableBranch(c, query.to_branch_id);
    const to = await store.versions.resolve(other.id, query.to);
    const isSame = other.id === branch.id && query.from === undefined;
    const from = isSame ? await before(to) : await store.versions.resolve(branch.id, query.from);
    return c.json(presentDiff(await store.versions.diff(from, to, { path: query.path })), 200);
  });

  app.openapi(revertVal, async (c) => {
    const { version, path, branchId } = c.req.valid("json");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const target = { valId: val.id, branchId: branchId ?? undefined, authorId: viewerOf(c).userId };
    const { changed, ...reverted } = await store.versions.revert(target, version, path ?? undefined);
    const notes = changed ? await announceIn(c, tools, val.id, reverted.branchId) : {};
    return c.json({ ...reverted, changed, ...notes }, 200);
  });
}
