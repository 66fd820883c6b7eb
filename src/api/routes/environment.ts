import type { z } from "@hono/zod-openapi";
import { StoreError, type Variable } from "../../store/store.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  createVariable,
  deleteVariable,
  listVariables,
  updateVariable,
  type variableSchema,
} from "../contract/environment.ts";
import { writable } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { presentPage } from "./present.ts";

export function addEnvironmentRoutes(app: App, { store, deploy, log }: Tools): void {
  /** The variable is stored: what goes wrong from here on is reported, never thrown. */
  const restart = (valId: string) =>
    deploy
      .configured(valId)
      .catch((error: unknown) =>
        log?.error("A val may still run with its old environment.", { val: valId, error }),
      );

  app.openapi(listVariables, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    // Even the names are for its owner alone.
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { rows, more } = await store.environment.list(val.id, { limit, offset });
    return c.json(presentPage(rows.map(present), c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(createVariable, async (c) => {
    const val = await writable(c, store, c.req.valid("param").val_id);
    const made = await store.environment.create(val.id, c.req.valid("json"));
    await restart(val.id);
    return c.json(present(made), 201);
  });

  app.openapi(updateVariable, async (c) => {
    const { val_id, key } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    const changed = await store.environment.update(val.id, key, c.req.valid("json"));
    await restart(val.id);
    return c.json(present(changed), 201);
  });

  app.openapi(deleteVariable, async (c) => {
    const { val_id, key } = c.req.valid("param");
    const val = await writable(c, store, val_id);
    if (!(await store.environment.remove(val.id, key))) {
      throw new StoreError("no_variable", "Environment variable not found");
    }
    await restart(val.id);
    return c.body(null, 204);
  });
}

function present({ key, description, createdAt, updatedAt }: Variable): z.infer<typeof variableSchema> {
  return {
    key,
    description,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: updatedAt === null ? null : new Date(updatedAt).toISOString(),
  };
}
