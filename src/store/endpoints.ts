import type { Transaction } from "kysely";
import { idLabel, nameLabel } from "../val/address.ts";
import type { TownSchema } from "./schema.ts";
import { releaseLabels } from "./subdomains.ts";

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
  await releaseLabels(trx, val.id);
  await settleNames(
    trx,
    val,
    https.filter(({ branch }) => branch === "main").map((file) => file.id),
  );
}

/**
 * The val's short labels, `files` being those that may have them, the oldest first. After a new name or owner the label
 * of that is claimed as well; the ones before stay the val's, for visitors who know them.
 */
async function settleNames(
  trx: Transaction<TownSchema>,
  val: ValIdentity,
  files: readonly string[],
): Promise<void> {
  const label = nameLabel(val.username, val.name);
  const select = () =>
    trx
      .selectFrom("endpoints")
      .select(["label", "file_id", "kind"])
      .where("val_id", "=", val.id)
      .where("kind", "in", ["name", "old"])
      .orderBy("kind")
      .orderBy("label")
      .execute();
  const before = await select();
  const live = before.find((row) => row.file_id !== null && files.includes(row.file_id));
  const target = live?.file_id ?? files[0] ?? null;
  if (label !== undefined && target !== null)
    await claim(trx, { label, val_id: val.id, file_id: target, kind: "name" });
  const rows = await select();
  // As long as another val has the label, the one before is still the best.
  const isHeld = rows.some((row) => row.label === label);
  for (const row of rows) {
    const kind = row.label === label || !isHeld ? "name" : "old";
    const file_id = row.file_id !== null && files.includes(row.file_id) ? row.file_id : target;
    if (kind === row.kind && file_id === row.file_id) continue;
    await trx.updateTable("endpoints").set({ kind, file_id }).where("label", "=", row.label).execute();
  }
}

async function claim(trx: Transaction<TownSchema>, row: TownSchema["endpoints"]): Promise<void> {
  await trx
    .insertInto("endpoints")
    .values(row)
    .onConflict((conflict) => conflict.column("label").doNothing())
    .execute();
}
