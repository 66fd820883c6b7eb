import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, errors, json, optionalBoolean, optionalParam, optionalUuid, uuid } from "./common.ts";
import { diagnosticSchema } from "./files.ts";
import { valSchema } from "./vals.ts";

const tar = (description: string) => ({
  200: {
    description,
    content: { "application/x-tar": { schema: z.string().openapi({ format: "binary" }) } },
  },
});
const secrets = optionalBoolean("With the variables' values, in an entry of their own.");
const history = optionalBoolean("With every version of every file.");

/** `GET /v3/vals/{val_id}/export` */
export const getValExport = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/export",
  operationId: "exportVal",
  tags: ["export"],
  summary: "A val as a tar archive",
  description:
    "Files of all branches, and `val.json`. Who may change the val gets the names of its variables too, and on request, with the scope `user:write`, their values (`secrets`) and the val's blobs and database (`data`).",
  request: {
    params: z.object({ val_id: uuid }),
    query: z.object({ secrets, history, data: optionalBoolean("With the val's blobs and its database.") }),
  },
  responses: { ...tar("The archive."), ...errors(400, 401, 403, 404) },
});

/** `GET /v3/me/export` */
export const getMyExport = createRoute({
  method: "get",
  path: "/v3/me/export",
  operationId: "exportMe",
  tags: ["export"],
  summary: "All of one's account as a tar archive",
  description:
    "Profile, vals with their blobs and databases (as SQL), and the account's own. The variables' values are in it only on request.",
  request: { query: z.object({ secrets, history }) },
  responses: { ...tar("The archive."), ...errors(400, 401, 403) },
});

/** `GET /v3/orgs/{org_id}/export` */
export const getOrgExport = createRoute({
  method: "get",
  path: "/v3/orgs/{org_id}/export",
  operationId: "exportOrg",
  tags: ["export"],
  summary: "All of an organization as a tar archive",
  description: "For its members; as `GET /v3/me/export`.",
  request: { params: z.object({ org_id: uuid }), query: z.object({ secrets, history }) },
  responses: { ...tar("The archive."), ...errors(400, 401, 403, 404) },
});

const ON_CONFLICT = ["fail", "skip", "rename"] as const;

const valReport = z.object({
  name: z.string().openapi({ description: "As it was elsewhere." }),
  status: z.enum(["made", "skipped", "failed"]),
  val: valSchema.nullable(),
  message: z.string().nullable().openapi({ description: "Why it was not made." }),
  missingVariables: z.array(z.string()).openapi({ description: "Variables that have no value yet." }),
  build: z.enum(["ok", "failed"]).nullable(),
  diagnostics: z.array(diagnosticSchema),
});

/** What an import came to. */
export const importSchema = z
  .object({
    vals: z.array(valReport),
    blobs: z.object({ stored: z.int().min(0), skipped: z.int().min(0) }),
    database: z.enum(["none", "restored", "skipped", "failed"]),
    message: z.string().nullable().openapi({ description: "What was wrong with blobs or database." }),
  })
  .openapi("ImportReport");

/** `POST /v3/import` */
export const postImport = createRoute({
  method: "post",
  path: "/v3/import",
  operationId: "importArchive",
  tags: ["export"],
  summary: "Make vals from a tar archive",
  description:
    "The body is an archive as an export gives it, not compressed. Nothing is made before all of it was read and found to be in order; then each val is made whole or not at all, and built. Nothing that is there already is changed.",
  request: {
    query: z.object({
      on_conflict: optionalParam(z.enum(ON_CONFLICT), {
        enum: ON_CONFLICT,
        description:
          "When there is a val of the same name: make nothing (`fail`, unless told otherwise), pass it over, or choose another name.",
      }),
      org_id: optionalUuid("The organization to own the vals; one's own account unless told otherwise."),
    }),
    body: {
      required: true,
      content: { "application/x-tar": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
  responses: {
    200: json(importSchema, "What became of each val."),
    ...errors(400, 401, 403, 404, 409, 413, 429),
  },
});

/** `POST /v3/import/remote` */
export const postRemoteImport = createRoute({
  method: "post",
  path: "/v3/import/remote",
  operationId: "importRemote",
  tags: ["export"],
  summary: "Make vals from those of another server",
  description:
    "From any server that speaks Val Town's API, with a token of that server, which is sent to it alone and kept nowhere. Values of variables are never told by such a server: their names are in the answer. Only addresses that vals may reach are asked.",
  request: {
    body: body(
      z
        .object({
          url: z.string().min(1).max(2048).openapi({ example: "https://api.example.org" }),
          token: z
            .string()
            .min(1)
            .max(4096)
            .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, "must be a token"),
          username: z.string().min(1).max(100).optional(),
          vals: z.array(z.string().min(1).max(100)).min(1).max(1000).optional(),
          onConflict: z.enum(ON_CONFLICT).optional(),
          orgId: uuid.optional(),
        })
        .openapi("RemoteImport"),
    ),
  },
  responses: {
    200: json(importSchema, "What became of each val."),
    ...errors(400, 401, 403, 404, 413, 415, 429, 502),
  },
});
