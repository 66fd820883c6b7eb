import type { Transaction } from "kysely";
import { idLabel, nameLabel } from "../val/address.ts";
import type { TownSchema } from "./schema.ts";

interface ValIdentity {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}

/** Bring a val's host labels in line with its HTTP files, by its id. */
export async function settleEndpointsOf(trx: Transaction<TownSchema>, valId: string): Promise<void> {
  const val = await trx
    .selectFrom("vals")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["vals.id", "users.username", "vals.name"])
    .where("vals.id", "=", valId)
    .executeTakeFirstOrThrow();
  await settleEndpoints(trx, val);
}

/**
 * Bring a val's host labels in line with its HTTP files, after a change that touched one. Each file keeps its id label
 * for life. The name label is claimed with the first HTTP file of `main` (the first val to ask gets it); when that file
 * goes, the label passes to the oldest other one of `main`, and otherwise stays reserved for the val.
 */
export async function settleEndpoints(trx: Transaction<TownSchema>, val: ValIdentity): Promise<void> {
  const https = await trx
    .selectFrom("files")
    .innerJoin("branches", "branches.id", "files.branch_id")
    .select(["files.id", "branches.name as branch"])
    .where("files.val_id", "=", val.id)
    .where("files.type", "=", "http")
    .where("files.deleted", "=", 0)
    .orderBy("files.created_at")
    .orderBy("files.id")
    .execute();
  const ofMain = https.filter(({ branch }) => branch === "main");
  const rows = await trx
    .selectFrom("endpoints")
    .select(["label", "file_id", "kind"])
    .where("val_id", "=", val.id)
    .execute();
  const labelled = new Set(rows.filter((row) => row.kind === "id").map((row) => row.file_id));
  for (const { id } of https) {
    if (labelled.has(id)) continue;
    await claim(trx, { label: idLabel(val.username, id), val_id: val.id, file_id: id, kind: "id" });
  }
  const named = rows.find((row) => row.kind === "name");
  if (named === undefined) {
    const label = nameLabel(val.username, val.name);
    const first = ofMain[0];
    if (label === undefined || first === undefined) return;
    await claim(trx, { label, val_id: val.id, file_id: first.id, kind: "name" });
  } else if (!ofMain.some((file) => file.id === named.file_id)) {
    await trx
      .updateTable("endpoints")
      .set({ file_id: ofMain[0]?.id ?? null })
      .where("label", "=", named.label)
      .execute();
  }
}

async function claim(trx: Transaction<TownSchema>, row: TownSchema["endpoints"]): Promise<void> {
  await trx
    .insertInto("endpoints")
    .values(row)
    .onConflict((conflict) => conflict.column("label").doNothing())
    .execute();
}
