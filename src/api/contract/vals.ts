import { z } from "@hono/zod-openapi";
import { MAX_DESCRIPTION, MAX_NAME, VAL_NAME } from "../../val/name.ts";
import { PRIVACIES } from "../../val/visibility.ts";
import { createRoute } from "./access.ts";
import {
  body,
  dateTime,
  errors,
  json,
  limit,
  link,
  offset,
  optionalParam,
  optionalUuid,
  pageOf,
  uuid,
} from "./common.ts";
import { newFileSchema, savedNotes } from "./files.ts";
import { parseInstant } from "./instant.ts";

/** A val: a versioned folder of files. */
export const valSchema = z
  .object({
    id: uuid,
    name: z.string().openapi({ example: "hello" }),
    description: z.string().nullable().openapi({ example: "Greets whoever comes" }),
    privacy: z.enum(PRIVACIES),
    imageUrl: z.string().nullable(),
    createdAt: dateTime,
    author: z.object({
      id: uuid,
      type: z.enum(["user", "org"]),
      username: z.string().nullable().openapi({ example: "ann" }),
    }),
    links: z.object({ self: link, html: link }),
  })
  .openapi("Val");

/** A val's name. */
export const valNameSchema = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(VAL_NAME, "must begin with a letter and go on with letters, digits, - or _")
  .openapi({ example: "hello" });

/** What a val is made of. */
export const newValSchema = z
  .object({
    name: valNameSchema,
    privacy: z.enum(PRIVACIES),
    description: z.string().max(MAX_DESCRIPTION).nullish(),
    orgId: uuid
      .nullish()
      .openapi({ description: "Make it in the name of this organization, of which one is a member." }),
    files: z
      .array(newFileSchema)
      .max(100)
      .optional()
      .openapi({ description: "First files, made together as version 1." }),
  })
  .openapi("NewVal");

const valParams = z.object({ val_id: uuid });

/** `POST /v2/vals` */
export const createVal = createRoute({
  method: "post",
  path: "/v2/vals",
  operationId: "createVal",
  tags: ["vals"],
  summary: "Make a val",
  description:
    "Its branch `main` is empty, at version 0; with `files` it is at version 1, built and served when this is answered.",
  request: { body: body(newValSchema) },
  responses: {
    201: json(valSchema.extend(savedNotes).openapi("CreatedVal"), "The new val, and what came of its build."),
    ...errors(400, 401, 403, 409, 413, 415),
  },
});

/** A place in the list of vals: a date-time, or the URL of a page as it stood in `links.next`. Epoch milliseconds. */
export const cursor = optionalParam(
  z.string().transform((text, context) => {
    const inner = URL.canParse(text) ? new URL(text).searchParams.get("cursor") : text;
    const instant = parseInstant(inner ?? "");
    if (instant !== undefined) return Number(instant / 1_000_000n);
    context.addIssue({ code: "custom", message: "must be an ISO 8601 date-time" });
    return z.NEVER;
  }),
  { format: "date-time", description: "Only vals made before it; also accepts a whole `links.next`." },
);

/** `GET /v2/vals`: public vals and one's own, the newest first. */
export const listVals = createRoute({
  method: "get",
  path: "/v2/vals",
  operationId: "listVals",
  tags: ["vals"],
  summary: "All vals one can see",
  description: "Public ones of everybody, and all of one's own and of one's organizations; the newest first.",
  request: {
    query: z.object({
      limit,
      cursor,
      privacy: optionalParam(z.enum(PRIVACIES), { enum: PRIVACIES, description: "Only those." }),
      user_id: optionalUuid("Only vals of this user."),
    }),
  },
  responses: { 200: json(pageOf(valSchema), "A page of vals."), ...errors(400, 401, 403) },
});

/** `GET /v2/me/vals`: one's own and those of one's organizations, the newest first. */
export const listMyVals = createRoute({
  method: "get",
  path: "/v2/me/vals",
  operationId: "listMyVals",
  tags: ["vals"],
  summary: "Vals of one's own and of one's organizations",
  description: "Private and unlisted ones too; the newest first.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(valSchema), "A page of vals."), ...errors(400, 401, 403) },
});

/** `GET /v2/vals/{val_id}` */
export const getVal = createRoute({
  method: "get",
  path: "/v2/vals/{val_id}",
  operationId: "getVal",
  tags: ["vals"],
  summary: "A val by id",
  description: "Without a token: if it is public or unlisted.",
  request: { params: valParams },
  responses: { 200: json(valSchema, "The val."), ...errors(400, 401, 403, 404) },
});

/** `GET /v2/alias/vals/{username}/{val_name}` */
export const getValByName = createRoute({
  method: "get",
  path: "/v2/alias/vals/{username}/{val_name}",
  operationId: "getValByName",
  tags: ["vals"],
  summary: "A val by its owner's name and its own",
  description:
    "The username is compared without regard to case. By a name that it had before, a val is not found.",
  request: { params: z.object({ username: z.string(), val_name: z.string() }) },
  responses: { 200: json(valSchema, "The val."), ...errors(401, 403, 404) },
});

/** `DELETE /v2/vals/{val_id}` */
export const deleteVal = createRoute({
  method: "delete",
  path: "/v2/vals/{val_id}",
  operationId: "deleteVal",
  tags: ["vals"],
  summary: "Delete a val",
  description:
    "For good: branches, versions, endpoints, variables, blobs and the database. Its workers are stopped.",
  request: { params: valParams },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});

/** A line of versions. */
export const branchSchema = z
  .object({
    id: uuid,
    name: z.string().openapi({ example: "main" }),
    version: z.int().min(0).openapi({ description: "The newest one's number.", example: 3 }),
    createdAt: dateTime,
    updatedAt: dateTime,
    forkedBranchId: uuid.nullable().openapi({ description: "What it was forked from; null for `main`." }),
    links: z.object({ self: link, html: link }),
  })
  .openapi("Branch");

/** `GET /v2/vals/{val_id}/branches` */
export const listBranches = createRoute({
  method: "get",
  path: "/v2/vals/{val_id}/branches",
  operationId: "listBranches",
  tags: ["branches"],
  summary: "Branches of a val",
  description: "`main` first, then the oldest first.",
  request: { params: valParams, query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(branchSchema), "A page of branches."), ...errors(400, 401, 403, 404) },
});

/** `GET /v2/vals/{val_id}/branches/{branch_id}` */
export const getBranch = createRoute({
  method: "get",
  path: "/v2/vals/{val_id}/branches/{branch_id}",
  operationId: "getBranch",
  tags: ["branches"],
  summary: "A branch and its newest version",
  description: "`version` is the number of the newest; `GET /v3/vals/{val_id}/versions` has all of them.",
  request: { params: valParams.extend({ branch_id: uuid }) },
  responses: { 200: json(branchSchema, "The branch."), ...errors(400, 401, 403, 404) },
});
