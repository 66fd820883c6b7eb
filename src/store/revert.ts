/** Back to how things were: a new version that is as an older one. */
import type { Kysely, Transaction } from "kysely";
import type { TreeNode } from "../val/merge.ts";
import type { Edit } from "./edit.ts";
import { StoreError } from "./failure.ts";
import { type Edited, editWithin, type Target } from "./file-edit.ts";
import type { TownSchema } from "./schema.ts";
import { applyTree, treeAt } from "./trees.ts";

/** Make a branch, or with a path one file of it, what it was in a version. */
export function revert(
  db: Kysely<TownSchema>,
  target: Target,
  to: { version: number; path?: string | undefined },
  at: number,
): Promise<Edited<void>> {
  return db.transaction().execute(async (trx) => {
    const { branchId, newest } = await findVersion(trx, target, to.version);
    const old = await treeAt(trx, { branchId, version: to.version });
    const reason = { kind: "revert", source: { branchId, version: to.version } } as const;
    if (to.path === undefined) return editWithin(trx, target, at, (edit) => applyTree(edit, old), reason);
    const now = await treeAt(trx, { branchId, version: newest });
    const { path } = to;
    return editWithin(trx, target, at, (edit) => revertFile(edit, old, now, path), reason);
  });
}

async function findVersion(trx: Transaction<TownSchema>, target: Target, version: number) {
  const query = trx.selectFrom("branches").select(["id", "version"]).where("val_id", "=", target.valId);
  const branch = await (target.branchId === undefined
    ? query.where("name", "=", "main")
    : query.where("id", "=", target.branchId)
  ).executeTakeFirst();
  if (branch === undefined) throw new StoreError("no_branch", "Branch not found");
  const found = await trx
    .selectFrom("versions")
    .select("version")
    .where("branch_id", "=", branch.id)
    .where("version", "=", version)
    .executeTakeFirst();
  if (found === undefined) throw new StoreError("no_version", `Version ${version} not found`);
  return { branchId: branch.id, newest: branch.version };
}

/**
 * The file that was at the path then, or else the one that is there now, gets the content and type that it had. It stays
 * where it is by now; if it is gone it comes back to where it was, with its id, unless another file is there by now:
 * then that one gets the content.
 */
async function revertFile(
  edit: Edit,
  old: readonly TreeNode[],
  now: readonly TreeNode[],
  path: string,
): Promise<void> {
  const here = now.find((node) => node.path === path);
  const then = old.find((node) => node.path === path) ?? old.find((node) => node.id === here?.id);
  if (then === undefined) throw new StoreError("no_file", `There was no file ${path} in that version.`);
  if (then.type === "directory" || here?.type === "directory") {
    throw new StoreError("is_a_directory", `${path} is a directory. Revert its files, or the whole val.`);
  }
  const live = now.find((node) => node.id === then.id) ?? here;
  if (live === undefined) {
    await edit.makeParents(path);
    await edit.restore(then.id, then);
    return;
  }
  const state = await edit.find(live.path);
  await edit.set(state!, { path: live.path, type: then.type, hash: then.hash });
}
