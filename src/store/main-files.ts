/** The one file of a val by which older clients know it, for many vals at once. */
import { type Kysely, sql } from "kysely";
import type { FileType } from "../val/file.ts";
import { labelsOf, PRESENT } from "./file-reads.ts";
import type { TownSchema } from "./schema.ts";

interface Main {
  readonly id: string;
  readonly path: string;
  readonly type: FileType;
  readonly content: string;
}

/** A main branch, with its file. */
export interface MainFile {
  readonly version: number;
  readonly updatedAt: number;
  /** Undefined where the branch has none; `label` is of its endpoint. */
  readonly file: (Main & { readonly label: string | undefined }) | undefined;
}

/** A val, and if it was found by one of its files, that. */
export interface MainFileQuery {
  readonly valId: string;
  readonly file: Main | undefined;
}

/** Of a val with very many files, only so many are looked at. */
const LOOKED_AT = 100;

/** By val: the file by which it was found, the first that is called from outside, the first with code, or the first. */
export async function mainFilesOf(
  db: Kysely<TownSchema>,
  wanted: readonly MainFileQuery[],
): Promise<Map<string, MainFile>> {
  const valIds = wanted.map(({ valId }) => valId);
  if (valIds.length === 0) return new Map();
  const first = sql<string>`(
    select id from (
      select id, path, type from files where branch_id = branches.id and deleted = ${PRESENT}
      order by path limit ${LOOKED_AT}
    ) where type <> 'directory'
    order by case when type in ('http', 'interval', 'email') then 0 when type = 'script' then 1 else 2 end, path
    limit 1)`;
  const rows = await db
    .selectFrom("branches")
    .leftJoin("files", (join) => join.on("files.id", "=", first))
    .leftJoin("texts", "texts.hash", "files.text_hash")
    .select(["branches.val_id", "branches.version", "branches.updated_at"])
    .select(["files.id", "files.path", "files.type", "texts.content"])
    .where("branches.val_id", "in", valIds)
    .where("branches.name", "=", "main")
    .execute();
  const found = new Map(wanted.map(({ valId, file }) => [valId, file]));
  const mains = rows.map(({ val_id, version, updated_at, id, path, type, content }) => {
    const first =
      id === null || path === null || type === null ? undefined : { id, path, type, content: content ?? "" };
    return { valId: val_id, version, updatedAt: updated_at, file: found.get(val_id) ?? first };
  });
  const labels = await labelsOf(
    db,
    mains.flatMap(({ file }) => (file?.type === "http" ? [file.id] : [])),
  );
  return new Map(
    mains.map(({ valId, version, updatedAt, file }) => [
      valId,
      { version, updatedAt, file: file && { ...file, label: labels.get(file.id)?.[0] } },
    ]),
  );
}
