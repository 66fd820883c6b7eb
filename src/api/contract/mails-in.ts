import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, link, offset, optionalUuid, pageOf, uuid } from "./common.ts";
import { mailTakenSchema, testMailSchema } from "./email.ts";
import { runOutcomes } from "./runs.ts";

/** A mail that came for a file. */
export const receivedMailSchema = z
  .object({
    id: uuid,
    fileId: uuid,
    from: z.string().nullable().openapi({
      description: "Who sent it, as the envelope says; null when nobody is to be answered.",
      example: "eve@example.org",
    }),
    to: z.string().openapi({ example: "ann.letters@mail.example" }),
    subject: z.string().openapi({ description: "As text: encoded words are decoded." }),
    messageId: z.string().nullable(),
    size: z.int().min(0),
    receivedAt: dateTime,
    state: z.enum(["waiting", "delivered", "failed", "dead"]).openapi({
      description:
        "`waiting`: to be delivered, for the first time or again. `dead`: tried in vain; it is kept for 14 days, and may be tried again. `failed`: given up.",
    }),
    attempts: z.int().min(0),
    error: z.string().nullable().openapi({ description: "Of the last attempt." }),
    traceId: z.string().nullable().openapi({ description: "Of the last attempt." }),
    links: z.object({
      raw: link.optional().openapi({ description: "The mail itself; missing when it is not kept." }),
    }),
  })
  .openapi("ReceivedMail");

/** `GET /v3/vals/{val_id}/mails` */
export const listReceivedMails = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/mails",
  operationId: "listReceivedMails",
  tags: ["email"],
  summary: "Mails that a val has got, the newest first",
  description:
    "And those that wait for it. Of those that are done with the last 1,000 of the account are shown, from the last 30 days.",
  request: {
    params: z.object({ val_id: uuid }),
    query: z.object({ file_id: optionalUuid("Of this file only."), limit, offset }),
  },
  responses: { 200: json(pageOf(receivedMailSchema), "A page of mails."), ...errors(400, 401, 403, 404) },
});

/** `GET /v3/vals/{val_id}/mails/{mail_id}/raw` */
export const getRawMail = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/mails/{mail_id}/raw",
  operationId: "getRawMail",
  tags: ["email"],
  summary: "A mail as it came, with the header lines of this town",
  description: "As long as it is kept: until it is delivered, or given up.",
  request: { params: z.object({ val_id: uuid, mail_id: uuid }) },
  responses: {
    200: { description: "The mail.", content: { "message/rfc822": { schema: z.string() } } },
    ...errors(400, 401, 403, 404),
  },
});

/** `POST /v2/vals/{val_id}/files/email` */
export const deliverEmail = createRoute({
  method: "post",
  path: "/v2/vals/{val_id}/files/email",
  operationId: "deliverEmail",
  tags: ["email"],
  summary: "Deliver a mail to an email file of one's own, to see what it does",
  description:
    "The mail goes the whole way of one from outside. It is described as for `POST /v1/email`, but may be from anybody and have any headers; or it is sent as it is, as `message/rfc822`. " +
    "The answer says what came of it, as that of `POST /v3/vals/{val_id}/run` does, events included; a failure is not tried again then. " +
    "With `Prefer: respond-async` (RFC 7240) it is answered 202 as soon as the mail is kept.",
  request: {
    params: z.object({ val_id: uuid }),
    query: z.object({
      path: z
        .string()
        .min(1)
        .openapi({
          param: { required: true },
          description: "Path of the file within the val.",
          example: "mail.ts",
        }),
      branch_id: optionalUuid("The branch; main unless told otherwise."),
    }),
    headers: z.object({
      prefer: z
        .string()
        .optional()
        .openapi({ description: "`respond-async` not to wait for the run.", example: "respond-async" }),
    }),
    body: {
      required: false,
      content: { "application/json": { schema: testMailSchema }, "message/rfc822": { schema: z.string() } },
    },
  },
  responses: {
    ...runOutcomes,
    202: json(mailTakenSchema, "It is kept, and delivered soon."),
    ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
  },
});
