import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, optionalParam, uuid } from "./common.ts";

/** A blob in a list. */
export const blobSchema = z
  .object({ key: z.string(), size: z.int().min(0), lastModified: dateTime })
  .openapi("Blob");

const key = z.string().min(1).max(512).openapi({
  description:
    "Any characters, slashes too, encoded or not. `.` and `..` cannot stand in a URL: leave it empty then, and give the key as `?key=`.",
});
const bytes = { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } };
const etag = z.string().openapi({ description: "Changes with the content." });

/** The list of a store's blobs. */
export const listQuery = z.object({
  prefix: optionalParam(z.string(), { description: "Only keys that begin with it." }),
});

/** Where the bytes come from, when not from the body. */
export const storeQuery = z.object({
  copy_from: z.string().optional().openapi({ description: "Key of a blob of the same store to copy." }),
  move_from: z.string().optional().openapi({ description: "Key of a blob of the same store to rename." }),
});

/** The four calls of one store. */
function describe(base: string, id: string, whose: string, params: Record<string, z.ZodType>) {
  const path = `${base}/{key}`;
  const withKey = z.object({ ...params, key });
  return {
    list: createRoute({
      method: "get",
      path: base,
      operationId: `list${id}Blobs`,
      tags: ["blobs"],
      summary: `Blobs of ${whose}, by key`,
      description: "All of them, without pages.",
      request: { params: z.object(params), query: listQuery },
      responses: { 200: json(z.array(blobSchema), "The blobs."), ...errors(400, 401, 403, 404) },
    }),
    get: createRoute({
      method: "get",
      path,
      operationId: `get${id}Blob`,
      tags: ["blobs"],
      summary: `The bytes of a blob of ${whose}`,
      description:
        "Ranges (`Range`, `If-Range`) and conditional requests are answered. Damaged bytes end as a broken transfer, never as wrong ones.",
      request: { params: withKey },
      responses: {
        200: { description: "All of its bytes.", headers: z.object({ etag }), content: bytes },
        206: { description: "Those that the `range` header asked for.", content: bytes },
        304: { description: "They are what the caller has." },
        412: { description: "They are not what the caller has." },
        416: { description: "The blob ends before the range begins." },
        ...errors(400, 401, 403, 404),
      },
    }),
    store: createRoute({
      method: "post",
      path,
      operationId: `store${id}Blob`,
      tags: ["blobs"],
      summary: `Store a blob of ${whose}`,
      description:
        "The bytes of the body as they are, whatever its type; or, without a body, a copy. It replaces what the key had. It is on disk when this is answered.",
      request: { params: withKey, query: storeQuery, body: { content: bytes } },
      responses: { 201: json(z.literal("ok"), "It is stored."), ...errors(400, 401, 403, 404, 413) },
    }),
    delete: createRoute({
      method: "delete",
      path,
      operationId: `delete${id}Blob`,
      tags: ["blobs"],
      summary: `Delete a blob of ${whose}`,
      description: "Also when there is none: it is answered alike.",
      request: { params: withKey },
      responses: { 204: { description: "It is not there (any more)." }, ...errors(400, 401, 403, 404) },
    }),
  };
}

/** `/v1/blob`: the token's owner's own store, which all their vals share. */
export const globalBlobs = describe("/v1/blob", "", "one's account", {});

/** `/v3/vals/{val_id}/blob`: a val's own store, for the val itself and its owner. */
export const valBlobs = describe("/v3/vals/{val_id}/blob", "Val", "a val", {
  val_id: z
    .union([uuid, z.literal("self")])
    .openapi({ type: "string", description: "The val's id, or `self` with the token that a val is given." }),
});

/** `/v3/orgs/{org_id}/blob`: the store of an organization's account, which all its vals share, for its members. */
export const orgBlobs = describe("/v3/orgs/{org_id}/blob", "Org", "an organization", { org_id: uuid });

/** The same by name, as the web app calls them. */
export const { list: listValBlobs, get: getValBlob, store: storeValBlob, delete: deleteValBlob } = valBlobs;
