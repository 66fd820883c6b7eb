import type { Kysely, Transaction } from "kysely";
import type { Change } from "../val/changes.ts";
import type { Conflict } from "../val/merge.ts";
import type { VersionOf } from "../val/version.ts";
import type { Reading } from "./diff.ts";
import { StoreError } from "./failure.ts";
import { editWithin } from "./file-edit.ts";
import { cameFrom, recordBase } from "./merge-base.ts";
import { type MergePlan, planMerge } from "./merge-plan.ts";
import type { TownSchema } from "./schema.ts";
import type { TextThread } from "./text-thread.ts";
import { applyTree } from "./trees.ts";

/** What a merge would come to. */
export interface MergePreview {
  /** The state both branches come from. */
  readonly base: VersionOf;
  readonly source: VersionOf;
  readonly target: VersionOf;
  readonly conflicts: readonly Conflict[];
  /** Files in which markers of an earlier merge are still to be resolved. */
  readonly unresolved: { readonly source: readonly string[]; readonly target: readonly string[] };
  /** What it changes in the target. */
  readonly changes: readonly Change[];
}

/** What a merge came to. Unless `merged`, nothing was changed, because of conflicts. */
export interface Merged extends MergePreview {
  readonly merged: boolean;
  /** Whether there is a new version. */
  readonly changed: boolean;
  /** The target's version afterwards. */
  readonly version: number;
}

export interface MergeRequest {
  /** The branch whose changes are taken. */
  readonly sourceId: string;
  /** The branch that they go to. */
  readonly targetId: string;
  readonly authorId: string;
  /** `refuse`: conflicts change nothing. `mark`: they are written into the files. */
  readonly conflicts: "refuse" | "mark";
  /** The source's version that is meant. */
  readonly sourceVersion?: number | undefined;
}

/** Merges of two branches, of one val or of a remix and its origin. */
export interface Merges {
  /** Rejects with StoreError `no_branch`, `unrelated`, `too_long` or `bad_path`. */
  preview(sourceId: string, targetId: string): Promise<MergePreview>;
  /** Rejects as `preview` does, and with `too_many_files` or `stale`. */
  merge(request: MergeRequest): Promise<Merged>;
  /** The branch and version of which a branch is a copy. */
  parentOf(branchId: string): Promise<VersionOf | undefined>;
}

/** How often a plan is made while others go on to write. Nobody may make all others wait by writing all the time. */
const ATTEMPTS = 4;

export function createMerges(db: Kysely<TownSchema>, now: () => number, texts: TextThread): Merges {
  return {
    preview: (sourceId, targetId) => planMerge({ db, texts }, sourceId, targetId),
    parentOf: (branchId) => cameFrom(db, branchId),
    merge: (request) => mergeBranches({ db, texts }, request, now),
  };
}

/** Run within the transaction of a merge, once it is done. */
export type AfterMerge = (trx: Transaction<TownSchema>, merged: Merged) => Promise<void>;

/** Merge, and do what belongs to it in the same transaction. */
export async function mergeBranches(
  reading: Reading,
  request: MergeRequest,
  now: () => number,
  after?: AfterMerge,
): Promise<Merged> {
  // To compare many texts takes a while, in which nobody else could write: so it is done before the transaction.
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const plan = await planMerge(reading, request.sourceId, request.targetId);
    const done = await reading.db.transaction().execute((trx) => carryOut(trx, plan, request, now(), after));
    if (done !== undefined) return done;
  }
  throw new StoreError("stale", "The branches change while they are being merged. Try again.");
}

/** Undefined when one of the branches has a newer version by now. */
async function carryOut(
  trx: Transaction<TownSchema>,
  plan: MergePlan,
  request: MergeRequest,
  at: number,
  after: AfterMerge | undefined,
): Promise<Merged | undefined> {
  const { source, target, unresolved } = plan;
  if (!(await isNewest(trx, source)) || !(await isNewest(trx, target))) return undefined;
  if (request.sourceVersion !== undefined && request.sourceVersion !== source.version) {
    const versions = `It is at version ${source.version}, not ${request.sourceVersion}`;
    throw new StoreError("stale", `The branch to merge has changed. ${versions}. Look at it again.`);
  }
  const isBlocked = unresolved.source.length > 0 || unresolved.target.length > 0;
  const { base, conflicts, changes } = plan;
  const preview = { base, source, target, conflicts, unresolved, changes };
  if (isBlocked || (request.conflicts === "refuse" && conflicts.length > 0)) {
    return { ...preview, merged: false, changed: false, version: target.version };
  }
  const val = await trx
    .selectFrom("branches")
    .select("val_id")
    .where("id", "=", target.branchId)
    .executeTakeFirstOrThrow();
  const { changed, version } = await editWithin(
    trx,
    { valId: val.val_id, branchId: target.branchId, authorId: request.authorId },
    at,
    (edit) => applyTree(edit, plan.wanted),
    { kind: "merge", source },
  );
  for (const { fileId: file_id, opening, closing } of plan.marked) {
    await trx
      .insertInto("conflicts")
      .values({ file_id, opening, closing })
      .onConflict((conflict) => conflict.column("file_id").doUpdateSet({ opening, closing }))
      .execute();
  }
  await recordBase(trx, source.branchId, target.branchId, source);
  const merged: Merged = { ...preview, merged: true, changed, version };
  await after?.(trx, merged);
  return merged;
}

async function isNewest(trx: Transaction<TownSchema>, { branchId, version }: VersionOf): Promise<boolean> {
  // An update that changes nothing: where many connections write, it locks the row until the commit.
  const branch = await trx
    .updateTable("branches")
    .set((f) => ({ version: f.ref("version") }))
    .where("id", "=", branchId)
    .returning("version")
    .executeTakeFirst();
  return branch?.version === version;
}
