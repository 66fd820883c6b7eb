import { type Kysely, sql } from "kysely";
import { preferLabels } from "../val/address.ts";
import type { FileEntry, FileType, SourceFile } from "../val/file.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, toPage } from "./val-lists.ts";

/** Which state of which branch: the newest as of `version` (the newest of all without one). */
export interface At {
  readonly valId: string;
  readonly branchId: string;
  readonly version?: number;
}

/** The columns of one file's state, whichever table they come from. */
export interface State {
  id: string;
  path: string;
  parent: string;
  type: FileType;
  hash: string | null;
  version: number;
  updated_at: number;
}

/**
 * The value of `deleted` for what is there, as a literal: the indexes of what is there serve no statement that leaves the
 * value open.
 */
export const PRESENT = sql.lit(0);

/** All files of a branch as of a version, as a sub-query called `state`. */
export function stateAt(db: Kysely<TownSchema>, at: Pick<At, "branchId" | "version">) {
  const { version } = at;
  if (version === undefined) {
    return db
      .selectFrom("files")
      .select(["id", "path", "parent", "type", "text_hash as hash", "version", "updated_at"])
      .where("branch_id", "=", at.branchId)
      .where("deleted", "=", PRESENT)
      .as("state");
  }
  return revisionsAt(db, at.branchId, version)
    .select(["f.id", "r.path", "r.parent", "r.type", "r.text_hash as hash", "r.version", "r.updated_at"])
    .as("state");
}

/** Each file `f` that a branch has as of a version, with the revision `r` that it has there. */
export function revisionsAt(db: Kysely<TownSchema>, branchId: string, version: number) {
  // From the files to one revision of each, so that the number of versions does not matter.
  return db
    .selectFrom("files as f")
    .innerJoin("file_revisions as r", (join) =>
      join.onRef("r.file_id", "=", "f.id").on((on) =>
        on(
          "r.version",
          "=",
          on
            .selectFrom("file_revisions as last")
            .select((last) => last.fn.max("last.version").as("version"))
            .whereRef("last.file_id", "=", "f.id")
            .where("last.version", "<=", version),
        ),
      ),
    )
    .where("f.branch_id", "=", branchId)
    .where((where) => where.or([where("f.deleted", "=", 0), where("f.version", ">", version)]))
    .where("r.deleted", "=", 0);
}

/** The state of the file at a path. */
function stateOfPath(db: Kysely<TownSchema>, at: At, path: string) {
  const { version } = at;
  if (version === undefined) return db.selectFrom(stateAt(db, at)).selectAll().where("path", "=", path);
  // Whichever file was the last to come to this path is the one that is there, unless it has gone since.
  const last = db
    .selectFrom("file_revisions")
    .select(["file_id as id", "path", "parent", "type", "text_hash as hash", "version", "updated_at"])
    .where("branch_id", "=", at.branchId)
    .where("path", "=", path)
    .where("version", "<=", version)
    .where("deleted", "=", 0)
    .orderBy("version", "desc")
    .limit(1)
    .as("state");
  return db
    .selectFrom(last)
    .selectAll()
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("file_revisions as later")
            .select("later.version")
            .whereRef("later.file_id", "=", "state.id")
            .whereRef("later.version", ">", "state.version")
            .where("later.version", "<=", version),
        ),
      ),
    );
}

/** What is at a path; undefined when nothing is. */
export async function entryAt(db: Kysely<TownSchema>, at: At, path: string): Promise<FileEntry | undefined> {
  const row = await stateOfPath(db, at, path).executeTakeFirst();
  return row && (await withLabels(db, at, [row]))[0];
}

