import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, offset, optionalParam, pageOf, uuid } from "./common.ts";
import { mergedSchema, mergeRefusedSchema } from "./merges.ts";
import { authorSchema, diffSchema } from "./versions.ts";

const STATES = ["open", "merged", "closed"] as const;

/** One of the two branches. */
export const endSchema = z
  .object({
    valId: uuid,
    val: z.string().openapi({ example: "ann/hello", description: "Owner and name of its val." }),
    branchId: uuid,
    branch: z.string().openapi({ example: "main" }),
    version: z.int().min(0).openapi({ description: "Its newest." }),
  })
  .openapi("PullRequestEnd");

/** A proposal to merge one branch into another. */
export const pullSchema = z
  .object({
    number: z.int().min(1),
    title: z.string(),
    description: z.string().nullable(),
    state: z.enum(STATES).openapi({ description: "`closed` is without a merge." }),
    author: authorSchema,
    source: endSchema
      .nullable()
      .openapi({ description: "Null when it is gone, or ended and not one's to see." }),
    target: endSchema.nullable().openapi({ description: "Null when the branch is gone." }),
    createdAt: dateTime,
    updatedAt: dateTime,
    endedAt: dateTime.nullable(),
    endedBy: authorSchema.nullable().openapi({ description: "Who merged or closed it." }),
    mergedVersion: z
      .int()
      .nullable()
      .openapi({ description: "The target's version that the merge has led to." }),
  })
  .openapi("PullRequest");

const MAX_TITLE = 200;
const MAX_DESCRIPTION = 10_000;
const title = z.string().trim().min(1).max(MAX_TITLE);
const description = z.string().max(MAX_DESCRIPTION).nullish();
const number = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, "must be a whole number, 1 or more")
  .transform(Number)
  .openapi({ type: "integer", minimum: 1, description: "Its number in this val." });
const valParams = z.object({ val_id: uuid.openapi({ description: "The val that it is proposed to." }) });
const params = valParams.extend({ number });
const pull = (text: string) => json(pullSchema, text);

/** `GET /v3/vals/{val_id}/pulls`: the newest first. */
export const listPulls = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/pulls",
  operationId: "listPullRequests",
  tags: ["pull requests"],
  summary: "Pull requests to a val",
  description: "The newest first.",
  request: {
    params: valParams,
    query: z.object({
      state: optionalParam(z.enum(STATES), { enum: STATES, description: "Only those." }),
      limit,
      offset,
    }),
  },
  responses: { 200: json(pageOf(pullSchema), "A page of pull requests."), ...errors(400, 401, 403, 404) },
});

/** `POST /v3/vals/{val_id}/pulls` */
export const openPull = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/pulls",
  operationId: "openPullRequest",
  tags: ["pull requests"],
  summary: "Propose a branch's changes",
  description:
    "From a branch to its parent, or from a branch of a remix to what that is a remix of. Who opens it must be able to " +
    "change the source and to read the target. While it is open, whoever may read the target sees what it would change, " +
    "however private the source is; before that, and once it is closed, they do not.",
  request: {
    params: valParams,
    body: body(
      z
        .object({
          title: title.openapi({ example: "Greet in more languages" }),
          description,
          sourceBranchId: uuid.openapi({ description: "The branch whose changes are proposed." }),
          targetBranchId: uuid.nullish().openapi({
            description: "The branch to take them; main unless told otherwise.",
          }),
        })
        .openapi("NewPullRequest"),
    ),
  },
  responses: { 201: pull("The pull request."), ...errors(400, 401, 403, 404, 409, 413, 415) },
});

/** `GET /v3/vals/{val_id}/pulls/{number}` */
export const getPull = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/pulls/{number}",
  operationId: "getPullRequest",
  tags: ["pull requests"],
  summary: "A pull request",
  description: "Its `source` is null once it is gone, or ended and not one's to see.",
  request: { params },
  responses: { 200: pull("The pull request."), ...errors(400, 401, 403, 404) },
});

/** `PATCH /v3/vals/{val_id}/pulls/{number}` */
export const editPull = createRoute({
  method: "patch",
  path: "/v3/vals/{val_id}/pulls/{number}",
  operationId: "editPullRequest",
  tags: ["pull requests"],
  summary: "Change the title or description of a pull request",
  description: "For its author, and for those who may change the target.",
  request: {
    params,
    body: body(z.object({ title: title.optional(), description }).openapi("PullRequestChange")),
  },
  responses: { 200: pull("The pull request."), ...errors(400, 401, 403, 404, 413, 415) },
});

/** `GET /v3/vals/{val_id}/pulls/{number}/diff` */
export const getPullDiff = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/pulls/{number}/diff",
  operationId: "getPullRequestDiff",
  tags: ["pull requests"],
  summary: "What a pull request changes",
  description:
    "While it is open: since the state that both branches come from. Once merged: what the merge has changed.",
  request: {
    params,
    query: z.object({
      path: optionalParam(z.string(), { description: "Only this file, or what is below this directory." }),
    }),
  },
  responses: { 200: json(diffSchema, "The files that are different."), ...errors(400, 401, 403, 404) },
});

/** `POST /v3/vals/{val_id}/pulls/{number}/merge` */
export const mergePull = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/pulls/{number}/merge",
  operationId: "mergePullRequest",
  tags: ["pull requests"],
  summary: "Merge a pull request",
  description:
    "For those who may change the target. Conflicts are refused with 409: they are resolved in the source, by merging the target into it.",
  request: {
    params,
    body: body(
      z
        .object({
          sourceVersion: z.int().min(0).nullish().openapi({
            description:
              "The source's version that was looked at; if there is a newer one, the answer is 409.",
          }),
        })
        .openapi("PullRequestMerge"),
    ),
  },
  responses: {
    200: json(mergedSchema, "What was changed."),
    409: json(mergeRefusedSchema, "There are conflicts, or it is not open; nothing was changed."),
    ...errors(400, 401, 403, 404, 413, 415),
  },
});

/** `POST /v3/vals/{val_id}/pulls/{number}/close` */
export const closePull = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/pulls/{number}/close",
  operationId: "closePullRequest",
  tags: ["pull requests"],
  summary: "Close a pull request without merging it",
  description: "For its author, and for those who may change the target.",
  request: { params },
  responses: { 200: pull("The pull request."), ...errors(400, 401, 403, 404, 409) },
});

/** `POST /v3/vals/{val_id}/pulls/{number}/reopen` */
export const reopenPull = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/pulls/{number}/reopen",
  operationId: "reopenPullRequest",
  tags: ["pull requests"],
  summary: "Open a closed pull request again",
  description: "For those who may change the source and read the target.",
  request: { params },
  responses: { 200: pull("The pull request."), ...errors(400, 401, 403, 404, 409) },
});
