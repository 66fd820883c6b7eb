import type { Kysely } from "kysely";
import { type FileType, TRIGGER_TYPES } from "../val/file.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, toPage } from "./vals.ts";

/** What was built of one trigger file. Times in epoch milliseconds. */
export interface FileBuild {
  readonly fileId: string;
  readonly branchId: string;
  readonly branch: string;
  readonly path: string;
  readonly type: FileType;
  /** The last good build, which is what is served; undefined when there was none. */
  readonly good: GoodBuild | undefined;
  /** The newest attempt, when it failed. */
  readonly failed: FailedAttempt | undefined;
}

export interface GoodBuild {
  readonly version: number;
  /** 0: bundled; 1: but for some packages; 2: not bundled. */
  readonly level: number;
  /** Why it is not 0. */
  readonly reasons: readonly string[];
  /** As they were given with the build. */
  readonly warnings: readonly unknown[];
  readonly at: number;
}

export interface FailedAttempt {
  readonly version: number;
  /** As they were given with the build. */
  readonly diagnostics: readonly unknown[];
  readonly at: number;
}

/** The builds of a val's files, by branch and path; of one branch when it is named. */
export async function listBuilds(
  db: Kysely<TownSchema>,
  { valId, branchId }: { valId: string; branchId?: string | undefined },
  { limit, offset }: { limit: number; offset: number },
): Promise<Page<FileBuild>> {
  const rows = await selectBuilds(db)
    .where("files.val_id", "=", valId)
    .$if(branchId !== undefined, (query) => query.where("files.branch_id", "=", branchId!))
    .orderBy("branches.created_at")
    .orderBy("branches.id")
    .orderBy("files.path")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return toPage(rows.map(toFileBuild), limit);
}

function selectBuilds(db: Kysely<TownSchema>) {
  return (
    db
      .selectFrom("deployments")
      .innerJoin("files", "files.id", "deployments.file_id")
      .innerJoin("branches", "branches.id", "files.branch_id")
      .select(["files.id", "files.branch_id", "branches.name as branch", "files.path", "files.type"])
      .select(["deployments.version", "deployments.level", "deployments.notes", "deployments.built_at"])
      .select(["deployments.failed_version", "deployments.diagnostics", "deployments.failed_at"])
      .where("files.deleted", "=", 0)
      // What a file that is no trigger any more was built to is served no more.
      .where("files.type", "in", TRIGGER_TYPES)
  );
}

type BuildRow = Awaited<ReturnType<ReturnType<typeof selectBuilds>["execute"]>>[number];

function toFileBuild(row: BuildRow): FileBuild {
  const { version, level, failed_version: failed } = row;
  const notes = JSON.parse(row.notes ?? "{}") as { reasons?: string[]; warnings?: unknown[] };
  const { reasons = [], warnings = [] } = notes;
  const diagnostics: unknown = JSON.parse(row.diagnostics ?? "[]");
  return {
    fileId: row.id,
    branchId: row.branch_id,
    branch: row.branch,
    path: row.path,
    type: row.type,
    good: version === null ? undefined : { version, level, reasons, warnings, at: row.built_at ?? 0 },
    failed:
      failed === null
        ? undefined
        : {
            version: failed,
            diagnostics: Array.isArray(diagnostics) ? diagnostics : [],
            at: row.failed_at ?? 0,
          },
  };
}
