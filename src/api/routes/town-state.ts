import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import type { z } from "@hono/zod-openapi";
import { getTownState, type townStateSchema } from "../contract/town-state.ts";
import { operator } from "./admin.ts";
import type { App, Tools } from "./app.ts";
import type { Machine } from "./types.ts";

export function addTownStateRoutes(app: App, { machine, store }: Tools): void {
  if (machine === undefined) return;
  app.openapi({ ...getTownState, middleware: operator }, async (c) => {
    c.header("cache-control", "no-store");
    return c.json({ ...(await stateOf(machine)), jobs: await store.jobs.counts() }, 200);
  });
}

async function stateOf(machine: Machine): Promise<Omit<z.infer<typeof townStateSchema>, "jobs">> {
  const { blank, starting, warm, workers } = machine.workers();
  const { bsize, bavail, blocks } = await statfs(machine.folder);
  return {
    workers: {
      ...{ blank, starting, warm },
      list: workers.map(({ id, val, leases, rssBytes }) => ({
        ...{ id, calls: leases, memoryBytes: rssBytes },
        val: val === undefined ? null : { ...val },
      })),
    },
    memory: {
      serverBytes: process.memoryUsage.rss(),
      workersBytes: workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      freeBytes: freemem(),
      totalBytes: totalmem(),
    },
    disk: { freeBytes: bsize * bavail, totalBytes: bsize * blocks },
  };
}
