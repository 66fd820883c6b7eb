import type { Kysely } from "kysely";
import { type Change, changeOf } from "../val/changes.ts";
import type { VersionKind, VersionOf } from "../val/version.ts";
import { type Diff, type DiffQuery, diffVersions } from "./diff.ts";
import { StoreError } from "./failure.ts";
import type { Target } from "./file-edit.ts";
import { revert } from "./revert.ts";
import type { TownSchema } from "./schema.ts";
import type { TextThread } from "./text-thread.ts";
import type { Page } from "./vals.ts";

/** One version of a branch. Times in epoch milliseconds. */
export interface Version {
  readonly branchId: string;
  readonly version: number;
  readonly kind: VersionKind;
  /** The username is null when the user is gone. */
  readonly author: { readonly id: string; readonly username: string | null };
  readonly createdAt: number;
  /** Of a revert, merge or fork: what it was made from, when that is of the same val and still there. */
  readonly source: VersionOf | undefined;
  /** How many files and directories it changed. */
  readonly changeCount: number;
  /** The first of them by path: `MAX_LISTED` in a list, all of a single version. */
  readonly changes: readonly Change[];
}

/** A whole branch or a file as it was once more. `changed` is false when it still was so. */
export interface Reverted {
  readonly changed: boolean;
  readonly branchId: string;
  /** The branch's version afterwards. */
  readonly version: number;
}

/** The history of branches. */
export interface Versions {
  /** The newest first. */
  list(branchId: string, page: { limit: number; offset: number }): Promise<Page<Version>>;
  find(branchId: string, version: number): Promise<Version | undefined>;
  /** Which version of a branch is meant: its newest without a number. Rejects with StoreError `no_branch` or `no_version`. */
  resolve(branchId: string, version?: number): Promise<VersionOf>;
  /** What is different between two versions, of any branches. */
  diff(from: VersionOf, to: VersionOf, query?: DiffQuery): Promise<Diff>;
  /**
   * Make a version that is as an older one was, or has one file of it. Rejects with StoreError `no_branch`, `no_version`,
   * `no_file` or `is_a_directory`.
   */
  revert(target: Target, version: number, path?: string): Promise<Reverted>;
}

/** How many changes of each version a list has. */
export const MAX_LISTED = 50;
/** A version changes each file once: those that go and those that come. */
const MAX_CHANGES = 2000;

export function createVersions(db: Kysely<TownSchema>, now: () => number, texts: TextThread): Versions {
  return {
    list: (branchId, page) => list(db, branchId, page),
    async find(branchId, version) {
      const row = await select(db)
        .where("versions.branch_id", "=", branchId)
        .where("versions.version", "=", version)
        .executeTakeFirst();
      return row && (await withChanges(db, branchId, [row], MAX_CHANGES))[0];
    },
    resolve: (branchId, version) => resolve(db, branchId, version),
    diff: (from, to, query) => diffVersions({ db, texts }, from, to, query),
    async revert(target, version, path) {
      const { result: _, ...done } = await revert(db, target, { version, path }, now());
      return done;
    },
  };
}

async function list(
  db: Kysely<TownSchema>,
  branchId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<Page<Version>> {
  const branch = await db
    .selectFrom("branches")
    .select("version")
    .where("id", "=", branchId)
    .executeTakeFirst();
  // Versions have no gaps: where a page begins can be told without counting what is before it.
  const newest = (branch?.version ?? -1) - offset;
  const rows = await select(db)
    .where("versions.branch_id", "=", branchId)
    .where("versions.version", "<=", newest)
    .orderBy("versions.version", "desc")
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return { rows: await withChanges(db, branchId, page, MAX_LISTED), more: rows.length > limit };
}

async function resolve(db: Kysely<TownSchema>, branchId: string, version?: number): Promise<VersionOf> {
  const row = await db
    .selectFrom("branches")
    .leftJoin("versions", (join) =>
      join.onRef("versions.branch_id", "=", "branches.id").on("versions.version", "=", version ?? -1),
    )
    .select(["branches.version as newest", "versions.version"])
    .where("branches.id", "=", branchId)
    .executeTakeFirst();
  if (row === undefined) throw new StoreError("no_branch", "Branch not found");
  if (version === undefined) return { branchId, version: row.newest };
  if (row.version === null) throw new StoreError("no_version", `Version ${version} not found`);
  return { branchId, version };
}

function select(db: Kysely<TownSchema>) {
  return db
    .selectFrom("versions")
    .innerJoin("branches", "branches.id", "versions.branch_id")
    .leftJoin("users", "users.id", "versions.author_id")
    .leftJoin("branches as source", (join) =>
      join
        .onRef("source.id", "=", "versions.source_branch_id")
        .onRef("source.val_id", "=", "branches.val_id"),
    )
    .select(["versions.version", "versions.kind", "versions.author_id", "users.username"])
    .select(["versions.created_at", "versions.changes", "versions.source_version", "source.id as source_id"]);
}

type VersionRow = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

async function withChanges(
  db: Kysely<TownSchema>,
  branchId: string,
  rows: readonly VersionRow[],
  most: number,
): Promise<Version[]> {
  const changed = rows.filter(({ changes }) => changes > 0).map(({ version }) => version);
  const changes = changed.length === 0 ? [] : await changesIn(db, branchId, changed, most);
  const byVersion = Map.groupBy(changes, ({ version }) => version);
  return rows.map((row) => ({
    branchId,
    version: row.version,
    kind: row.kind,
    author: { id: row.author_id, username: row.username },
    createdAt: row.created_at,
    source:
      row.source_id === null || row.source_version === null
        ? undefined
        : { branchId: row.source_id, version: row.source_version },
    changeCount: row.changes,
    changes: (byVersion.get(row.version) ?? []).flatMap(({ change }) => change ?? []),
  }));
}

/** The first changes of each version, from what its revisions are and what the files were before. */
async function changesIn(
  db: Kysely<TownSchema>,
  branchId: string,
  versions: readonly number[],
  most: number,
): Promise<{ version: number; change: Change | undefined }[]> {
  const numbered = db
    .selectFrom("file_revisions")
    .select(["file_id", "version", "path", "type", "text_hash", "deleted"])
    .select((f) =>
      f.fn
        .agg<number>("row_number")
        .over((over) => over.partitionBy("version").orderBy("path").orderBy("deleted"))
        .as("place"),
    )
    .where("branch_id", "=", branchId)
    .where("version", "in", versions)
    .as("now");
  const rows = await db
    .selectFrom(numbered)
    .leftJoin("file_revisions as old", (join) =>
      join.onRef("old.file_id", "=", "now.file_id").on((on) =>
        on(
          "old.version",
          "=",
          on
            .selectFrom("file_revisions as before")
            .select((before) => before.fn.max("before.version").as("version"))
            .whereRef("before.file_id", "=", "now.file_id")
            .whereRef("before.version", "<", "now.version"),
        ),
      ),
    )
    .select(["now.version", "now.path", "now.type", "now.text_hash as hash", "now.deleted"])
    .select(["old.path as old_path", "old.type as old_type", "old.text_hash as old_hash"])
    .select("old.deleted as old_deleted")
    .where("now.place", "<=", most)
    .orderBy("now.version")
    .orderBy("now.place")
    .execute();
  return rows.map((row) => {
    const was =
      row.old_path === null || row.old_type === null || row.old_deleted === 1
        ? undefined
        : { path: row.old_path, type: row.old_type, hash: row.old_hash };
    return { version: row.version, change: changeOf(was, row.deleted === 1 ? undefined : row) };
  });
}
