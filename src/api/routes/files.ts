import type { Context } from "hono";
import type { Branch, Condition, FileChange, Saved, SavedFile, Val } from "../../store/store.ts";
import { type FileEntry, isTrigger } from "../../val/file.ts";
import { BUILD_HEADER, DEFAULT_LIMIT } from "../contract/common.ts";
import { createFile, deleteFile, getFile, getFileContent, listFiles, updateFile } from "../contract/files.ts";
import { readable, viewerOf, writable } from "./access.ts";
import { announce } from "./announce.ts";
import type { App, Env, Tools } from "./app.ts";
import { checkConditions, mayWriteIf, type Validators } from "./conditional.ts";
import { presentFile, presentPage, presentReport } from "./present.ts";
import { ApiError } from "./problem.ts";
import type { BuildReport, Diagnostic } from "./types.ts";

/** By its id and version the state of a file is named; by its content's hash, too, so that who has read that can write. */
const toValidators = ({
  id,
  version,
  hash,
  updatedAt,
}: NonNullable<Parameters<Condition>[0]>): Validators => ({
  etag: `"${id}-${version}"`,
  ...(hash !== undefined && { otherTag: `"${hash}"` }),
  modifiedAt: updatedAt,
});

/** What the headers of a write say must be true. */
const conditionOf =
  (c: Context<Env>): Condition =>
  (file) =>
    mayWriteIf(c.req.raw.headers, file && toValidators(file));

export function addFileRoutes(app: App, tools: Tools): void {
  const { store } = tools;

  /** A branch, and the state that a request's `branch_id` and `version` mean. */
  async function stateOf(val: Val, query: { branch_id?: string; version?: number }) {
    const branch = await store.vals.branch(val.id, query.branch_id);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    const version = query.version !== undefined && query.version < branch.version ? query.version : undefined;
    return { branch, state: { valId: val.id, branchId: branch.id, version } };
  }

  /** Put what was saved into service; the header tells the outcome, and what was wrong is returned. */
  async function serve(c: Context<Env>, val: Val, saved: Saved): Promise<BuildReport | undefined> {
    // Saving once more what could not be built is how an author tries again.
    if (!saved.changed && (await store.deployments.failures(val.id)).length === 0) return undefined;
    const report = await announce(tools, val.id, saved.branchId);
    if (report !== undefined) c.header(BUILD_HEADER, report.diagnostics.length > 0 ? "failed" : "ok");
    return report;
  }

  async function answerFile(c: Context<Env>, val: Val, saved: SavedFile) {
    const report = await serve(c, val, saved);
    c.header("etag", toValidators(saved.file).etag);
    const branch = await store.vals.branch(val.id, saved.branchId);
    if (branch === undefined) throw new ApiError(404, "Branch not found");
    return { ...presentFile(saved.file, val, branch, c.get("links")), ...(report && presentReport(report)) };
  }

  /** Files with what is wrong with the newest build of those that have one. */
  async function presentFiles(
    c: Context<Env>,
    val: Val,
    branch: Branch,
    files: readonly FileEntry[],
    areNewest = true,
  ) {
    const links = c.get("links");
    const mayHave = areNewest && files.some(({ type }) => isTrigger(type));
    const failures = mayHave ? await store.deployments.failures(val.id) : [];
    const failed = new Map(failures.map((one) => [one.fileId, one.diagnostics as Diagnostic[]]));
    return files.map((file) => {
      const diagnostics = failed.get(file.id);
      return { ...presentFile(file, val, branch, links), ...(diagnostics && { diagnostics }) };
    });
  }

  app.openapi(listFiles, async (c) => {
    const query = c.req.valid("query");
    const { path, recursive = false, limit = DEFAULT_LIMIT, offset = 0 } = query;
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const { branch, state } = await stateOf(val, query);
    const { rows, more } = await store.files.list(state, { path, recursive, limit, offset });
    const data = await presentFiles(c, val, branch, rows, state.version === undefined);
    const [only] = rows;
    if (only !== undefined && only.path === path) c.header("etag", toValidators(only).etag);
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(createFile, async (c) => {
    const { path, branch_id: branchId } = c.req.valid("query");
    const body = c.req.valid("json");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const file = body.type === "directory" ? { path, type: body.type } : { path, ...body };
    const target = { valId: val.id, branchId, authorId: viewerOf(c).userId };
    const saved = await store.files.create(target, file, conditionOf(c));
    return c.json(await answerFile(c, val, saved), 201);
  });

  app.openapi(updateFile, async (c) => {
    const { path, branch_id: branchId } = c.req.valid("query");
    const { content, type, name, parent_path } = c.req.valid("json");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const change: FileChange = {
      content: content ?? undefined,
      type: type ?? undefined,
      name: name ?? undefined,
      // Null is a place here, the root; only what is not there at all leaves the file where it is.
      parentPath: parent_path === null ? "" : parent_path,
    };
    const target = { valId: val.id, branchId, authorId: viewerOf(c).userId };
    const saved = await store.files.update(target, path, change, conditionOf(c));
    return c.json(await answerFile(c, val, saved), 200);
  });

  app.openapi(deleteFile, async (c) => {
    const { path, recursive = false, branch_id: branchId } = c.req.valid("query");
    const val = await writable(c, store, c.req.valid("param").val_id);
    const target = { valId: val.id, branchId, authorId: viewerOf(c).userId };
    const saved = await store.files.remove(target, path, recursive, conditionOf(c));
    await serve(c, val, saved);
    return c.body(null, 204);
  });

  app.openapi(getFileContent, async (c) => {
    const query = c.req.valid("query");
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id));
    const { entry, content } = await store.files.content((await stateOf(val, query)).state, query.path);
    const etag = `"${entry.hash}"`;
    const status = checkConditions(c.req.raw.headers, { etag, modifiedAt: entry.updatedAt });
    if (status === 412) return c.json("Precondition failed" as const, 412);
    c.header("etag", etag);
    c.header("last-modified", new Date(entry.updatedAt).toUTCString());
    c.header("cache-control", "no-cache");
    c.header("vary", "authorization");
    if (status === 304) return c.body(null, 304);
    return c.body(content, 200, {
      "content-type": "application/octet-stream",
      // The text is a stranger's and must not become a page or script of this origin.
      "x-content-type-options": "nosniff",
    });
  });

  app.openapi(getFile, async (c) => {
    const file = await store.files.find(c.req.valid("param").file_id);
    if (file === undefined) throw new ApiError(404, "File not found");
    const val = await readable(c, store.vals.find(file.valId), "File not found");
    const { branch } = await stateOf(val, { branch_id: file.branchId });
    c.header("etag", toValidators(file).etag);
    return c.json((await presentFiles(c, val, branch, [file]))[0]!, 200);
  });
}
