import { z } from "@hono/zod-openapi";
import { FILE_TYPES } from "../../val/file.ts";
import { MAX_CONTENT, MAX_NAME, SEGMENT } from "../../val/name.ts";
import { createRoute } from "./access.ts";
import {
  body,
  dateTime,
  errors,
  json,
  limit,
  link,
  offset,
  optionalBoolean,
  optionalInteger,
  optionalUuid,
  pageOf,
  uuid,
} from "./common.ts";

const CONTENT_TYPES = FILE_TYPES.filter((type) => type !== "directory");

/** What a file may look like. */
const GREETING = 'export default () => new Response("Good morning")';

/** Why a version of a val could not be built. */
export const diagnosticSchema = z
  .looseObject({
    message: z.string(),
    file: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    hint: z.string().optional(),
  })
  .openapi("Diagnostic");

/** What an author may want to know of a good build. */
export const buildNotes = {
  level: z
    .int()
    .min(0)
    .max(2)
    .openapi({ description: "0: bundled; 1: but for some packages; 2: not bundled, which starts slower." }),
  reasons: z.array(z.string()).openapi({ description: "Why the level is not 0." }),
  warnings: z.array(diagnosticSchema),
};

/** What a save adds to what it answers. */
export const savedNotes = {
  diagnostics: z.array(diagnosticSchema).optional().openapi({
    description: "Why its newest version could not be built: after a save that of the whole branch.",
  }),
  build: z.object(buildNotes).partial().optional().openapi({ description: "What came of a save." }),
};

/** A file or directory, as of one version. */
export const fileSchema = z
  .object({
    id: uuid,
    name: z.string().openapi({ example: "main.ts" }),
    path: z.string().openapi({ example: "lib/main.ts" }),
    version: z.int().min(0).openapi({ description: "In which it got this state.", example: 3 }),
    updatedAt: dateTime,
    type: z.enum(FILE_TYPES).openapi({ example: "http" }),
    links: z.object({
      self: link,
      html: link,
      module: link.openapi({ example: "https://esm.town/v/ann/hello/lib/main.ts" }),
      endpoint: link.optional().openapi({ description: "Of an HTTP file: where it answers." }),
      email: z.string().optional().openapi({
        description: "Of an email file: where it gets mail, as long as it is there.",
        example: "ann-0198a3b4111172228333444455556666@mail.example",
      }),
    }),
    ...savedNotes,
  })
  .openapi("File");

const path = z.string().openapi({
  param: { required: true },
  description: "Path within the val without a leading slash; empty means the root.",
  example: "main.ts",
});
const content = z.string().max(MAX_CONTENT).openapi({ example: GREETING });
const branch = optionalUuid("The branch; main unless told otherwise.");
const version = optionalInteger("As of this version; the newest unless told otherwise.");
const params = z.object({ val_id: uuid });
/** What a write answers when `If-Match` or `If-None-Match` says that it should not be. */
const stale = { 412: json(z.literal("Precondition failed"), "What is there is not what the headers say.") };
const wrote = (description: string) => json(fileSchema, description);

/** What a file or directory is made of, apart from its path. */
export const fileBodySchema = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("directory"), content: z.null().optional() }),
    z.object({ type: z.enum(CONTENT_TYPES), content }),
  ])
  .openapi("FileBody", { example: { type: "http", content: GREETING } });

/** The same with its path. */
export const newFileSchema = z
  .discriminatedUnion("type", [
    z.object({ path: z.string(), type: z.literal("directory"), content: z.null().optional() }),
    z.object({ path: z.string(), type: z.enum(CONTENT_TYPES), content }),
  ])
  .openapi("NewFile", { example: { path: "main.ts", type: "http", content: GREETING } });

/** What to change of a file; what is missing stays. */
export const fileChangeSchema = z
  .object({
    content: content.nullish(),
    type: z.enum(FILE_TYPES).nullish(),
    name: z
      .string()
      .min(1)
      .max(MAX_NAME)
      .regex(SEGMENT, "must consist of letters, digits and $ [ ] ( ) - _ .")
      .nullish(),
    parent_path: z
      .string()
      .nullish()
      .openapi({ description: "Move it into this directory; null is the root." }),
  })
  .openapi("FileChange");

