import type { z } from "@hono/zod-openapi";
import type { Branch, FileBuild, VersionBuild } from "../../store/store.ts";
import {
  type buildSchema,
  getVersionBuilds,
  listBuilds,
  type versionBuildSchema,
} from "../contract/builds.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { readable } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { presentPage } from "./present.ts";
import { ApiError } from "./problem.ts";
import type { Diagnostic } from "./types.ts";

export function addBuildRoutes(app: App, { store }: Tools): void {
  app.openapi(listBuilds, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0, branch_id: branchId } = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const { rows, more } = await store.deployments.list({ valId: val.id, branchId }, { limit, offset });
    return c.json(presentPage(rows.map(present), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(getVersionBuilds, async (c) => {
    const { val_id: valId, version } = c.req.valid("param");
    const val = await readable(c, store.vals.find(valId));
    const branch = await store.vals.branch(val.id, c.req.valid("query").branch_id);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    if (version > branch.version) throw new ApiError(404, "Version not found");
    const files = await store.deployments.ofVersion({ branchId: branch.id, version });
    return c.json(presentVersion(branch, version, files), 200);
  });
}

const toDate = (at: number) => new Date(at).toISOString();
/** They were written by the builder, and only here is it known as what. */
const toDiagnostics = (stored: readonly unknown[]) => (stored as Diagnostic[]).map((one) => ({ ...one }));

function present({
  fileId,
  path,
  type,
  branchId,
  branch,
  good,
  failed,
}: FileBuild): z.infer<typeof buildSchema> {
  return {
    file: { id: fileId, path, type },
    branch: { id: branchId, name: branch },
    serving: good
      ? {
          version: good.version,
          builtAt: toDate(good.at),
          level: good.level,
          reasons: [...good.reasons],
          warnings: toDiagnostics(good.warnings),
        }
      : null,
    failed: failed
      ? {
          version: failed.version,
          failedAt: toDate(failed.at),
          diagnostics: toDiagnostics(failed.diagnostics),
        }
      : null,
  };
}

/** The worst of its files' counts for the whole. */
const WORST_FIRST = ["failed", "superseded", "none", "ok"] as const;

function presentVersion(
  { id, name }: Branch,
  version: number,
  files: readonly VersionBuild[],
): z.infer<typeof versionBuildSchema> {
  const all = files.map(({ fileId, path, type, status, level, reasons, warnings, diagnostics, at }) => ({
    file: { id: fileId, path, type },
    status,
    builtAt: at === undefined ? null : toDate(at),
    level,
    reasons: [...reasons],
    warnings: toDiagnostics(warnings),
    diagnostics: toDiagnostics(diagnostics),
  }));
  return {
    version,
    branch: { id, name },
    status: WORST_FIRST.find((one) => all.some(({ status }) => status === one)) ?? "none",
    level: Math.max(0, ...all.map(({ level }) => level)),
    reasons: [...new Set(all.flatMap(({ reasons }) => reasons))],
    warnings: all.flatMap(({ warnings }) => warnings),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
    files: all,
  };
}
