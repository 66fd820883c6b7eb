import type { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Auth } from "../../auth/auth.ts";
import { type Content, EmailError, type Envelope, MAX_MAIL_BYTES } from "../../services/email-mail.ts";
import type { MailRow } from "../../store/store.ts";
import { HOPS } from "../../wire/headers.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { getMail, listMails, type mailContentSchema, type mailSchema, sendEmail } from "../contract/email.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { idempotent } from "./idempotency.ts";
import type { Links } from "./links.ts";
import { presentPage } from "./present.ts";
import { ApiError, problem } from "./problem.ts";

/** Whether a mail is sent to this path, which may be larger than other bodies. */
export function isEmailPath(path: string): boolean {
  return path === sendEmail.path;
}

/** Files are a third longer in base64, and there are texts beside them. */
const MAX_BODY = Math.ceil((MAX_MAIL_BYTES * 4) / 3) + 1024 * 1024;

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const NOT_JSON = "Unsupported Media Type: send the mail as JSON, with content-type: application/json";

export function addEmailRoutes(app: App, auth: Auth, { store, log, services: { email } }: Tools): void {
  if (email === undefined) return;
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: () =>
      problem(413, `A mail is too large: at most ${MAX_MAIL_BYTES} bytes of text and files are sent`),
  });

  const admit: MiddlewareHandler<Env> = async (c, next) => {
    const length = Number(c.req.header("content-length") ?? (c.req.raw.body === null ? 0 : MAX_BODY));
    try {
      email.admit(viewerOf(c).userId, length);
    } catch (error) {
      throw toApiError(error);
    }
    await next();
  };

  const once = idempotent(auth, store.requests, log);
  const middleware = [admit, limit, once];
  app.openapi({ ...sendEmail, middleware }, async (c) => {
    // No body at all is a mail to oneself; one that is not read would be a surprise.
    const empty = c.req.raw.body === null;
    if (!empty && !JSON_TYPE.test(c.req.header("content-type") ?? "")) throw new ApiError(415, NOT_JSON);
    const mail = empty ? {} : c.req.valid("json");
    const hops = Number(c.req.header(HOPS) ?? 0) || 0;
    const done = await email.send({ ...viewerOf(c), hops }, mail).catch((error) => {
      throw toApiError(error);
    });
    return c.json(done, 202);
  });

  app.openapi(listMails, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.mails.listByUser(viewerOf(c).userId, { limit, offset });
    const links = c.get("links");
    const data = rows.map((mail) => presentMail(mail, links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });

  app.openapi(getMail, async (c) => {
    const mail = await store.mails.find(c.req.valid("param").mail_id);
    if (mail === undefined || !viewerOf(c).accounts.has(mail.userId))
      throw new ApiError(404, "Mail not found");
    const content = await store.mails.content(mail.id);
    return c.json({ ...presentMail(mail, c.get("links")), content: presentContent(content) }, 200);
  });
}

/** What the mail service refuses, as an answer; anything else as it is. */
export function toApiError(error: unknown): unknown {
  if (!(error instanceof EmailError)) return error;
  return new ApiError(error.status, error.message, undefined, error.headers);
}

function presentMail(mail: MailRow, links: Links): z.infer<typeof mailSchema> {
  const { from, to, cc, bcc, subject } = JSON.parse(mail.envelope) as Envelope;
  return {
    id: mail.id,
    state: mail.state,
    valId: mail.valId ?? null,
    from,
    to: [...to],
    cc: [...cc],
    bcc: [...bcc],
    subject,
    attempts: mail.attempts,
    error: mail.error ?? null,
    createdAt: new Date(mail.createdAt).toISOString(),
    updatedAt: new Date(mail.updatedAt).toISOString(),
    links: { self: `${links.api}/v3/mails/${mail.id}` },
  };
}

function presentContent(stored: string | undefined): z.infer<typeof mailContentSchema>["content"] {
  if (stored === undefined) return null;
  const { replyTo, text, html, headers, attachments } = JSON.parse(stored) as Content;
  return {
    replyTo: [...replyTo],
    text: text ?? null,
    html: html ?? null,
    headers: { ...headers },
    attachments: attachments.map(({ filename, type, content }) => ({
      filename,
      type: type ?? null,
      size: Buffer.byteLength(content, "base64"),
    })),
  };
}
