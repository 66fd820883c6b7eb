import { z } from "@hono/zod-openapi";
import { MAX_NAME, VAL_NAME } from "../../val/name.ts";
import { PRIVACIES } from "../../val/visibility.ts";
import { createRoute } from "./access.ts";
import { body, errors, json, uuid } from "./common.ts";
import { savedNotes } from "./files.ts";
import { valSchema } from "./vals.ts";

/** What a val was copied from. */
export const originSchema = z
  .object({ valId: uuid, branchId: uuid, version: z.int().min(0) })
  .openapi("Origin");

/** `POST /v3/vals/{val_id}/remix` */
export const remixVal = createRoute({
  method: "post",
  path: "/v3/vals/{val_id}/remix",
  operationId: "remixVal",
  tags: ["vals"],
  summary: "Copy a val that one may read",
  description:
    "The copy has the newest state of main as its version 1, files and endpoints of its own, and knows its origin: it can " +
    "take later changes of it, and propose its own to it. Variables are not copied; their names are told.",
  request: {
    params: z.object({ val_id: uuid }),
    body: body(
      z
        .object({
          name: z
            .string()
            .min(1)
            .max(MAX_NAME)
            .regex(VAL_NAME, "must begin with a letter and go on with letters, digits, - or _")
            .nullish()
            .openapi({
              description: "The val's own name unless told otherwise, with a number if that is taken.",
            }),
          privacy: z
            .enum(PRIVACIES)
            .nullish()
            .openapi({ description: "As the val has it unless told otherwise." }),
          orgId: uuid
            .nullish()
            .openapi({ description: "Make it in the name of this organization, of which one is a member." }),
        })
        .openapi("Remix"),
    ),
  },
  responses: {
    201: json(
      valSchema
        .extend({
          origin: originSchema,
          requiredVariables: z.array(z.string()).openapi({
            description:
              "Names of the variables that the val has and the copy lacks; to who may not change the val, of those that its code names.",
          }),
          ...savedNotes,
        })
        .openapi("Remixed"),
      "The copy, and what came of its build.",
    ),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});
