import type { Context } from "hono";
import type { Blobs, StoredBlob } from "../../services/blob.ts";
import type { Scope } from "../../services/scope.ts";
import { globalBlobs, orgBlobs, storeQuery, valBlobs } from "../contract/blob.ts";
import { scopeOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { checkConditions } from "./conditional.ts";
import { ApiError, INVALID, problem } from "./problem.ts";
import { parseRange } from "./range.ts";

const NOT_FOUND = "Blob not found";
const WITH_KEY = /^(?:\/v[12]|\/v3\/(?:vals|orgs)\/[^/]+)\/blob\/(.*)$/s;
/** Up to this many bytes are sent in one piece, with their length. */
const SMALL_BYTES = 64 * 1024;

/** Whether what is sent to this path is a blob's content. */
export function isBlobPath(path: string): boolean {
  return WITH_KEY.test(path);
}

export function addBlobRoutes(app: App, tools: Tools): void {
  const { blobs } = tools.services;
  if (blobs === undefined) return;
  const handlers = createHandlers(tools, blobs);
  const stores = [
    { base: "/v1/blob", routes: globalBlobs },
    { base: "/v2/blob", routes: globalBlobs, hide: true },
    { base: "/v3/vals/{val_id}/blob", routes: valBlobs },
    { base: "/v3/orgs/{org_id}/blob", routes: orgBlobs },
  ] as const;
  for (const { base, routes, ...more } of stores) {
    const { list, ...withKey } = routes;
    app.openapi({ ...list, ...more, path: base }, async (c) => {
      return c.json(await blobs.list(await scopeOf(c, tools.store), c.req.valid("query").prefix), 200);
    });
    // Routed by hand: a key goes on over slashes, for which the paths of a contract have no word.
    const path = `${base.replace(/\{(\w+)\}/, ":$1")}/*`;
    const row = (method: string) => ({ method, path: `${base}/{key}` });
    app.byHand({ row: row("get"), method: "GET", path }, handlers.get);
    app.byHand({ row: row("post"), method: "POST", path }, handlers.store);
    app.byHand({ row: row("delete"), method: "DELETE", path }, handlers.remove);
    if ("hide" in more) continue;
    for (const route of Object.values(withKey)) app.describe(route);
  }
}

function createHandlers(tools: Tools, blobs: Blobs) {
  return {
    async get(c: Context<Env>) {
      const blob = await blobs.get(await scopeOf(c, tools.store), keyOf(c));
      if (blob === undefined) throw new ApiError(404, NOT_FOUND);
      return answerBlob(c, blob);
    },

    async store(c: Context<Env>) {
      const scope = await scopeOf(c, tools.store);
      const key = keyOf(c);
      const { copy_from: copied, move_from: moved } = storeQuery.parse(c.req.query());
      if (copied !== undefined && moved !== undefined)
        throw new ApiError(400, "querystring must have copy_from or move_from, not both", INVALID);
      if (copied !== undefined) found(await blobs.copy(scope, copied, key));
      else if (moved !== undefined) found(await blobs.move(scope, moved, key));
      else await storeBody(c, blobs, scope, key);
      return c.json("ok", 201);
    },

    async remove(c: Context<Env>) {
      await blobs.delete(await scopeOf(c, tools.store), keyOf(c));
      return c.body(null, 204);
    },
  };
}

async function storeBody(c: Context<Env>, blobs: Blobs, scope: Scope, key: string): Promise<void> {
  const length = c.req.header("content-length");
  await blobs.put(scope, key, c.req.raw.body ?? new Uint8Array(0), {
    contentType: c.req.header("content-type"),
    size: length === undefined ? undefined : Number(length),
  });
}

function found(there: boolean): void {
  if (!there) throw new ApiError(404, NOT_FOUND);
}

/** The rest of the path, decoded; what is not validly encoded stands for itself, because some clients encode nothing. */
function keyOf(c: Context<Env>): string {
  const [, raw = ""] = WITH_KEY.exec(c.req.path) ?? [];
  if (raw === "") return c.req.query("key") ?? "";
  return raw.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

async function answerBlob(c: Context<Env>, blob: StoredBlob): Promise<Response> {
  const { size, etag, lastModified } = blob;
  const headers: Record<string, string> = {
    etag,
    "last-modified": new Date(lastModified).toUTCString(),
    "accept-ranges": "bytes",
    // The bytes are a stranger's and must not become a page or script of this origin.
    "content-type": "application/octet-stream",
    "x-content-type-options": "nosniff",
  };
  const status = checkConditions(c.req.raw.headers, { etag, modifiedAt: lastModified });
  if (status === 412) return problem(412, "Precondition failed");
  if (status === 304) return c.body(null, 304, headers);
  const same = c.req.header("if-range") ?? etag;
  const range = same === etag ? parseRange(c.req.header("range"), size) : undefined;
  if (range === "none") return c.body(null, 416, { "content-range": `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== undefined) headers["content-range"] = `bytes ${start}-${end - 1}/${size}`;
  const answered = range === undefined ? 200 : 206;
  // Nothing may be opened that nobody would read.
  if (c.req.method === "HEAD")
    return c.body(null, answered, { ...headers, "content-length": `${end - start}` });
  const { promise, resolve } = Promise.withResolvers<void>();
  const stream = blob.stream({ start, end }, resolve);
  if (end - start <= SMALL_BYTES) return c.body(await new Response(stream).arrayBuffer(), answered, headers);
  c.set("answered", promise);
  return c.body(stream, answered, headers);
}
