import type { Kysely, Transaction } from "kysely";
import type { VersionOf } from "../val/version.ts";
import { type Diff, diffVersions } from "./diff.ts";
import { StoreError } from "./failure.ts";
import { type Merged, mergeBranches } from "./merge.ts";
import { cameFrom, findBase } from "./merge-base.ts";
import { findPull, listPulls, type Pull, type PullState } from "./pull-lists.ts";
import type { TownSchema } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import type { Page } from "./vals.ts";

export interface NewPull {
  readonly sourceId: string;
  readonly targetId: string;
  readonly authorId: string;
  readonly title: string;
  readonly description?: string | null | undefined;
}

/** Proposals to merge a branch into its parent, or one of a remix into its origin. */
export interface Pulls {
  /** Rejects with StoreError `no_branch`, `unrelated` or `pull_taken`. */
  open(pull: NewPull): Promise<Pull>;
  find(valId: string, number: number): Promise<Pull | undefined>;
  /** Those to a val, the newest first. */
  list(
    valId: string,
    filter: { state?: PullState | undefined; limit: number; offset: number },
  ): Promise<Page<Pull>>;
  /** What it changes, or has changed once it is merged; undefined when that cannot be told any more. */
  diff(pull: Pull, query?: { path?: string | undefined }): Promise<Diff | undefined>;
  edit(
    pull: Pull,
    change: { title?: string | undefined; description?: string | null | undefined },
  ): Promise<Pull>;
  /** Rejects as `Merges.merge` does, and with `pull_ended`. */
  merge(pull: Pull, by: { authorId: string; sourceVersion?: number | undefined }): Promise<Merged>;
  /** Rejects with StoreError `pull_ended`. */
  close(pull: Pull, userId: string): Promise<Pull>;
  /** Rejects with StoreError `pull_ended` or `pull_taken`. */
  reopen(pull: Pull): Promise<Pull>;
}

export function createPulls(db: Kysely<TownSchema>, now: () => number): Pulls {
  const refreshed = async ({ valId, number }: Pull) => {
    const pull = await findPull(db, valId, number);
    if (pull === undefined) throw new StoreError("no_pull", "Pull request not found");
    return pull;
  };
  return {
    open: (pull) => db.transaction().execute((trx) => open(trx, pull, now())),
    find: (valId, number) => findPull(db, valId, number),
    list: (valId, filter) => listPulls(db, valId, filter),
    diff: (pull, query) => diff(db, pull, query),
    async edit(pull, { title, description }) {
      const change = {
        ...(title !== undefined && { title }),
        ...(description !== undefined && { description }),
      };
      await db
        .updateTable("pulls")
        .set({ ...change, updated_at: now() })
        .where("id", "=", pull.id)
        .execute();
      return refreshed(pull);
    },
    merge: (pull, by) => merge(db, pull, by, now),
    async close(pull, userId) {
      const at = now();
      const values = { state: "closed", ended_by: userId, ended_at: at, updated_at: at } as const;
      const done = await db
        .updateTable("pulls")
        .set(values)
        .where("id", "=", pull.id)
        .where("state", "=", "open")
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) throw ended(await refreshed(pull));
      return refreshed(pull);
    },
    async reopen(pull) {
      await db.transaction().execute((trx) => reopen(trx, pull, now()));
      return refreshed(pull);
    },
  };
}

const WHAT_NOW: Readonly<Record<PullState, string>> = {
  open: "Only a closed one can be opened again.",
  closed: "To merge it, open it again.",
  merged: "For what has changed since, open another one.",
};

/** Why it cannot be brought to an end, or opened again. */
function ended({ number, state, source, target }: Pull): StoreError {
  const isWhole = state === "merged" || (source !== undefined && target !== undefined);
  const text = isWhole
    ? `is ${state}. ${WHAT_NOW[state]}`
    : "has lost one of its branches, so there is nothing to merge.";
  return new StoreError("pull_ended", `Pull request ${number} ${text}`);
}

