import type { Kysely } from "kysely";
import { type FileType, TRIGGER_TYPES } from "../val/file.ts";
import { stateAt } from "./file-reads.ts";
import type { TownSchema } from "./schema.ts";

/** What is known of building one trigger file of one version. Times in epoch milliseconds. */
export interface VersionBuild {
  readonly fileId: string;
  readonly path: string;
  readonly type: FileType;
  /** `superseded`: a later version was built in its place; `none`: it was not, or it is too long ago. */
  readonly status: "ok" | "failed" | "superseded" | "none";
  readonly level: number;
  readonly reasons: readonly string[];
  /** As they were given with the build. */
  readonly warnings: readonly unknown[];
  readonly diagnostics: readonly unknown[];
  readonly at: number | undefined;
}

/** Of each file so many builds are remembered. */
const KEPT = 50;

/** Remember what came of building a file's version; a later try of the same version counts. */
export async function recordBuild(
  trx: Kysely<TownSchema>,
  fileId: string,
  version: number,
  values: Omit<TownSchema["builds"], "file_id" | "version">,
): Promise<void> {
  await trx
    .insertInto("builds")
    .values({ file_id: fileId, version, ...values })
    .onConflict((conflict) => conflict.columns(["file_id", "version"]).doUpdateSet(values))
    .execute();
  const last = trx
    .selectFrom("builds")
    .select("version")
    .where("file_id", "=", fileId)
    .orderBy("version", "desc")
    .limit(1)
    .offset(KEPT - 1);
  await trx.deleteFrom("builds").where("file_id", "=", fileId).where("version", "<", last).execute();
}

/** The trigger files that a branch had as of a version, by path, with what came of building them. */
export async function listVersionBuilds(
  db: Kysely<TownSchema>,
  { branchId, version }: { branchId: string; version: number },
): Promise<VersionBuild[]> {
  const files = await db
    .selectFrom(stateAt(db, { branchId, version }))
    .leftJoin("builds", (join) =>
      join.onRef("builds.file_id", "=", "state.id").on("builds.version", "=", version),
    )
    .select(["state.id as file_id", "state.path", "state.type"])
    .select(["builds.ok", "builds.level", "builds.notes", "builds.diagnostics", "builds.at"])
    .select((own) =>
      own
        .exists(
          own
            .selectFrom("builds as later")
            .select("later.version")
            .whereRef("later.file_id", "=", "state.id")
            .where("later.version", ">", version),
        )
        .as("has_later"),
    )
    .where("state.type", "in", TRIGGER_TYPES)
    .orderBy("state.path")
    .execute();
  return files.map((row) => {
    const { reasons = [], warnings = [] } = JSON.parse(row.notes ?? "{}") as {
      reasons?: string[];
      warnings?: unknown[];
    };
    const built = row.ok === 1 ? "ok" : "failed";
    return {
      fileId: row.file_id,
      path: row.path,
      type: row.type,
      status: row.ok === null ? (row.has_later ? "superseded" : "none") : built,
      level: row.level ?? 0,
      reasons,
      warnings,
      diagnostics: JSON.parse(row.diagnostics ?? "[]") as unknown[],
      at: row.at ?? undefined,
    };
  });
}
