import type { Kysely, Transaction } from "kysely";
import { valNameProblem } from "../val/name.ts";
import type { Privacy } from "../val/visibility.ts";
import { StoreError } from "./failure.ts";
import { editWithin, type NewFile } from "./file-edit.ts";
import type { Remains } from "./remains.ts";
import type { TownSchema } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { changeVal, findByOldName, takeName, transferVal, type ValChanges } from "./val-changes.ts";
import {
  type ListFilter,
  listOwned,
  listVisible,
  type Page,
  selectVals,
  toPage,
  toVal,
  type Val,
} from "./val-lists.ts";

export { type Page, toPage, type Val } from "./val-lists.ts";

/** A line of versions of a val. Times in epoch milliseconds. */
export interface Branch {
  readonly id: string;
  readonly valId: string;
  readonly name: string;
  readonly version: number;
  readonly forkedBranchId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewVal {
  readonly userId: string;
  readonly name: string;
  readonly privacy: Privacy;
  readonly description?: string | null;
  /** The user who makes it; the owner when missing. */
  readonly authorId?: string;
  /** A UUID, for imports; made when missing. */
  readonly id?: string;
  /** Its first files; together they make version 1. */
  readonly files?: readonly NewFile[];
}

export interface Vals {
  /**
   * Makes the val and its branch `main`, at version 0 unless there are files. Rejects with StoreError `bad_val_name`
   * or `val_taken`, and because of a file as `Files.create` does; then nothing was made.
   */
  create(val: NewVal): Promise<Val>;
  find(id: string): Promise<Val | undefined>;
  /** The username without regard to case, the val's name exactly. */
  findByName(username: string, name: string): Promise<Val | undefined>;
  /** The newest first. */
  listByUser(userId: string, page: { limit: number; offset: number }): Promise<Page<Val>>;
  /** Those of several accounts together. */
  listOwned(accounts: ReadonlySet<string>, page: { limit: number; offset: number }): Promise<Page<Val>>;
  /** What is public and what is of these accounts, the newest first, made before `before` (epoch milliseconds). */
  listFor(accounts: ReadonlySet<string>, filter: ListFilter): Promise<Page<Val>>;
  /** The same, also by a name that the val had before, until another val of its owner takes it. */
  findByAnyName(username: string, name: string): Promise<Val | undefined>;
  /** Rejects with StoreError `no_val`, `bad_val_name`, `val_taken` or `too_many_names`. */
  change(id: string, changes: ValChanges): Promise<Val>;
  /**
   * Gives the val to another account, with its files, variables, blobs, database and host labels. Rejects with
   * StoreError `no_val`, `val_taken` or `too_many_names`.
   */
  transfer(id: string, userId: string): Promise<Val>;
  /** Removes everything of the val but its telemetry, its history in the background; returns whether there was one. */
  remove(id: string): Promise<boolean>;
  branches(valId: string, page: { limit: number; offset: number }): Promise<Page<Branch>>;
  /** How many branches a val has, and when a file in one of them was changed last (epoch milliseconds). */
  branchesOf(valId: string): Promise<{ count: number; updatedAt: number }>;
  /** A branch of this val; without an id its `main`. */
  branch(valId: string, branchId?: string): Promise<Branch | undefined>;
  branchByName(valId: string, name: string): Promise<Branch | undefined>;
}

export function createVals(db: Kysely<TownSchema>, now: () => number, remains: Remains): Vals {
  const select = () => selectVals(db);
  async function findByName(username: string, name: string): Promise<Val | undefined> {
    const owned = select().where("users.username_key", "=", username.toLowerCase());
    const row = await owned.where("vals.name", "=", name).executeTakeFirst();
    return row && toVal(row);
  }
  return {
    create: (val) => createVal(db, val, now()),
    async find(id) {
      const row = await select().where("vals.id", "=", id).executeTakeFirst();
      return row && toVal(row);
    },
    findByName,
    listByUser: (userId, page) => listOwned(db, new Set([userId]), page),
    listOwned: (accounts, page) => listOwned(db, accounts, page),
    listFor: (accounts, filter) => listVisible(db, accounts, filter),
    findByAnyName: async (username, name) =>
      (await findByName(username, name)) ?? (await findByOldName(db, username, name)),
    change: (id, changes) => changeVal(db, id, changes),
    transfer: (id, userId) => transferVal(db, id, userId),
    async remove(id) {
      const existed = (await select().where("vals.id", "=", id).executeTakeFirst()) !== undefined;
      await remains.detach(id);
      return existed;
    },
    async branches(valId, { limit, offset }) {
      const rows = await db
        .selectFrom("branches")
        .selectAll()
        .where("val_id", "=", valId)
        .orderBy("created_at")
        .orderBy("id")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toBranch), limit);
    },
    branchesOf: (valId) =>
      db
        .selectFrom("branches")
        .select((f) => [f.fn.countAll<number>().as("count"), f.fn.max("updated_at").as("updatedAt")])
        .where("val_id", "=", valId)
        .executeTakeFirstOrThrow(),
    async branch(valId, branchId) {
      const query = db.selectFrom("branches").selectAll().where("val_id", "=", valId);
      const row = await (branchId === undefined
        ? query.where("name", "=", "main")
        : query.where("id", "=", branchId)
      ).executeTakeFirst();
      return row && toBranch(row);
    },
    async branchByName(valId, name) {
      const row = await db
        .selectFrom("branches")
        .selectAll()
        .where("val_id", "=", valId)
        .where("name", "=", name)
        .executeTakeFirst();
      return row && toBranch(row);
    },
  };
}

