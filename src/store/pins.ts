import type { Kysely } from "kysely";
import type { TownSchema } from "./schema.ts";

/** Another val's branch and version from which a build took modules. */
export interface Pin {
  readonly valId: string;
  readonly branch: string;
  readonly version: number;
  /** Imported without a version. */
  readonly floating: boolean;
}

/** A branch of a val, to be built. */
export interface BranchOf {
  readonly valId: string;
  readonly branchId: string;
}

/** Remember what a file's good build took in, in the place of what was remembered of the one before. */
export async function recordPins(
  trx: Kysely<TownSchema>,
  { fileId, pins = [] }: { fileId: string; pins?: readonly Pin[] },
): Promise<void> {
  await trx.deleteFrom("pins").where("file_id", "=", fileId).execute();
  if (pins.length === 0) return;
  const rows = pins.map(({ valId, branch, version, floating }) => ({
    file_id: fileId,
    val_id: valId,
    branch,
    version,
    floating: floating ? 1 : 0,
  }));
  await trx
    .insertInto("pins")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Branches to build again now that this one has come to `version`. */
export function dependants(
  db: Kysely<TownSchema>,
  valId: string,
  branch: string,
  version: number,
): Promise<BranchOf[]> {
  return db
    .selectFrom("pins")
    .innerJoin("files", "files.id", "pins.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("vals as imported", "imported.id", "pins.val_id")
    .select(["files.val_id as valId", "files.branch_id as branchId"])
    .distinct()
    .whereRef("vals.user_id", "=", "imported.user_id")
    .where("pins.val_id", "=", valId)
    .where("pins.branch", "=", branch)
    .where("pins.floating", "=", 1)
    .where("pins.version", "<", version)
    .where("files.val_id", "!=", valId)
    .where("files.deleted", "=", 0)
    .execute();
}
