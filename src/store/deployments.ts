import type { Kysely } from "kysely";
import { TRIGGER_TYPES } from "../val/file.ts";
import { type FileBuild, listBuilds } from "./builds.ts";
import {
  type Deployed,
  loadDeployed,
  type Resolved,
  type ResolvedFile,
  resolveFile,
  resolveHost,
} from "./deployed.ts";
import { type BranchOf, behind, type Pin, recordPins } from "./pins.ts";
import type { TownSchema } from "./schema.ts";
import type { Page } from "./vals.ts";
import { listVersionBuilds, recordBuild, type VersionBuild } from "./version-builds.ts";

/** One trigger file, built. */
export interface Built {
  readonly fileId: string;
  readonly version: number;
  readonly artifact: string;
  readonly entry: string;
  /** 0 when missing. */
  readonly level?: number;
  /** What its author should know of it; must survive JSON. */
  readonly notes?: BuildNotes;
  readonly pins?: readonly Pin[];
}

/** Why a build is not of level 0, and what else its author should know. */
export interface BuildNotes {
  readonly reasons: readonly string[];
  readonly warnings: readonly unknown[];
}

/** The newest attempt to build a file when it failed. */
export interface FailedBuild {
  readonly fileId: string;
  readonly version: number;
  /** As it was given to `failed`. */
  readonly diagnostics: unknown;
}

/** What was built of each file. A failed build never takes the last good one away. */
export interface Deployments {
  /** Every trigger file with a good build: what a server loads at start. */
  all(): Promise<Deployed[]>;
  /** Branches with a trigger file of which no build of the newest version is recorded, good or failed. */
  unbuilt(): Promise<BranchOf[]>;
  /**
   * Branches of which the newest build, good or failed, took in another val of the same owner without naming a version,
   * where there is a newer one by now; with `of`, those that took in this branch.
   */
  behind(of?: { valId: string; branch: string }): Promise<BranchOf[]>;
  /** Those of one val. */
  byVal(valId: string): Promise<Deployed[]>;
  /** By a file's id; undefined when there is no such file. */
  find(fileId: string): Promise<ResolvedFile | undefined>;
  /** By host label, lower-case; undefined when no val has claimed it. */
  resolve(label: string): Promise<Resolved | undefined>;
  /** By a domain of somebody's own, lower-case; undefined when none is verified. */
  resolveDomain(domain: string): Promise<Resolved | undefined>;
  /** Files that are gone, and versions older than the recorded one, are passed over. */
  succeeded(builds: readonly Built[]): Promise<void>;
  /** `diagnostics` must survive JSON. Without `pins`, those of the build before count on. */
  failed(
    fileIds: readonly string[],
    version: number,
    diagnostics: unknown,
    pins?: readonly Pin[],
  ): Promise<void>;
  /** What was built of each trigger file of a val, for people to read. */
  list(
    of: { valId: string; branchId?: string | undefined },
    page: { limit: number; offset: number },
  ): Promise<Page<FileBuild>>;
  /** What came of building one version of a branch, as far as it is remembered. */
  ofVersion(at: { branchId: string; version: number }): Promise<VersionBuild[]>;
  /** The files of a val whose newest build failed. */
  failures(valId: string): Promise<FailedBuild[]>;
}

export function createDeployments(db: Kysely<TownSchema>, now: () => number): Deployments {
  return {
    all: () => loadDeployed(db),
    unbuilt: () => unbuilt(db),
    byVal: (valId) => loadDeployed(db, valId),
    list: (of, page) => listBuilds(db, of, page),
    find: (fileId) => resolveFile(db, fileId),
    resolve: (label) => resolveHost(db, { label }),
    resolveDomain: (domain) => resolveHost(db, { domain }),
    behind: (of) => behind(db, of),
    ofVersion: (at) => listVersionBuilds(db, at),
    succeeded: (builds) =>
      record(
        db,
        builds,
        (build) => toGood(build, now()),
        async (trx, build) => {
          await recordPins(trx, build);
          const { fileId, version, level = 0, notes } = build;
          const told = { ok: 1, level, notes: notes ? JSON.stringify(notes) : null, diagnostics: null };
          await recordBuild(trx, fileId, version, { ...told, at: now() });
        },
      ),
    async failed(fileIds, version, diagnostics, pins) {
      const values = { failed_version: version, diagnostics: JSON.stringify(diagnostics), failed_at: now() };
      await record(
        db,
        fileIds.map((fileId) => ({ fileId, version, pins })),
        () => values,
        async (trx, build) => {
          if (pins) await recordPins(trx, build);
          const told = { ok: 0, level: 0, notes: null, diagnostics: values.diagnostics };
          await recordBuild(trx, build.fileId, version, { ...told, at: values.failed_at });
        },
      );
    },
    async failures(valId) {
      const rows = await db
        .selectFrom("deployments")
        .select(["file_id", "failed_version", "diagnostics"])
        .where("val_id", "=", valId)
        .where("failed_version", "is not", null)
        .execute();
      return rows.map((row) => ({
        fileId: row.file_id,
        version: row.failed_version!,
        diagnostics: JSON.parse(row.diagnostics ?? "null"),
      }));
    },
  };
}

type Values = Partial<Omit<TownSchema["deployments"], "file_id" | "val_id">>;

function toGood({ version, artifact, entry, level = 0, notes }: Built, at: number): Values {
  const good = { version, artifact, entry, level, built_at: at, notes: notes ? JSON.stringify(notes) : null };
  return { ...good, failed_version: null, diagnostics: null, failed_at: null };
}

/** Builds can end in another order than they began: one that is older than what is recorded is dropped. */
async function record<B extends { fileId: string; version: number }>(
  db: Kysely<TownSchema>,
  builds: readonly B[],
  toValues: (build: B) => Values,
  also: (trx: Kysely<TownSchema>, build: B) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const build of builds) {
      const file = await trx
        .selectFrom("files")
        // A build may end after its val or branch was removed, of which files are left for a while.
        .innerJoin("branches", "branches.id", "files.branch_id")
        .innerJoin("vals", "vals.id", "files.val_id")
        .leftJoin("deployments", "deployments.file_id", "files.id")
        .select(["files.val_id", "deployments.version", "deployments.failed_version"])
        .where("files.id", "=", build.fileId)
        .where("files.deleted", "=", 0)
        .executeTakeFirst();
      if (file === undefined) continue;
      if (build.version < Math.max(file.version ?? 0, file.failed_version ?? 0)) continue;
      const values = toValues(build);
      await trx
        .insertInto("deployments")
        .values({ file_id: build.fileId, val_id: file.val_id, level: 0, ...values })
        .onConflict((conflict) => conflict.column("file_id").doUpdateSet(values))
        .execute();
      await also(trx, build);
    }
  });
}

function unbuilt(db: Kysely<TownSchema>): Promise<BranchOf[]> {
  return db
    .selectFrom("files")
    .innerJoin("branches", "branches.id", "files.branch_id")
    .leftJoin("deployments", (join) =>
      join
        .onRef("deployments.file_id", "=", "files.id")
        .on((on) =>
          on.or([
            on("deployments.version", ">=", on.ref("branches.version")),
            on("deployments.failed_version", ">=", on.ref("branches.version")),
          ]),
        ),
    )
    .select(["files.val_id as valId", "files.branch_id as branchId"])
    .distinct()
    .where("files.type", "in", TRIGGER_TYPES)
    .where("files.deleted", "=", 0)
    .where("deployments.file_id", "is", null)
    .execute();
}
