import { z } from "@hono/zod-openapi";
import { MAX_NAME, SEGMENT } from "../../val/name.ts";
import { createRoute } from "./access.ts";
import { body, errors, json, uuid } from "./common.ts";
import { savedNotes } from "./files.ts";
import { branchSchema } from "./vals.ts";

const branchName = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(SEGMENT, "must consist of letters, digits and $ [ ] ( ) - _ .");

/** What a branch is made of. */
export const newBranchSchema = z
  .object({
    name: branchName.openapi({ example: "my-branch" }),
    branchId: uuid.nullish().openapi({ description: "The branch to fork; main unless told otherwise." }),
  })
  .openapi("NewBranch");

/** `POST /v2/vals/{val_id}/branches` */
export const createBranch = createRoute({
  method: "post",
  path: "/v2/vals/{val_id}/branches",
  operationId: "createBranch",
  tags: ["branches"],
  summary: "Fork a branch",
  description:
    "The new branch begins with the newest state of the one it is forked from, and with its version number. Its files " +
    "have ids and endpoints of their own, which are served when this is answered. A val has at most 100 branches.",
  request: { params: z.object({ val_id: uuid }), body: body(newBranchSchema) },
  responses: {
    201: json(
      branchSchema.extend(savedNotes).openapi("ForkedBranch"),
      "The new branch, and what came of its build.",
    ),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `DELETE /v2/vals/{val_id}/branches/{branch_id}` */
export const deleteBranch = createRoute({
  method: "delete",
  path: "/v2/vals/{val_id}/branches/{branch_id}",
  operationId: "deleteBranch",
  tags: ["branches"],
  summary: "Delete a branch with everything in it",
  description:
    "Its files, versions and endpoints are gone. Branches that were forked from it stay; they become forks of what it " +
    "was forked from. The branch main cannot be deleted.",
  request: { params: z.object({ val_id: uuid, branch_id: uuid }) },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});

/** `PATCH /v3/vals/{val_id}/branches/{branch_id}` */
export const renameBranch = createRoute({
  method: "patch",
  path: "/v3/vals/{val_id}/branches/{branch_id}",
  operationId: "renameBranch",
  tags: ["branches"],
  summary: "Rename a branch",
  description:
    "Its endpoints stay the same; its modules' URLs have the branch's name in them. main cannot be renamed.",
  request: {
    params: z.object({ val_id: uuid, branch_id: uuid }),
    body: body(z.object({ name: branchName }).openapi("BranchChange")),
  },
  responses: { 200: json(branchSchema, "The branch."), ...errors(400, 401, 403, 404, 409, 413, 415) },
});
