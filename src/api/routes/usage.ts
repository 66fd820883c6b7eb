import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { SqliteService } from "../../services/sqlite.ts";
import type { User, Val } from "../../store/store.ts";
import { getMyUsage, getOrgUsage, type usageSchema } from "../contract/usage.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { ApiError } from "./problem.ts";
import type { Limits } from "./types.ts";

type Usage = z.infer<typeof usageSchema>;

/** Databases of so many of an account's vals are looked for. */
const MAX_VALS = 1000;

export function addUsageRoutes(app: App, tools: Tools): void {
  app.openapi(getMyUsage, async (c) => c.json(await usageOf(tools, viewerOf(c).userId), 200));

  app.openapi(getOrgUsage, async (c) => {
    const { org_id } = c.req.valid("param");
    return c.json(await usageOf(tools, ownAccount(c, org_id)), 200);
  });
}

/** An account that is the caller's own, or an organization's of which he is a member; else 404. */
export function ownAccount(c: Context<Env>, id: string): string {
  if (!viewerOf(c).accounts.has(id)) throw new ApiError(404, "Organization not found");
  return id;
}

async function usageOf({ store, services, limits }: Tools, userId: string): Promise<Usage> {
  const [user, usage, runs, databases] = await Promise.all([
    store.users.find(userId),
    store.usage.of(userId),
    store.telemetry.runCounts(userId),
    databasesOf(await valsOf(store, userId), services.sqlite, userId),
  ]);
  const { vals, files, blobs, mailsToday, received, tokens } = usage;
  const quota = limits.databaseBytes;
  return {
    vals: { total: vals.public + vals.unlisted + vals.private, ...vals },
    files,
    blobs: { ...blobs, quota: limits.blobBytes },
    databases: databases.map((one) => ({ ...one, quota })),
    runs: { ...runs },
    mails: { today: mailsToday, received: { ...received, quota: limits.receivedBytes } },
    tokens,
    limits: { ...toLimits(limits), minPeriodSeconds: minPeriodOf(user) ?? limits.minPeriodSeconds },
  };
}

function minPeriodOf(user: User | undefined): number | undefined {
  return user?.minPeriodMs == null ? undefined : user.minPeriodMs / 1000;
}

function toLimits({
  blobBytes: _blobs,
  databaseBytes: _databases,
  receivedBytes: _received,
  ...rest
}: Limits): Usage["limits"] {
  return rest;
}

async function valsOf(store: Tools["store"], userId: string): Promise<Val[]> {
  const page = { limit: MAX_VALS, offset: 0 };
  return (await store.vals.listOwned(new Set([userId]), page)).rows;
}

async function databasesOf(vals: readonly Val[], sqlite: SqliteService | undefined, userId: string) {
  if (sqlite === undefined) return [];
  const own = { scope: "account" as const, valId: null, name: null };
  const found = [{ ...own, bytes: await sqlite.usage({ kind: "user", id: userId }) }];
  const ofVals = vals.map(async ({ id, name }) => {
    const bytes = await sqlite.usage({ kind: "val", id });
    return { scope: "val" as const, valId: id, name, bytes };
  });
  return [...found, ...(await Promise.all(ofVals))].filter(({ bytes }) => bytes > 0);
}
