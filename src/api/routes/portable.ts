import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ImportReport, PortableService } from "../../portable/portable.ts";
import type { User, Val } from "../../store/store.ts";
import { mayWrite } from "../../val/visibility.ts";
import {
  getMyExport,
  getOrgExport,
  getValExport,
  type importSchema,
  postImport,
  postRemoteImport,
} from "../contract/portable.ts";
import { readable, userOf, viewerOf } from "./access.ts";
import { announce } from "./announce.ts";
import type { App, Env, Tools } from "./app.ts";
import type { Links } from "./links.ts";
import { presentVal } from "./present.ts";
import { ApiError, ORG_NOT_FOUND, SCOPE_MISSING } from "./problem.ts";
import type { BuildReport } from "./types.ts";
import { ownAccount } from "./usage.ts";

/** Whether what is sent to this path is an archive. */
export function isArchivePath(path: string): boolean {
  return path === postImport.path;
}

export function addPortableRoutes(app: App, tools: Tools): void {
  const { portable } = tools.services;
  if (portable === undefined) return;
  addExports(app, tools, portable);
  addImports(app, tools, portable);
}

function addExports(app: App, { store }: Tools, portable: PortableService): void {
  app.openapi(getValExport, async (c) => {
    const { secrets = false, history = false, data = false } = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const viewer = c.get("viewer");
    const variables = viewer !== undefined && viewer.kind !== "worker" && mayWrite(val, viewer);
    if ((secrets || data) && !variables)
      throw new ApiError(
        403,
        "Not authorized to export variables' values, blobs or the database of this val",
      );
    if ((secrets || data) && !viewer?.permits("user:write")) throw new ApiError(403, SCOPE_MISSING);
    const stream = portable.exportVal(val, { variables, secrets, history, data });
    return archive(c, stream, `${val.username}-${val.name}`);
  });

  const exportAccount = (c: Context<Env>, user: User, what: { secrets: boolean; history: boolean }) =>
    archive(c, portable.exportAccount(user, what), user.username);

  app.openapi(getMyExport, async (c) => {
    const { secrets = false, history = false } = c.req.valid("query");
    return exportAccount(c, await userOf(c, store), { secrets, history });
  });

  app.openapi(getOrgExport, async (c) => {
    const { secrets = false, history = false } = c.req.valid("query");
    const account = await store.users.find(ownAccount(c, c.req.valid("param").org_id));
    // Who is a member is remembered for a moment: it may have been deleted meanwhile.
    if (account === undefined) throw new ApiError(404, ORG_NOT_FOUND);
    return exportAccount(c, account, { secrets, history });
  });
}

function addImports(app: App, tools: Tools, portable: PortableService): void {
  const serve = async (val: Val): Promise<BuildReport[]> => {
    const { rows } = await tools.store.vals.branches(val.id, { limit: 100, offset: 0 });
    const reports: BuildReport[] = [];
    for (const { id, version } of rows) {
      const report = version === 0 ? undefined : await announce(tools, val.id, id);
      if (report !== undefined) reports.push(report);
    }
    return reports;
  };
  const howOf = (c: Context<Env>, orgId: string | undefined) => {
    const { userId } = viewerOf(c);
    return { ownerId: orgId === undefined ? userId : ownAccount(c, orgId), authorId: userId };
  };

  app.openapi(postImport, async (c) => {
    const { on_conflict: onConflict = "fail", org_id } = c.req.valid("query");
    const { permits } = viewerOf(c);
    const mayStore = permits("blob:write") && permits("sqlite:write");
    const how = { ...howOf(c, org_id), onConflict, mayStore };
    const body = c.req.raw.body ?? new Response("").body!;
    return c.json(present(await portable.importArchive(body, how, serve), c.get("links")), 200);
  });

  app.openapi(postRemoteImport, async (c) => {
    const { onConflict = "fail", orgId, url, token, username, vals } = c.req.valid("json");
    const request = { url, token, ...(username !== undefined && { username }), ...(vals && { vals }) };
    const how = { ...howOf(c, orgId), onConflict };
    return c.json(present(await portable.importRemote(request, how, serve), c.get("links")), 200);
  });
}

function archive(c: Context<Env>, stream: ReadableStream<Uint8Array>, name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  c.set("answered", promise);
  return c.body(whenOver(stream, resolve), 200, {
    "content-type": "application/x-tar",
    "content-disposition": `attachment; filename="${name}.tar"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
}

/** The same stream; `over` hears of its end, however it comes. */
export function whenOver(stream: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          over();
        } catch (error) {
          over();
          throw error;
        }
      },
      async cancel(reason) {
        over();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function present(report: ImportReport<BuildReport[]>, links: Links): z.infer<typeof importSchema> {
  const { data } = report;
  return {
    vals: report.vals.map(({ name, status, val, message = null, missing, build }) => {
      const diagnostics = (build ?? []).flatMap((one) => one.diagnostics);
      const outcome = diagnostics.length > 0 ? "failed" : "ok";
      return {
        name,
        status,
        val: val === undefined ? null : presentVal(val, links),
        message,
        missingVariables: [...missing],
        build: build === undefined || build.length === 0 ? null : outcome,
        diagnostics: diagnostics.map((one) => ({ ...one })),
      };
    }),
    blobs: data === undefined ? { stored: 0, skipped: 0 } : { ...data.blobs },
    database: data?.database ?? "none",
    message: data?.message ?? null,
  };
}
