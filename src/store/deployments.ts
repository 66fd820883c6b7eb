import type { Kysely } from "kysely";
import { preferLabels } from "../val/address.ts";
import type { FileType } from "../val/file.ts";
import type { Privacy } from "../val/visibility.ts";
import { type FileBuild, listBuilds } from "./builds.ts";
import { type BranchOf, behind, type Pin, recordPins } from "./pins.ts";
import type { TownSchema } from "./schema.ts";
import type { Page } from "./vals.ts";

/** The last good build of an HTTP file, with all that is needed to serve it. */
export interface Deployed {
  readonly fileId: string;
  readonly valId: string;
  readonly branchId: string;
  /** The branch's version it was built from. */
  readonly version: number;
  readonly branch: string;
  readonly userId: string;
  readonly username: string;
  readonly valName: string;
  readonly privacy: Privacy;
  /** It is private, or has modules of a val that is. */
  readonly secret: boolean;
  /** Key of the artifact, as it was given to `succeeded`. */
  readonly artifact: string;
  /** Path of the trigger file within its val. */
  readonly entry: string;
  /** 0: bundled; 1: but for some packages; 2: not bundled. */
  readonly level: number;
  /** Host labels that lead here (the part before `.web.DOMAIN`). */
  readonly labels: readonly string[];
}

/** Where a host label leads. */
export interface Resolved {
  readonly valId: string;
  /** Missing when the label is reserved by a val that has no HTTP file at present. */
  readonly fileId: string | undefined;
  /** That file's branch. */
  readonly branchId: string | undefined;
  /** Missing when nothing of the file was ever built. */
  readonly deployed: Deployed | undefined;
  /** Whether a build newer than `deployed` failed. */
  readonly failed: boolean;
}

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
  /** Every HTTP file with a good build: what a server loads at start. */
  all(): Promise<Deployed[]>;
  /** Branches with an HTTP file of which no build of the newest version is recorded, good or failed. */
  unbuilt(): Promise<BranchOf[]>;
  /**
   * Branches of which the newest build, good or failed, took in another val of the same owner without naming a version,
   * where there is a newer one by now; with `of`, those that took in this branch.
   */
  behind(of?: { valId: string; branch: string }): Promise<BranchOf[]>;
  /** Those of one val. */
  byVal(valId: string): Promise<Deployed[]>;
  /** By host label, lower-case; undefined when no val has claimed it. */
  resolve(label: string): Promise<Resolved | undefined>;
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
  /** The files of a val whose newest build failed. */
  failures(valId: string): Promise<FailedBuild[]>;
}

export function createDeployments(db: Kysely<TownSchema>, now: () => number): Deployments {
  return {
    all: () => load(db),
    unbuilt: () => unbuilt(db),
    byVal: (valId) => load(db, valId),
    list: (of, page) => listBuilds(db, of, page),
    resolve: (label) => resolve(db, label),
    behind: (of) => behind(db, of),
    succeeded: (builds) => record(db, builds, (build) => toGood(build, now()), recordPins),
    async failed(fileIds, version, diagnostics, pins) {
      const values = { failed_version: version, diagnostics: JSON.stringify(diagnostics), failed_at: now() };
      await record(
        db,
        fileIds.map((fileId) => ({ fileId, version, pins })),
        () => values,
        async (trx, build) => pins && recordPins(trx, build),
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

async function load(db: Kysely<TownSchema>, valId?: string): Promise<Deployed[]> {
  let query = selectDeployed(db);
  let labels = db.selectFrom("endpoints").select(["label", "file_id"]).where("file_id", "is not", null);
  if (valId !== undefined) {
    query = query.where("files.val_id", "=", valId);
    labels = labels.where("val_id", "=", valId);
  }
  // Two flat queries put together here: a grouped join would need a function that databases spell differently.
  const byFile = Map.groupBy(await labels.execute(), (row) => row.file_id!);
  const rows = await query.execute();
  return rows.flatMap((row) => {
    const own = (byFile.get(row.file_id) ?? []).map(({ label }) => label);
    return toDeployed(row, own) ?? [];
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
    .where("files.type", "=", "http")
    .where("files.deleted", "=", 0)
    .where("deployments.file_id", "is", null)
    .execute();
}

async function resolve(db: Kysely<TownSchema>, label: string): Promise<Resolved | undefined> {
  const endpoint = await db
    .selectFrom("endpoints")
    .leftJoin("files", (join) =>
      join
        .onRef("files.id", "=", "endpoints.file_id")
        .on("files.deleted", "=", 0)
        .on("files.type", "=", "http" satisfies FileType),
    )
    .leftJoin("deployments", "deployments.file_id", "files.id")
    .select(["endpoints.val_id", "files.id as file_id", "files.branch_id", "deployments.failed_version"])
    .where("label", "=", label)
    .executeTakeFirst();
  if (endpoint === undefined) return undefined;
  const fileId = endpoint.file_id ?? undefined;
  const deployed = (await load(db, endpoint.val_id)).find((one) => one.fileId === fileId);
  const branchId = endpoint.branch_id ?? undefined;
  return { valId: endpoint.val_id, fileId, branchId, deployed, failed: endpoint.failed_version !== null };
}

function selectDeployed(db: Kysely<TownSchema>) {
  return db
    .selectFrom("deployments")
    .innerJoin("files", "files.id", "deployments.file_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .innerJoin("branches", "branches.id", "files.branch_id")
    .select([
      "deployments.file_id",
      "files.val_id",
      "files.branch_id",
      "branches.name as branch",
      "vals.user_id",
      "deployments.version",
      "deployments.artifact",
      "deployments.entry",
      "deployments.level",
      "users.username",
      "vals.name",
      "vals.privacy",
    ])
    .select((own) =>
      own
        .exists(
          own
            .selectFrom("pins")
            .innerJoin("vals as imported", "imported.id", "pins.val_id")
            .select("pins.val_id")
            .whereRef("pins.file_id", "=", "deployments.file_id")
            .where("imported.privacy", "=", "private"),
        )
        .as("has_private_modules"),
    )
    .where("files.deleted", "=", 0)
    .where("files.type", "=", "http")
    .where("deployments.version", "is not", null);
}

type DeployedRow = Awaited<ReturnType<ReturnType<typeof selectDeployed>["execute"]>>[number];

function toDeployed(row: DeployedRow, labels: string[]): Deployed | undefined {
  if (row.version === null || row.artifact === null || row.entry === null) return undefined;
  return {
    fileId: row.file_id,
    valId: row.val_id,
    branchId: row.branch_id,
    version: row.version,
    branch: row.branch,
    userId: row.user_id,
    username: row.username,
    valName: row.name,
    privacy: row.privacy,
    secret: row.privacy === "private" || Boolean(row.has_private_modules),
    artifact: row.artifact,
    entry: row.entry,
    level: row.level,
    labels: preferLabels(labels),
  };
}