/** `GET /v2/vals/{val_id}/files`: a file itself, or what is in a directory. */
export const listFiles = createRoute({
  method: "get",
  path: "/v2/vals/{val_id}/files",
  operationId: "listFiles",
  tags: ["files"],
  summary: "Files of a directory, or one file",
  description:
    "With the path of a file, the list has this one alone. A version beyond the newest means the newest.",
  request: {
    params,
    query: z.object({
      path,
      recursive: optionalBoolean("With everything below, directories included."),
      limit,
      offset,
      branch_id: branch,
      version,
    }),
  },
  responses: { 200: json(pageOf(fileSchema), "A page of files."), ...errors(400, 401, 403, 404) },
});

/** `POST /v2/vals/{val_id}/files`: makes missing directories too, all as one version. */
export const createFile = createRoute({
  method: "post",
  path: "/v2/vals/{val_id}/files",
  operationId: "createFile",
  tags: ["files"],
  summary: "Make a file or directory",
  description:
    "Directories on the way are made too, all as one version; a path that is taken is refused. It is built and served when this is answered; the header `x-hamlet-build` says `ok` or `failed`.",
  request: { params, query: z.object({ path, branch_id: branch }), body: body(fileBodySchema) },
  responses: { 201: wrote("The new file."), ...stale, ...errors(400, 401, 403, 404, 409, 413, 415) },
});

/** `PUT /v2/vals/{val_id}/files`: changes content, type, name or place; its id stays. */
export const updateFile = createRoute({
  method: "put",
  path: "/v2/vals/{val_id}/files",
  operationId: "updateFile",
  tags: ["files"],
  summary: "Change, rename or move a file or directory",
  description:
    "What is left out stays; a body that changes nothing makes no version. A file that is renamed or moved keeps its id and its endpoint. With `If-Match` and the `ETag` of the file or of its content it is changed only if it still is what was read; else the answer is 412. It is built and served when this is answered; the header `x-hamlet-build` says `ok` or `failed`.",
  request: { params, query: z.object({ path, branch_id: branch }), body: body(fileChangeSchema) },
  responses: {
    200: wrote("The file after the change."),
    ...stale,
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `DELETE /v2/vals/{val_id}/files` */
export const deleteFile = createRoute({
  method: "delete",
  path: "/v2/vals/{val_id}/files",
  operationId: "deleteFile",
  tags: ["files"],
  summary: "Delete a file or directory",
  description:
    "Its endpoint ends. `If-Match` is respected as by `PUT`. The empty path with `recursive` empties the branch.",
  request: {
    params,
    query: z.object({
      path,
      recursive: optionalBoolean("Also when it is a directory that holds something."),
      branch_id: branch,
    }),
  },
  responses: { 204: { description: "It is gone." }, ...stale, ...errors(400, 401, 403, 404) },
});

/** `GET /v2/vals/{val_id}/files/content`: the text itself, with conditional requests (RFC 9110 §13). */
export const getFileContent = createRoute({
  method: "get",
  path: "/v2/vals/{val_id}/files/content",
  operationId: "getFileContent",
  tags: ["files"],
  summary: "Content of a file",
  description:
    "As it was saved, with `ETag` and `Last-Modified`; conditional requests (`If-None-Match`, `If-Match`, …) are answered.",
  request: { params, query: z.object({ path, branch_id: branch, version }) },
  responses: {
    200: {
      description: "The content, as UTF-8.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    304: { description: "It is what the caller has." },
    412: json(z.literal("Precondition failed"), "It is not what the caller has."),
    ...errors(400, 401, 403, 404),
  },
});

/** `GET /v2/files/{file_id}` */
export const getFile = createRoute({
  method: "get",
  path: "/v2/files/{file_id}",
  operationId: "getFile",
  tags: ["files"],
  summary: "A file by id",
  description: "Of whichever branch it is.",
  request: { params: z.object({ file_id: uuid }) },
  responses: { 200: json(fileSchema, "The file."), ...errors(400, 401, 403, 404) },
});
