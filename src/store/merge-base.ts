/** From which state two branches both come. */
import type { Kysely, Transaction } from "kysely";
import type { VersionOf } from "../val/version.ts";
import type { TownSchema } from "./schema.ts";

/** The branch's rows of `merge_bases` are kept under one order of the two ids. */
const pair = (a: string, b: string) =>
  a < b ? { branch_id: a, other_id: b } : { branch_id: b, other_id: a };

/**
 * The newest state on record that both branches come from: that of their last merge, else where one of them, or a branch
 * it comes from, was forked or remixed from the other. Undefined when they have nothing to do with each other.
 */
export async function findBase(
  db: Kysely<TownSchema>,
  a: VersionOf,
  b: VersionOf,
): Promise<VersionOf | undefined> {
  const { branch_id, other_id } = pair(a.branchId, b.branchId);
  const merged = await db
    .selectFrom("merge_bases")
    .select(["base_branch_id as branchId", "base_version as version"])
    .where("branch_id", "=", branch_id)
    .where("other_id", "=", other_id)
    .executeTakeFirst();
  if (merged !== undefined) return merged;
  const [ancestors, others] = [await ancestorsOf(db, a), await ancestorsOf(db, b)];
  const versions = new Map(others.map((one) => [one.branchId, one.version]));
  const common = ancestors.find(({ branchId }) => versions.has(branchId));
  // What came to it later is not in both.
  if (common === undefined) return undefined;
  const { branchId, version } = common;
  return { branchId, version: Math.min(version, versions.get(branchId)!) };
}

/** Remember that two branches have this state in common, after a merge. */
export async function recordBase(
  trx: Transaction<TownSchema>,
  a: string,
  b: string,
  base: VersionOf,
): Promise<void> {
  const values = { base_branch_id: base.branchId, base_version: base.version };
  await trx
    .insertInto("merge_bases")
    .values({ ...pair(a, b), ...values })
    .onConflict((conflict) => conflict.columns(["branch_id", "other_id"]).doUpdateSet(values))
    .execute();
}

/** The branch itself, what it was forked from and at which version, what that was forked from, and so on. */
async function ancestorsOf(db: Kysely<TownSchema>, branch: VersionOf): Promise<VersionOf[]> {
  const line: VersionOf[] = [];
  for (
    let next: VersionOf | undefined = branch;
    next !== undefined;
    next = await cameFrom(db, next.branchId)
  ) {
    line.push(next);
  }
  return line;
}

/** The state of which a branch is a copy; undefined when it is none, or the original is gone. */
export async function cameFrom(db: Kysely<TownSchema>, branchId: string): Promise<VersionOf | undefined> {
  const row = await db
    .selectFrom("branches")
    .leftJoin("origins", (join) =>
      join.onRef("origins.val_id", "=", "branches.val_id").on("branches.name", "=", "main"),
    )
    .select(["forked_branch_id", "fork_version", "origin_branch_id", "origin_version"])
    .where("branches.id", "=", branchId)
    .executeTakeFirst();
  const from = row?.forked_branch_id ?? row?.origin_branch_id;
  const version = row?.fork_version ?? row?.origin_version;
  return from == null || version == null ? undefined : { branchId: from, version };
}
