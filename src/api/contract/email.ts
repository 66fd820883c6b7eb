import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, link, offset, pageOf, uuid } from "./common.ts";

const text = (most: number) => z.string().max(most);

/** A mailbox and, if wanted, whose it is. */
export const addressSchema = z
  .object({ email: z.string().min(1).max(320), name: text(256).optional() })
  .openapi("EmailAddress");

const written = z.union([text(320), addressSchema]);
const several = (most: number) => z.union([written, z.array(written).max(most)]).optional();

/** A file that goes with a mail. */
export const attachmentSchema = z
  .object({
    content: z.string().openapi({ format: "byte", description: "Base64." }),
    filename: z.string().min(1).max(256),
    type: z.string().optional(),
    disposition: z.string().optional().openapi({ description: "attachment or inline" }),
    contentId: text(256).optional(),
  })
  .openapi("EmailAttachment");

/** What `std/email` sends. Without anything, it is a mail to the account's owner. */
export const emailSchema = z
  .object({
    from: written.optional(),
    to: several(50),
    cc: several(50),
    bcc: several(50),
    replyToList: several(10),
    replyTo: several(10),
    subject: z.string().optional(),
    text: z.string().optional(),
    html: z.string().min(1).optional(),
    headers: z
      .record(z.string(), z.string())
      .refine((headers) => Object.keys(headers).length <= 50, "must have at most 50 headers")
      .optional(),
    attachments: z.array(attachmentSchema).max(5).optional(),
  })
  .openapi("Email");

/** A mail for an email file of one's own: all of it may be left out. */
export const testMailSchema = emailSchema.openapi("TestMail");

/** A mail that was taken and waits for its file. */
export const mailTakenSchema = z
  .object({ mailId: uuid, jobId: uuid.nullable(), message: z.string() })
  .openapi("MailTaken");

/** `POST /v1/email`: 202, whether it is sent already or not; the message says which. */
export const sendEmail = createRoute({
  method: "post",
  path: "/v1/email",
  operationId: "sendEmail",
  tags: ["email"],
  summary: "Send a mail",
  description:
    "Without `to` it goes to the account's own address, and `{}` is a mail too. Where the town has no mail server, mails are kept, and shown by `GET /v3/mails`.",
  request: { body: { required: false, content: { "application/json": { schema: emailSchema } } } },
  responses: {
    202: json(
      z.object({ message: z.string() }),
      "The mail was accepted; the message says what became of it.",
    ),
    ...errors(400, 401, 403, 413, 415, 422, 429, 503),
  },
});

/** A mail that was accepted. */
export const mailSchema = z
  .object({
    id: uuid,
    state: z.enum(["queued", "sent", "failed", "kept"]),
    valId: uuid.nullable(),
    from: addressSchema,
    to: z.array(addressSchema),
    cc: z.array(addressSchema),
    bcc: z.array(addressSchema),
    subject: z.string(),
    attempts: z.int(),
    error: z.string().nullable().openapi({ description: "Why it is not sent, or not to everyone." }),
    createdAt: dateTime,
    updatedAt: dateTime,
    links: z.object({ self: link }),
  })
  .openapi("Mail");

/** The same with what it says; null once it is sent, because it is not kept then. */
export const mailContentSchema = mailSchema
  .extend({
    content: z
      .object({
        replyTo: z.array(addressSchema),
        text: z.string().nullable(),
        html: z.string().nullable(),
        headers: z.record(z.string(), z.string()),
        attachments: z.array(z.object({ filename: z.string(), type: z.string().nullable(), size: z.int() })),
      })
      .nullable(),
  })
  .openapi("MailWithContent");

/** `GET /v3/mails`: Hamlet's own, for Val Town keeps no mails. */
export const listMails = createRoute({
  method: "get",
  path: "/v3/mails",
  operationId: "listMails",
  tags: ["email"],
  summary: "Mails of one's vals, the newest first",
  description: "Sent or kept; the last 1,000 of the last 30 days.",
  request: { query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(mailSchema), "A page of mails."), ...errors(400, 401, 403) },
});

/** `GET /v3/mails/{mail_id}` */
export const getMail = createRoute({
  method: "get",
  path: "/v3/mails/{mail_id}",
  operationId: "getMail",
  tags: ["email"],
  summary: "A mail with its content",
  description: "What was sent is not kept: the content is null then.",
  request: { params: z.object({ mail_id: uuid }) },
  responses: { 200: json(mailContentSchema, "The mail."), ...errors(400, 401, 403, 404) },
});
