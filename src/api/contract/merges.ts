import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { body, errorSchema, errors, json, optionalParam, uuid } from "./common.ts";
import { savedNotes } from "./files.ts";
import { changeSchema, versionOfSchema } from "./versions.ts";

const conflictSchema = z
  .object({
    kind: z.enum(["content", "deleted", "moved", "type", "path"]).openapi({
      description:
        "`content`: both have changed the same lines. `deleted`: one has deleted what the other has changed. `moved`: both " +
        "have moved it. `type`: both have changed its type. `path`: two files have come to one path.",
    }),
    path: z.string().openapi({ description: "Where the file is in the outcome." }),
    ours: z.string().nullable().openapi({ description: "Where it is in the branch that is merged into." }),
    theirs: z.string().nullable().openapi({ description: "Where it is in the branch that is merged." }),
  })
  .openapi("Conflict");

const merge = {
  base: versionOfSchema.openapi({ description: "The state that both come from." }),
  source: versionOfSchema.openapi({ description: "What is merged." }),
  target: versionOfSchema.openapi({ description: "What it is merged into." }),
  conflicts: z.array(conflictSchema),
  unresolved: z.array(z.string()).openapi({
    description:
      "Files in which markers of an earlier merge are still to be resolved; until then nothing is merged.",
  }),
  changes: z.array(changeSchema).openapi({ description: "What changes in the target." }),
};

/** What a merge would come to. */
export const mergePreviewSchema = z
  .object({
    ...merge,
    mergeable: z.boolean().openapi({ description: "Whether it would be carried out." }),
  })
  .openapi("MergePreview");

/** What a merge came to. */
export const mergedSchema = versionOfSchema
  .extend({
    ...merge,
    changed: z.boolean().openapi({ description: "Whether there is a new version." }),
    ...savedNotes,
  })
  .openapi("Merged");

/** Why a merge was refused. */
export const mergeRefusedSchema = errorSchema
  .extend({ conflicts: z.array(conflictSchema).optional(), unresolved: z.array(z.string()).optional() })
  .openapi("MergeRefused");

const params = z.object({ val_id: uuid, branch_id: uuid });
const other = (word: string) =>
  z
    .union([z.literal("parent"), uuid], `must be "parent" or the id of a branch`)
    .openapi({ description: word });
const query = (description: string) =>
  optionalParam(z.union([z.literal("parent"), uuid], 'must be "parent" or the id of a branch'), {
    description,
  });

/** `GET /v3/vals/{val_id}/branches/{branch_id}/merge` */
export const previewMerge = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/branches/{branch_id}/merge",
  operationId: "previewMerge",
  tags: ["branches"],
  summary: "What a merge would change",
  description: "Into the branch's parent, unless `from` or `into` say otherwise.",
  request: {
    params,
    query: z.object({
      from: query("Merge this one into the branch: `parent`, or the id of another branch of the val."),
      into: query("Merge the branch into this one: `parent`."),
    }),
  },
  responses: { 200: json(mergePreviewSchema, "What it would change."), ...errors(400, 401, 403, 404, 409) },
});

/** `POST /v3/vals/{val_id}/branches/{branch_id}/merge` */
export const mergeBranch = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/branches/{branch_id}/merge",
  operationId: "mergeBranch",
  tags: ["branches"],
  summary: "Merge a branch and its parent",
  description:
    '`{into: "parent"}` takes the branch\'s changes into its parent; if there are conflicts, or markers of an earlier merge ' +
    'in the branch, nothing changes and the answer is 409. `{from: "parent"}` takes the parent\'s changes into the branch ' +
    "(of a remix's main: those of its origin); conflicts are written into the files between `<<<<<<< main`, `=======` and " +
    "`>>>>>>> branch`. All changes are one version; if there are none, there is none. The branch whose changes are taken " +
    "stays as it is.",
  request: {
    params,
    body: body(
      z
        .object({
          from: other("Merge this one into the branch.").nullish(),
          into: z.literal("parent", 'must be "parent"').nullish(),
        })
        .refine(({ from, into }) => (from == null) !== (into == null), "must have either from or into")
        .openapi("Merge"),
    ),
  },
  responses: {
    200: json(mergedSchema, "What was changed."),
    409: json(mergeRefusedSchema, "There are conflicts; nothing was changed."),
    ...errors(400, 401, 403, 404, 413, 415),
  },
});
