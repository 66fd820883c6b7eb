import { z } from "@hono/zod-openapi";
import { MAX_DESCRIPTION } from "../../val/name.ts";
import { PRIVACIES } from "../../val/visibility.ts";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, offset, pageOf, uuid } from "./common.ts";
import { originSchema } from "./remix.ts";
import { valNameSchema, valSchema } from "./vals.ts";

const valParams = z.object({ val_id: uuid });

/** A val with what its page shows beside its files. */
export const valDetailsSchema = valSchema
  .extend({
    updatedAt: dateTime.openapi({ description: "When a file was changed last, in any branch." }),
    branchCount: z.int().min(1),
    origin: originSchema.nullable().openapi({ description: "What it is a remix of, if one may read that." }),
    likeCount: z.int().min(0),
    mayWrite: z
      .boolean()
      .openapi({ description: "Whether the caller may change it; false without a token." }),
    liked: z.boolean().openapi({ description: "Whether the caller likes it; false without a token." }),
  })
  .openapi("ValDetails");

/** `GET /v3/vals/{val_id}` */
export const getValDetails = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}",
  operationId: "getValDetails",
  tags: ["vals"],
  summary: "A val with its likes, branches and last change",
  description: "What `GET /v2/vals/{val_id}` answers, and what a page about the val shows beside it.",
  request: { params: valParams },
  responses: { 200: json(valDetailsSchema, "The val."), ...errors(400, 401, 403, 404) },
});

/** `PATCH /v3/vals/{val_id}` */
export const updateVal = createRoute({
  method: "patch",
  path: "/v3/vals/{val_id}",
  operationId: "updateVal",
  tags: ["vals"],
  summary: "Rename a val, or change its privacy, description or image",
  description:
    "What is not named stays. After a new name the old addresses go on working: endpoints for good, module URLs until another val of the same owner takes the old name. Endpoints can be reached whatever the privacy is.",
  request: {
    params: valParams,
    body: body(
      z
        .object({
          name: valNameSchema.optional(),
          description: z.string().max(MAX_DESCRIPTION).nullable().optional(),
          privacy: z.enum(PRIVACIES).optional(),
          imageUrl: z
            .string()
            .max(2048)
            .regex(/^https?:\/\//, "must be a web address")
            .nullable()
            .optional(),
        })
        .openapi("ValChanges"),
    ),
  },
  responses: {
    200: json(valSchema, "As it is now, and as it is served."),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `POST /v3/vals/{val_id}/transfer` */
export const transferVal = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/transfer",
  operationId: "transferVal",
  tags: ["vals"],
  summary: "Give a val to an organization, or take one back from it",
  description:
    "To an organization that one is a member of, or to oneself; from an organization only by one of its owners. Files, variables, the val's own blobs and database, telemetry and endpoints go along. What belongs to the account stays there, module URLs change, and private vals of the former owner can no longer be imported when the val is built next.",
  request: {
    params: valParams,
    body: body(
      z
        .object({ ownerId: uuid.openapi({ description: "An organization's id, or one's own." }) })
        .openapi("ValTransfer"),
    ),
  },
  responses: {
    200: json(valSchema, "As it is now, and as it is served."),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `PUT /v3/vals/{val_id}/like` */
export const likeVal = createRoute({
  method: "put",
  path: "/v3/vals/{val_id}/like",
  operationId: "likeVal",
  tags: ["vals"],
  summary: "Like a val",
  description: "Of a val that is liked already it changes nothing.",
  request: { params: valParams },
  responses: { 204: { description: "The caller likes it." }, ...errors(400, 401, 403, 404) },
});

/** `DELETE /v3/vals/{val_id}/like` */
export const unlikeVal = createRoute({
  method: "delete",
  path: "/v3/vals/{val_id}/like",
  operationId: "unlikeVal",
  tags: ["vals"],
  summary: "Take a like back",
  description: "Of a val that is not liked it changes nothing.",
  request: { params: valParams },
  responses: { 204: { description: "The caller does not like it." }, ...errors(400, 401, 403, 404) },
});

/** `GET /v3/me/likes` */
export const listMyLikes = createRoute({
  method: "get",
  path: "/v3/me/likes",
  operationId: "listMyLikes",
  tags: ["vals"],
  summary: "Vals that one likes",
  description: "Without those that one may no longer read.",
  request: { query: z.object({ limit, offset }) },
  responses: {
    200: json(pageOf(valSchema), "A page of vals, the newest like first."),
    ...errors(400, 401, 403),
  },
});