/** A branch as the store's callers know it. */
export function toBranch(row: TownSchema["branches"]): Branch {
  return {
    id: row.id,
    valId: row.val_id,
    name: row.name,
    version: row.version,
    forkedBranchId: row.forked_branch_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

async function createVal(db: Kysely<TownSchema>, val: NewVal, at: number): Promise<Val> {
  const authorId = val.authorId ?? val.userId;
  return db.transaction().execute(async (trx) => {
    const { valId, branchId, createdAt } = await insertVal(trx, val, at, 0);
    await trx
      .insertInto("versions")
      .values({
        branch_id: branchId,
        version: 0,
        author_id: authorId,
        created_at: createdAt,
        kind: "create",
        changes: 0,
      })
      .execute();
    const { files = [] } = val;
    await editWithin(trx, { valId, authorId }, createdAt, async (edit) => {
      for (const file of files) await edit.add(file);
    });
    return findVal(trx, valId);
  });
}

/** Make a val's row and that of its branch `main`, at this version, which is still without files and history. */
export async function insertVal(
  trx: Transaction<TownSchema>,
  val: Omit<NewVal, "files" | "authorId">,
  at: number,
  version: number,
): Promise<{ valId: string; branchId: string; createdAt: number }> {
  const problem = valNameProblem(val.name);
  if (problem !== undefined) throw new StoreError("bad_val_name", problem);
  const valId = val.id ?? Bun.randomUUIDv7();
  const branchId = Bun.randomUUIDv7();
  const newest = await trx
    .selectFrom("vals")
    .select((f) => f.fn.max("created_at").as("at"))
    .executeTakeFirst();
  // One millisecond after the newest at least: the time is the list's cursor, so two vals must not share it.
  const createdAt = Math.max(at, (newest?.at ?? 0) + 1);
  try {
    await trx
      .insertInto("vals")
      .values({
        id: valId,
        user_id: val.userId,
        name: val.name,
        description: val.description ?? null,
        privacy: val.privacy,
        image_url: null,
        created_at: createdAt,
      })
      .execute();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StoreError("val_taken", `A val named ${val.name} exists already. Choose another name.`);
  }
  await takeName(trx, val.userId, val.name);
  const times = { created_at: createdAt, updated_at: createdAt };
  await trx
    .insertInto("branches")
    .values({ id: branchId, val_id: valId, name: "main", version, ...times })
    .execute();
  return { valId, branchId, createdAt };
}

/** A val that is there, within a transaction. */
export async function findVal(trx: Transaction<TownSchema>, valId: string): Promise<Val> {
  return toVal(await selectVals(trx).where("vals.id", "=", valId).executeTakeFirstOrThrow());
}
