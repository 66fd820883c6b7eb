import type { z } from "@hono/zod-openapi";
import type { Auth } from "../../auth/auth.ts";
import type { FileBuild } from "../../store/store.ts";
import { type buildSchema, listBuilds } from "../contract/builds.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { guard, readable } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { presentPage } from "./present.ts";
import type { Diagnostic } from "./types.ts";

export function addBuildRoutes(app: App, auth: Auth, { store }: Tools): void {
  app.openapi({ ...listBuilds, middleware: guard(auth, listBuilds.security) }, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0, branch_id: branchId } = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const { rows, more } = await store.deployments.list({ valId: val.id, branchId }, { limit, offset });
    return c.json(presentPage(rows.map(present), c.get("links"), more, { limit, offset }), 200);
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
