import type { Kysely } from "kysely";
import { preferLabels } from "../val/address.ts";
import { type FileType, isTrigger, TRIGGER_TYPES, type TriggerType } from "../val/file.ts";
import type { Privacy } from "../val/visibility.ts";
import type { TownSchema } from "./schema.ts";

/** The last good build of a trigger file, with all that is needed to serve or start it. */
export interface Deployed {
  readonly fileId: string;
  readonly valId: string;
  readonly branchId: string;
  /** What starts it now. */
  readonly type: TriggerType;
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
  /** Host labels that lead here (the part before `.web.DOMAIN`); none unless its type is `http`. */
  readonly labels: readonly string[];
  /** Verified domains of their owner's that lead here; none unless its type is `http`. */
  readonly domains: readonly string[];
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

/** What is to be started by its file's id. */
export interface ResolvedFile {
  readonly fileId: string;
  readonly valId: string;
  readonly branchId: string;
  readonly type: FileType;
  /** Missing when nothing of it was ever built, or nothing starts files of its type. */
  readonly deployed: Deployed | undefined;
  /** The newest build, when it failed. */
  readonly failed: { readonly version: number; readonly diagnostics: unknown } | undefined;
}

/** Every trigger file with a good build; of one val, when it is named. */
export async function loadDeployed(db: Kysely<TownSchema>, valId?: string): Promise<Deployed[]> {
  let query = selectDeployed(db);
  let labels = db.selectFrom("endpoints").select(["label", "file_id"]).where("file_id", "is not", null);
  let domains = db.selectFrom("domains").select(["host", "file_id"]).where("verified_at", "is not", null);
  if (valId !== undefined) {
    query = query.where("files.val_id", "=", valId);
    labels = labels.where("val_id", "=", valId);
    domains = domains.where("val_id", "=", valId);
  }
  // Two flat queries put together here: a grouped join would need a function that databases spell differently.
  const byFile = Map.groupBy(await labels.execute(), (row) => row.file_id!);
  const hosts = Map.groupBy(await domains.execute(), (row) => row.file_id);
  const rows = await query.execute();
  return rows.flatMap((row) => {
    // A file that is of another type now keeps what led to it, for the day it is an HTTP file again.
    if (row.type !== "http") return toDeployed(row, [], []) ?? [];
    const own = (byFile.get(row.file_id) ?? []).map(({ label }) => label);
    const domains = (hosts.get(row.file_id) ?? []).map(({ host }) => host);
    return toDeployed(row, own, domains) ?? [];
  });
}

/** Where one of the town's host labels, or a verified domain, leads. */
export async function resolveHost(
  db: Kysely<TownSchema>,
  asked: { label: string } | { domain: string },
): Promise<Resolved | undefined> {
  const endpoint = await ("label" in asked ? byLabel(db, asked.label) : byDomain(db, asked.domain));
  if (endpoint === undefined) return undefined;
  const fileId = endpoint.file_id ?? undefined;
  const deployed = (await loadDeployed(db, endpoint.val_id)).find((one) => one.fileId === fileId);
  const branchId = endpoint.branch_id ?? undefined;
  return { valId: endpoint.val_id, fileId, branchId, deployed, failed: endpoint.failed_version !== null };
}

/** A file that is not deleted, with its last good build. */
export async function resolveFile(db: Kysely<TownSchema>, fileId: string): Promise<ResolvedFile | undefined> {
  const row = await db
    .selectFrom("files")
    .innerJoin("branches", "branches.id", "files.branch_id")
    .innerJoin("vals", "vals.id", "files.val_id")
    .leftJoin("deployments", "deployments.file_id", "files.id")
    .select(["files.val_id", "files.branch_id", "files.type"])
    .select(["deployments.failed_version", "deployments.diagnostics"])
    .where("files.id", "=", fileId)
    .where("files.deleted", "=", 0)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { val_id: valId, branch_id: branchId, type, failed_version: version } = row;
  const failed =
    version === null ? undefined : { version, diagnostics: JSON.parse(row.diagnostics ?? "[]") as unknown };
  const deployed = (await loadDeployed(db, valId)).find((one) => one.fileId === fileId);
  return { fileId, valId, branchId, type, deployed, failed };
}

function byLabel(db: Kysely<TownSchema>, label: string) {
  return db
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
}

function byDomain(db: Kysely<TownSchema>, domain: string) {
  return db
    .selectFrom("domains")
    .leftJoin("files", (join) =>
      join
        .onRef("files.id", "=", "domains.file_id")
        .on("files.deleted", "=", 0)
        .on("files.type", "=", "http" satisfies FileType),
    )
    .leftJoin("deployments", "deployments.file_id", "files.id")
    .select(["domains.val_id", "files.id as file_id", "files.branch_id", "deployments.failed_version"])
    .where("domains.host", "=", domain)
    .where("domains.verified_at", "is not", null)
    .executeTakeFirst();
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
      "files.type",
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
    .where("files.type", "in", TRIGGER_TYPES)
    .where("deployments.version", "is not", null);
}

type DeployedRow = Awaited<ReturnType<ReturnType<typeof selectDeployed>["execute"]>>[number];

function toDeployed(row: DeployedRow, labels: string[], domains: string[]): Deployed | undefined {
  if (row.version === null || row.artifact === null || row.entry === null) return undefined;
  if (!isTrigger(row.type)) return undefined;
  return {
    fileId: row.file_id,
    valId: row.val_id,
    branchId: row.branch_id,
    type: row.type,
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
    domains,
  };
}
