import { sqliteDumps } from "../contract/sqlite-dump.ts";
import { scopeOf } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { whenOver } from "./portable.ts";

/** Adds `GET …/sqlite/dump`; before the routes of Hrana, which take whatever else is below `…/sqlite/`. */
export function addSqliteDumpRoutes(app: App, { store, services: { portable } }: Tools): void {
  const exportDatabase = portable?.exportDatabase;
  if (exportDatabase === undefined) return;
  for (const dump of sqliteDumps) {
    app.openapi(dump, async (c) => {
      const scope = await scopeOf(c, store);
      const stream = await exportDatabase(scope);
      const { promise, resolve } = Promise.withResolvers<void>();
      c.set("answered", promise);
      return c.body(whenOver(stream, resolve), 200, {
        "content-type": "application/sql; charset=utf-8",
        "content-disposition": `attachment; filename="${scope.kind}-${scope.id}.sql"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
    });
  }
}
