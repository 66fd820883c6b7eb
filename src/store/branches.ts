import type { Kysely, Transaction } from "kysely";
import { branchNameProblem } from "../val/name.ts";
import { MAX_BRANCHES } from "../val/version.ts";
import { copyFiles } from "./copy.ts";
import { StoreError } from "./failure.ts";
import { LABEL_BOOKS } from "./label-books.ts";
import type { Remains } from "./remains.ts";
import type { TownSchema } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { releaseLabels } from "./subdomains.ts";
import { type Branch, toBranch } from "./vals.ts";

export interface NewBranch {
  readonly valId: string;
  readonly name: string;
  /** The branch to fork; `main` when missing. */
  readonly from?: string;
  readonly authorId: string;
}

/** What is done to branches as a whole; `Vals` lists them. */
export interface Branches {
  /** Any val's. */
  find(branchId: string): Promise<Branch | undefined>;
  /**
   * A branch with the newest state and the version number of another one, with files of its own. Rejects with StoreError
   * `bad_branch_name`, `branch_taken`, `too_many_branches` or `no_branch`.
   */
  fork(branch: NewBranch): Promise<Branch>;
  /**
   * Removes everything of the branch but its telemetry. Its forks become forks of what it was a fork of. Rejects with
   * StoreError `no_branch` or `main_branch`.
   */
  remove(valId: string, branchId: string): Promise<void>;
  /** Rejects with StoreError `bad_branch_name`, `branch_taken`, `no_branch` or `main_branch`. */
  rename(valId: string, branchId: string, name: string): Promise<Branch>;
}

export function createBranches(
  db: Kysely<TownSchema>,
  now: () => number,
  remains: Pick<Remains, "detachBranch">,
): Branches {
  return {
    async find(branchId) {
      const row = await db.selectFrom("branches").selectAll().where("id", "=", branchId).executeTakeFirst();
      return row && toBranch(row);
    },
    fork: (branch) => db.transaction().execute((trx) => fork(trx, branch, now())),
    rename: (valId, branchId, name) =>
      db.transaction().execute((trx) => rename(trx, { valId, branchId, name }, now())),
    async remove(valId, branchId) {
      await db.transaction().execute((trx) => giveUp(trx, { valId, branchId }, now()));
      await remains.detachBranch(branchId);
    },
  };
}

/** A branch like another one, within a transaction; rejects as `Branches.fork` does. */
export async function fork(trx: Transaction<TownSchema>, branch: NewBranch, at: number): Promise<Branch> {
  const { valId, name, authorId } = branch;
  const problem = branchNameProblem(name);
  if (problem !== undefined) throw new StoreError("bad_branch_name", problem);
  // Where many connections write, it locks the row until the commit.
  const lock = trx.updateTable("branches").set((f) => ({ version: f.ref("version") }));
  const source = await (branch.from === undefined
    ? lock.where("name", "=", "main")
    : lock.where("id", "=", branch.from)
  )
    .where("val_id", "=", valId)
    .returning(["id", "version"])
    .executeTakeFirst();
  if (source === undefined) throw new StoreError("no_branch", "Branch not found");
  const { count } = await trx
    .selectFrom("branches")
    .select((f) => f.fn.countAll<number>().as("count"))
    .where("val_id", "=", valId)
    .executeTakeFirstOrThrow();
  if (count >= MAX_BRANCHES) {
    throw new StoreError(
      "too_many_branches",
      `A val has at most ${MAX_BRANCHES} branches. Delete one first.`,
    );
  }
  const row = {
    id: Bun.randomUUIDv7(),
    val_id: valId,
    name,
    version: source.version,
    forked_branch_id: source.id,
    fork_version: source.version,
    created_at: at,
    updated_at: at,
  };
  await named(name, () => trx.insertInto("branches").values(row).execute());
  const { id: branchId, version } = row;
  const copy = { valId, branchId, version, authorId, at, kind: "fork" } as const;
  await copyFiles(trx, { branchId: source.id, version: source.version }, copy);
  return toBranch(row);
}

async function rename(
  trx: Transaction<TownSchema>,
  { valId, branchId, name }: { valId: string; branchId: string; name: string },
  at: number,
): Promise<Branch> {
  const problem = branchNameProblem(name);
  if (problem !== undefined) throw new StoreError("bad_branch_name", problem);
  const branch = await find(trx, valId, branchId);
  if (branch.name === name) return toBranch(branch);
  if (branch.name === "main") {
    throw new StoreError("main_branch", "The branch main cannot be renamed. Fork it under another name.");
  }
  const query = trx.updateTable("branches").set({ name, updated_at: at }).where("id", "=", branchId);
  await named(name, () => query.execute());
  return toBranch({ ...branch, name, updated_at: at });
}

/** Run what gives a branch this name. */
async function named(name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StoreError("branch_taken", `This val has a branch named ${name} already. Choose another name.`);
  }
}

/** What others have of a branch that goes. */
async function giveUp(
  trx: Transaction<TownSchema>,
  { valId, branchId }: { valId: string; branchId: string },
  at: number,
): Promise<void> {
  const branch = await find(trx, valId, branchId);
  if (branch.name === "main") {
    throw new StoreError("main_branch", "The branch main cannot be deleted. Delete the val instead.");
  }
  const itsFiles = trx.selectFrom("files").select("id").where("branch_id", "=", branchId);
  for (const book of LABEL_BOOKS) {
    await trx.deleteFrom(book.table).where("kind", "=", "id").where("file_id", "in", itsFiles).execute();
    // Any other label stays the val's.
    await trx.updateTable(book.table).set({ file_id: null }).where("file_id", "in", itsFiles).execute();
    await releaseLabels(trx, valId, { now: at, book });
  }
  // What it was forked from is what its forks have come from, too; they were made after that.
  const { forked_branch_id, fork_version } = branch;
  await trx
    .updateTable("branches")
    .set({ forked_branch_id, fork_version })
    .where("forked_branch_id", "=", branchId)
    .execute();
}

async function find(trx: Transaction<TownSchema>, valId: string, branchId: string) {
  const branch = await trx
    .selectFrom("branches")
    .selectAll()
    .where("id", "=", branchId)
    .where("val_id", "=", valId)
    .executeTakeFirst();
  if (branch === undefined) throw new StoreError("no_branch", "Branch not found");
  return branch;
}
