import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import type { z } from "@hono/zod-openapi";
import { getTownState, type townStateSchema } from "../contract/town-state.ts";
import { operator } from "./admin.ts";
import type { App, Tools } from "./app.ts";
import { createDiskMeter, type DiskUse } from "./disk.ts";
import type { Machine } from "./types.ts";

const MAX_WORKERS = 1000;

export function addTownStateRoutes(app: App, { machine, store }: Tools): void {
  if (machine === undefined) return;
  const diskUse = createDiskMeter(machine.folder);
  app.openapi({ ...getTownState, middleware: operator }, async (c) => {
    c.header("cache-control", "no-store");
    const [state, counts, byVal] = await Promise.all([
      stateOf(machine, diskUse()),
      store.jobs.counts(),
      store.jobs.byVal(),
    ]);
    const vals = byVal.map(({ valId, username, name, ...count }) => ({
      ...count,
      val: { id: valId, username, name },
    }));
    return c.json({ ...state, jobs: { ...counts, vals } }, 200);
  });
}

async function stateOf(
  machine: Machine,
  use: DiskUse | undefined,
): Promise<Omit<z.infer<typeof townStateSchema>, "jobs">> {
  const { blank, starting, warm, workers } = machine.workers();
  const { bsize, bavail, blocks } = await statfs(machine.folder);
  return {
    workers: {
      ...{ blank, starting, warm },
      list: workers.slice(0, MAX_WORKERS).map(({ id, val, live, leases, rssBytes }) => ({
        ...{ id, calls: leases, memoryBytes: rssBytes, draining: !live },
        val: val === undefined ? null : { ...val },
      })),
    },
    memory: {
      serverBytes: process.memoryUsage.rss(),
      workersBytes: workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      freeBytes: freemem(),
      totalBytes: totalmem(),
    },
    disk: {
      freeBytes: bsize * bavail,
      totalBytes: bsize * blocks,
      parts: use === undefined ? null : [...use.parts],
      partial: use?.partial ?? false,
    },
  };
}