async function open(trx: Transaction<TownSchema>, pull: NewPull, at: number): Promise<Pull> {
  const { sourceId, targetId, authorId, title, description = null } = pull;
  const valId = await checkTarget(trx, sourceId, targetId);
  const last = await trx
    .selectFrom("pulls")
    .select((f) => f.fn.max("number").as("number"))
    .where("val_id", "=", valId)
    .executeTakeFirst();
  const number = (last?.number ?? 0) + 1;
  await openOnce(() =>
    trx
      .insertInto("pulls")
      .values({
        id: Bun.randomUUIDv7(),
        val_id: valId,
        number,
        title,
        description,
        state: "open",
        author_id: authorId,
        source_branch_id: sourceId,
        target_branch_id: targetId,
        created_at: at,
        updated_at: at,
      })
      .execute(),
  );
  return (await findPull(trx, valId, number))!;
}

/** Run what makes a proposal open. */
async function openOnce(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StoreError(
      "pull_taken",
      "There is an open pull request between these branches already. It shows what has changed since, too.",
    );
  }
}

/** The target's val, if it is one that the source can be proposed to. */
async function checkTarget(
  trx: Transaction<TownSchema>,
  sourceId: string,
  targetId: string,
): Promise<string> {
  const branches = await trx
    .selectFrom("branches")
    .leftJoin("origins", "origins.val_id", "branches.val_id")
    .select(["branches.id", "branches.val_id", "origin_branch_id"])
    .where("branches.id", "in", [sourceId, targetId])
    .execute();
  const source = branches.find(({ id }) => id === sourceId);
  const target = branches.find(({ id }) => id === targetId);
  if (source === undefined || target === undefined) throw new StoreError("no_branch", "Branch not found");
  const parent = await cameFrom(trx, sourceId);
  if (parent?.branchId !== targetId && source.origin_branch_id !== targetId) {
    const text = "A pull request goes from a branch to its parent, or from a remix to what it is a remix of.";
    throw new StoreError("unrelated", text);
  }
  return target.val_id;
}

async function diff(
  db: Kysely<TownSchema>,
  pull: Pull,
  query: { path?: string | undefined } | undefined,
): Promise<Diff | undefined> {
  const { source, target, merged } = pull;
  if (target === undefined) return undefined;
  if (merged !== undefined) {
    const at = (version: number): VersionOf => ({ branchId: target.branchId, version });
    return diffVersions(db, at(merged.from), at(merged.version), query);
  }
  if (source === undefined) return undefined;
  const head = { branchId: source.branchId, version: source.version };
  const base = await findBase(db, head, { branchId: target.branchId, version: target.version });
  return base && diffVersions(db, base, head, query);
}

async function merge(
  db: Kysely<TownSchema>,
  pull: Pull,
  { authorId, sourceVersion }: { authorId: string; sourceVersion?: number | undefined },
  now: () => number,
): Promise<Merged> {
  const { source, target } = pull;
  if (pull.state !== "open" || source === undefined || target === undefined) throw ended(pull);
  const ends = { sourceId: source.branchId, targetId: target.branchId };
  const request = { ...ends, authorId, conflicts: "refuse", sourceVersion } as const;
  return mergeBranches(db, request, now, async (trx, { version, target: before }) => {
    const at = now();
    const done = await trx
      .updateTable("pulls")
      .set({ state: "merged", merged_from: before.version, merged_version: version })
      .set({ ended_by: authorId, ended_at: at, updated_at: at })
      .where("id", "=", pull.id)
      .where("state", "=", "open")
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) throw ended((await findPull(trx, pull.valId, pull.number)) ?? pull);
  });
}

async function reopen(trx: Transaction<TownSchema>, pull: Pull, at: number): Promise<void> {
  const now = await findPull(trx, pull.valId, pull.number);
  if (now?.state !== "closed" || now.source === undefined || now.target === undefined)
    throw ended(now ?? pull);
  await checkTarget(trx, now.source.branchId, now.target.branchId);
  await openOnce(() =>
    trx
      .updateTable("pulls")
      .set({ state: "open", ended_by: null, ended_at: null, updated_at: at })
      .where("id", "=", pull.id)
      .execute(),
  );
}
