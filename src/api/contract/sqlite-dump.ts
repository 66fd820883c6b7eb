/** Databases as SQL. Hamlet's own routes. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { errors, uuid } from "./common.ts";
import { sqliteValId } from "./sqlite.ts";

function describe(base: string, id: string, whose: string, params: Record<string, z.ZodType>) {
  return createRoute({
    method: "get",
    path: `${base}/dump`,
    operationId: `dump${id}Sql`,
    tags: ["sqlite"],
    summary: `The database of ${whose} as SQL`,
    description: "Statements of one moment that make it again, as `sqlite3 NEW.db` reads them.",
    request: { params: z.object(params) },
    responses: {
      200: {
        description: "The statements; nothing, if it is empty.",
        content: { "application/sql": { schema: z.string() } },
      },
      ...errors(400, 401, 403, 404),
    },
  });
}

/** `GET …/sqlite/dump` of one's account, a val and an organization. */
export const sqliteDumps = [
  describe("/v3/sqlite", "", "one's account", {}),
  describe("/v3/vals/{val_id}/sqlite", "Val", "a val", { val_id: sqliteValId }),
  describe("/v3/orgs/{org_id}/sqlite", "Org", "an organization", { org_id: uuid }),
] as const;

/** That of a val by name, for the web app. */
export const [, dumpValSql] = sqliteDumps;
