import type { Kysely, Transaction } from "kysely";
import { Edit, type Reason } from "./edit.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";

export type { Edit, NewFile } from "./edit.ts";

/** Where a change goes: `branchId` missing means `main`. */
export interface Target {
  readonly valId: string;
  readonly branchId?: string;
  /** The user who makes the change; the val's owner when missing. */
  readonly authorId?: string;
}

/** What a change came to. `version` is the branch's afterwards. */
export interface Edited<T> {
  readonly result: T;
  readonly changed: boolean;
  readonly branchId: string;
  readonly version: number;
}

/**
 * Run a change of one branch in a transaction. However many files it touches, the branch's version grows by one;
 * it does not grow when the change turns out to change nothing. Changes of one branch run one after another.
 */
export function editBranch<T>(
  db: Kysely<TownSchema>,
  target: Target,
  at: number,
  change: (edit: Edit) => Promise<T>,
  reason?: Reason,
): Promise<Edited<T>> {
  return db.transaction().execute((trx) => editWithin(trx, target, at, change, reason));
}

/** The same as part of a greater transaction. */
export async function editWithin<T>(
  trx: Transaction<TownSchema>,
  target: Target,
  at: number,
  change: (edit: Edit) => Promise<T>,
  reason: Reason = { kind: "edit" },
): Promise<Edited<T>> {
  // An update that changes nothing: where many connections write, it locks the row until the commit.
  const lock = trx.updateTable("branches").set((f) => ({ version: f.ref("version") }));
  const branch = await (target.branchId === undefined
    ? lock.where("name", "=", "main")
    : lock.where("id", "=", target.branchId)
  )
    // Branches of a val that was removed are there a little longer.
    .where("val_id", "in", trx.selectFrom("vals").select("id").where("id", "=", target.valId))
    .returning(["id", "version"])
    .executeTakeFirst();
  if (branch === undefined) throw new StoreError("no_branch", "Branch not found");
  const authorId = target.authorId ?? (await ownerOf(trx, target.valId));
  const place = {
    valId: target.valId,
    branchId: branch.id,
    version: branch.version + 1,
    at,
    authorId,
    reason,
  };
  const edit = new Edit(trx, place);
  const result = await change(edit);
  if (!edit.changed) return { result, changed: false, branchId: branch.id, version: branch.version };
  await edit.finish();
  return { result, changed: true, branchId: branch.id, version: branch.version + 1 };
}

async function ownerOf(trx: Transaction<TownSchema>, valId: string): Promise<string> {
  const val = await trx
    .selectFrom("vals")
    .select("user_id")
    .where("id", "=", valId)
    .executeTakeFirstOrThrow();
  return val.user_id;
}
