import type { Kysely } from "kysely";
import { TRIGGER_TYPES } from "../val/file.ts";
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

/** Remember what a file's newest build took in, in the place of what was remembered of the one before. */
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

/** Branches to build again, because what their newest builds took in has a newer version by now. */
export function behind(
  db: Kysely<TownSchema>,
  of: { valId: string; branch: string } | undefined,
): Promise<BranchOf[]> {
  return db
    .selectFrom("pins")
    .innerJoin("files", "files.id", "pins.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("vals as imported", "imported.id", "pins.val_id")
    .innerJoin("branches as newest", (join) =>
      join.onRef("newest.val_id", "=", "pins.val_id").onRef("newest.name", "=", "pins.branch"),
    )
    .select(["files.val_id as valId", "files.branch_id as branchId"])
    .distinct()
    .whereRef("vals.user_id", "=", "imported.user_id")
    .whereRef("files.val_id", "!=", "pins.val_id")
    .whereRef("pins.version", "<", "newest.version")
    .where("pins.floating", "=", 1)
    .where("files.deleted", "=", 0)
    .where("files.type", "in", TRIGGER_TYPES)
    .$if(of !== undefined, (query) =>
      query.where("pins.val_id", "=", of!.valId).where("pins.branch", "=", of!.branch),
    )
    .execute();
}
