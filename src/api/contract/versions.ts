import { z } from "@hono/zod-openapi";
import { CHANGE_KINDS } from "../../val/changes.ts";
import { FILE_TYPES } from "../../val/file.ts";
import { VERSION_KINDS } from "../../val/version.ts";
import { createRoute } from "./access.ts";
import {
  body,
  dateTime,
  errors,
  json,
  limit,
  offset,
  optionalInteger,
  optionalParam,
  optionalUuid,
  pageOf,
  uuid,
} from "./common.ts";
import { savedNotes } from "./files.ts";

/** A version of a branch. */
export const versionOfSchema = z.object({ branchId: uuid, version: z.int().min(0) }).openapi("VersionOf");

/** Someone who did something; the username is null when they are gone. */
export const authorSchema = z.object({ id: uuid, username: z.string().nullable() }).openapi("Author");

/** What happened to one file or directory. */
export const changeSchema = z
  .object({
    kind: z.enum(CHANGE_KINDS).openapi({
      description: "Renamed and retyped files may have new content as well: see `modified`.",
    }),
    path: z.string().openapi({ description: "Where it is afterwards; of a removed one, where it was." }),
    oldPath: z.string().optional(),
    type: z.enum(FILE_TYPES),
    oldType: z.enum(FILE_TYPES).optional(),
    modified: z.boolean().openapi({ description: "Whether its content is another." }),
  })
  .openapi("Change");

/** One version of a branch. */
export const versionSchema = z
  .object({
    branchId: uuid,
    version: z.int().min(0),
    kind: z.enum(VERSION_KINDS).openapi({
      description:
        "What made it: `create` the empty val, `edit` a save, `revert`, `merge`; `fork` and `remix` the first version of a copy.",
    }),
    author: authorSchema,
    createdAt: dateTime,
    source: versionOfSchema.nullable().openapi({
      description: "Of a revert, merge or fork: what it was made from, if that is a branch of this val.",
    }),
    changeCount: z.int().min(0),
    changes: z.array(changeSchema).openapi({
      description: "What it changed, by path; in lists the first 50 of each version.",
    }),
  })
  .openapi("Version");

const valParams = z.object({ val_id: uuid });
const branch = optionalUuid("The branch; main unless told otherwise.");
const number = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number, 0 or more")
  .transform(Number)
  .openapi({ type: "integer", minimum: 0, description: "The version's number." });

/** `GET /v3/vals/{val_id}/versions`: the newest first. */
export const listVersions = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/versions",
  operationId: "listVersions",
  tags: ["versions"],
  summary: "Versions of a branch",
  description: "The newest first, each with its author and what it changed.",
  request: { params: valParams, query: z.object({ branch_id: branch, limit, offset }) },
  responses: { 200: json(pageOf(versionSchema), "A page of versions."), ...errors(400, 401, 403, 404) },
});

/** `GET /v3/vals/{val_id}/versions/{version}` */
export const getVersion = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/versions/{version}",
  operationId: "getVersion",
  tags: ["versions"],
  summary: "A version with all that it changed",
  description: "In lists, only the first 50 changes of each version are told.",
  request: { params: valParams.extend({ version: number }), query: z.object({ branch_id: branch }) },
  responses: { 200: json(versionSchema, "The version."), ...errors(400, 401, 403, 404) },
});

const hunkSchema = z
  .object({
    oldStart: z.int(),
    oldLines: z.int(),
    newStart: z.int(),
    newLines: z.int(),
    lines: z.array(z.string()).openapi({ description: "Each begins with a space, `-`, `+` or `\\`." }),
  })
  .openapi("Hunk");

/** What is different of one file. */
export const fileDiffSchema = changeSchema
  .extend({
    unified: z.string().optional().openapi({ description: "As `patch` and Git read it." }),
    hunks: z.array(hunkSchema).optional().openapi({ description: "The same in parts." }),
    binary: z.boolean().optional().openapi({ description: "It has characters that no text has." }),
    omitted: z.boolean().optional().openapi({
      description: "Its text is left out, because there is too much of it: ask for its path alone.",
    }),
  })
  .openapi("FileDiff");

/** What is different between two versions. */
export const diffSchema = z
  .object({
    from: versionOfSchema,
    to: versionOfSchema,
    files: z.array(fileDiffSchema),
  })
  .openapi("Diff");

const path = optionalParam(z.string(), { description: "Only this file, or what is below this directory." });

/** `GET /v3/vals/{val_id}/diff` */
export const getDiff = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/diff",
  operationId: "getDiff",
  tags: ["versions"],
  summary: "What is different between two versions",
  description:
    "Between two versions of a branch, or of two branches, also of two vals, such as a remix and its origin. Files that " +
    "were renamed or moved are recognised.",
  request: {
    params: valParams,
    query: z.object({
      from: optionalInteger("The older version; the one before `to` unless told otherwise."),
      to: optionalInteger("The newer version; the newest unless told otherwise."),
      branch_id: branch,
      to_branch_id: optionalUuid(
        "The branch of `to`, of any val one may read; `branch_id` unless told otherwise.",
      ),
      path,
    }),
  },
  responses: { 200: json(diffSchema, "The files that are different."), ...errors(400, 401, 403, 404) },
});

/** `POST /v3/vals/{val_id}/revert` */
export const revertVal = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/revert",
  operationId: "revertVal",
  tags: ["versions"],
  summary: "Go back to an older version",
  description:
    "Makes a new version that is as the older one was, ids and endpoints of files included. With a path only that file " +
    "gets the content and type it had; it stays where it is, and comes back when it is gone.",
  request: {
    params: valParams,
    body: body(
      z
        .object({
          version: z.int().min(0).openapi({ example: 3 }),
          path: z.string().nullish().openapi({ description: "Only this file." }),
          branchId: uuid.nullish(),
        })
        .openapi("Revert"),
    ),
  },
  responses: {
    200: json(
      versionOfSchema.extend({ changed: z.boolean(), ...savedNotes }).openapi("Reverted"),
      "The branch's version afterwards; `changed` is false when everything was so already.",
    ),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});
