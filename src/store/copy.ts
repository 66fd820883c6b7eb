import type { Transaction } from "kysely";
import type { VersionKind, VersionOf } from "../val/version.ts";
import { settleEndpointsOf } from "./endpoints.ts";
import { PRESENT } from "./file-reads.ts";
import { hasLabels } from "./label-books.ts";
import { copySchedules } from "./schedule-settle.ts";
import type { TownSchema } from "./schema.ts";

/** A branch that holds nothing yet. */
export interface Copy {
  readonly valId: string;
  readonly branchId: string;
  /** The version as which it gets what is copied: its first. */
  readonly version: number;
  readonly authorId: string;
  readonly at: number;
  readonly kind: VersionKind;
}

/** Rows that go into one statement, which takes a bounded number of parameters. */
const PORTION = 500;

/** Give an empty branch the newest state of another one, with files of its own. */
export async function copyFiles(trx: Transaction<TownSchema>, source: VersionOf, to: Copy): Promise<void> {
  const { valId, branchId, version, authorId, at, kind } = to;
  await trx
    .insertInto("versions")
    .values({
      branch_id: branchId,
      version,
      author_id: authorId,
      created_at: at,
      kind,
      source_branch_id: source.branchId,
      source_version: source.version,
      changes: 0,
    })
    .execute();
  const rows = await trx
    .selectFrom("files")
    .leftJoin("conflicts", "conflicts.file_id", "files.id")
    .select(["lineage", "path", "parent", "type", "text_hash", "updated_at", "opening", "closing"])
    .where("branch_id", "=", source.branchId)
    .where("deleted", "=", PRESENT)
    // In the order in which they were made, which decides who gets the val's own host.
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  for (let from = 0; from < rows.length; from += PORTION) {
    const states = rows.slice(from, from + PORTION).map(({ opening, closing, lineage, ...state }) => ({
      file: { ...state, branch_id: branchId, version, deleted: 0 },
      id: Bun.randomUUIDv7(),
      lineage,
      markers: opening === null || closing === null ? undefined : { opening, closing },
    }));
    await trx
      .insertInto("files")
      .values(
        states.map(({ file, id, lineage }) => ({ ...file, id, lineage, val_id: valId, created_at: at })),
      )
      .execute();
    await trx
      .insertInto("file_revisions")
      .values(states.map(({ file, id }) => ({ ...file, file_id: id })))
      .execute();
    const marked = states.flatMap(({ id, markers }) => (markers ? [{ file_id: id, ...markers }] : []));
    if (marked.length > 0) await trx.insertInto("conflicts").values(marked).execute();
  }
  if (rows.some(({ type }) => hasLabels(type))) await settleEndpointsOf(trx, valId);
  if (rows.some(({ type }) => type === "interval")) await copySchedules(trx, source.branchId, branchId, at);
}