/** A file itself, or what is in a directory (with all below it when `recursive`), by path. */
export async function listAt(
  db: Kysely<TownSchema>,
  at: At,
  { path, recursive, limit, offset }: { path: string; recursive: boolean; limit: number; offset: number },
): Promise<Page<FileEntry>> {
  if (path !== "") {
    const entry = await entryAt(db, at, path);
    if (entry === undefined) throw new StoreError("no_file", `There is no file or directory ${path}.`);
    if (entry.type !== "directory") return { rows: offset === 0 ? [entry] : [], more: false };
  }
  let query = db.selectFrom(stateAt(db, at)).selectAll();
  if (!recursive) query = query.where("parent", "=", path);
  else if (path !== "") {
    const prefix = `${path}/`;
    query = query.where((where) =>
      where(where.fn("substr", ["path", where.lit(1), where.lit(prefix.length)]), "=", prefix),
    );
  }
  const rows = await query
    .orderBy("path")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const page = toPage(rows, limit);
  return { rows: await withLabels(db, at, page.rows), more: page.more };
}

/** A file's entry and text. */
export async function contentAt(
  db: Kysely<TownSchema>,
  at: At,
  path: string,
): Promise<{ entry: FileEntry; content: string }> {
  const entry = await entryAt(db, at, path);
  if (entry?.hash === undefined) {
    throw new StoreError(entry === undefined ? "no_file" : "is_a_directory", `There is no file ${path}.`);
  }
  const { content } = await db
    .selectFrom("texts")
    .select("content")
    .where("hash", "=", entry.hash)
    .executeTakeFirstOrThrow();
  return { entry, content };
}

/** Every file of a branch with its text, directories left out, and the version they are of. */
export async function sourcesAt(
  db: Kysely<TownSchema>,
  at: At,
): Promise<{ version: number; files: SourceFile[] }> {
  // One statement, so that files and version are of the same moment.
  const rows = await db
    .selectFrom("branches")
    .leftJoin(stateAt(db, at), (join) => join.on("state.type", "!=", "directory"))
    .leftJoin("texts", "texts.hash", "state.hash")
    .select([
      "branches.version as latest",
      "state.id",
      "state.path",
      "state.type",
      "state.hash",
      "texts.content",
    ])
    .where("branches.id", "=", at.branchId)
    .orderBy("state.path")
    .execute();
  const latest = rows[0]?.latest;
  if (latest === undefined) throw new StoreError("no_branch", "Branch not found");
  const files = rows.flatMap(({ id, path, type, hash, content }) =>
    id === null || path === null || hash === null || content === null || type === null || type === "directory"
      ? []
      : [{ id, path, type, hash, content }],
  );
  return { version: Math.min(latest, at.version ?? latest), files };
}

/** Rows as entries, with the host labels of those that are HTTP files. */
export async function withLabels(
  db: Kysely<TownSchema>,
  at: { valId: string; branchId: string },
  rows: readonly State[],
): Promise<FileEntry[]> {
  const labels = await labelsOf(
    db,
    rows.filter((row) => row.type === "http").map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    valId: at.valId,
    branchId: at.branchId,
    path: row.path,
    type: row.type,
    hash: row.hash ?? undefined,
    version: row.version,
    updatedAt: row.updated_at,
    labels: labels.get(row.id) ?? [],
  }));
}

/** Host labels of HTTP files, by file, the one to show first. */
export async function labelsOf(
  db: Kysely<TownSchema>,
  fileIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (fileIds.length === 0) return new Map();
  const found = await db
    .selectFrom("endpoints")
    .select(["label", "file_id", "kind"])
    .where("file_id", "in", fileIds)
    .execute();
  const labels = Map.groupBy(found, (row) => row.file_id!);
  return new Map([...labels].map(([id, rows]) => [id, inOrder(rows)]));
}

/** The one to show first; those of former names, which still lead here, last. */
function inOrder(labels: readonly { label: string; kind: string }[]): string[] {
  const [old = [], now = []] = [true, false].map((isOld) =>
    labels.filter(({ kind }) => (kind === "old") === isOld).map(({ label }) => label),
  );
  return [...preferLabels(now), ...preferLabels(old)];
}
