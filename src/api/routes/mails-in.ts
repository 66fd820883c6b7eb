/** Mails that come in for vals: what became of them, and one of the owner's own to try a file with. */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Auth } from "../../auth/auth.ts";
import { composeMessage } from "../../services/email-compose.ts";
import { composeTest, MAX_MAIL_BYTES } from "../../services/email-mail.ts";
import type { ReceivedMail, Val } from "../../store/store.ts";
import { mailAddress } from "../../val/address.ts";
import type { FileEntry } from "../../val/file.ts";
import { idMailbox } from "../../val/mailbox.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import type { testMailSchema } from "../contract/email.ts";
import {
  deliverEmail,
  getRawMail,
  listReceivedMails,
  type receivedMailSchema,
} from "../contract/mails-in.ts";
import { viewerOf, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { toApiError } from "./email.ts";
import { idempotent } from "./idempotency.ts";
import { whenOver } from "./portable.ts";
import { presentPage } from "./present.ts";
import { ApiError, problem } from "./problem.ts";
import { answerRun } from "./run-answer.ts";
import type { MailDoor } from "./types.ts";

type Decode = typeof import("postal-mime").decodeWords;
type TestMailRequest = z.infer<typeof testMailSchema>;
type Source = { readonly from: string; readonly mail: AsyncIterable<Uint8Array> };
interface TestTarget {
  readonly id: string;
  readonly valId: string;
  readonly userId: string;
  readonly address: string;
}

/** Whether a mail may come to this path, which may be larger than other bodies. */
export function isTestMailPath(path: string): boolean {
  return /^\/v2\/vals\/[^/]+\/files\/email$/.test(path);
}

/** Files are a third longer in base64, and there are texts beside them. */
const MAX_JSON = Math.ceil((MAX_MAIL_BYTES * 4) / 3) + 1024 * 1024;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const RAW_TYPE = /^message\/rfc822\b/i;
const NOT_A_MAIL =
  "Unsupported Media Type: send the mail as JSON, with content-type: application/json, or as it is, with content-type: message/rfc822";

export function addReceivedMailRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store, services } = tools;

  app.openapi(listReceivedMails, async (c) => {
    const val = await ownVal(c, tools, c.req.valid("param").val_id);
    const { limit = DEFAULT_LIMIT, offset = 0, file_id: fileId } = c.req.valid("query");
    const page = { limit, offset, ...(fileId !== undefined && { fileId }) };
    const { rows, more } = await store.inbox.listByVal(val.id, page);
    // Large, and nobody may ever ask.
    const { decodeWords } = await import("postal-mime");
    const data = rows.map((mail) => present(c, mail, decodeWords));
    return c.json(presentPage(data, c.get("links"), more, { limit, offset }), 200);
  });

  app.openapi(getRawMail, async (c) => {
    const { val_id, mail_id } = c.req.valid("param");
    const val = await ownVal(c, tools, val_id);
    const found = await store.inbox.find(mail_id);
    const mail = found?.to.find((one) => one.valId === val.id);
    if (mail === undefined) throw new ApiError(404, "Mail not found");
    const stream = isKept(mail) ? await services.mailDoor?.open(mail.id, mail.address) : undefined;
    if (stream === undefined) throw new ApiError(404, "The mail itself is not kept any more");
    const { promise, resolve } = Promise.withResolvers<void>();
    c.set("answered", promise);
    return c.body(whenOver(stream, resolve), 200, {
      "content-type": "message/rfc822",
      "content-disposition": `attachment; filename="${mail.id}.eml"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  });

  const limit = bodyLimit({
    maxSize: MAX_JSON,
    onError: () => problem(413, `A mail is too large: at most ${MAX_MAIL_BYTES} bytes of text and files`),
  });
  const once = idempotent(auth, store.requests, tools.log);
  const ofJson = (of: typeof limit): typeof limit => {
    return (c, next) => (RAW_TYPE.test(c.req.header("content-type") ?? "") ? next() : of(c, next));
  };
  app.openapi({ ...deliverEmail, middleware: [ofJson(limit), ofJson(once)] }, async (c) => {
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { path, branch_id } = c.req.valid("query");
    const branch = await store.vals.branch(val.id, branch_id);
    const file = branch && (await store.files.at({ valId: val.id, branchId: branch.id }, path));
    if (file === undefined) throw new ApiError(404, "File not found");
    if (file.type !== "email")
      throw new ApiError(400, "Only a file of type email gets mail. Change the file's type first");
    const target = testTarget(c, file, val);
    const raw = RAW_TYPE.test(c.req.header("content-type") ?? "");
    if (raw) return answerMail(c, services.mailDoor, target, await rawSource(c, tools));
    const empty = c.req.raw.body === null;
    if (!empty && !JSON_TYPE.test(c.req.header("content-type") ?? "")) throw new ApiError(415, NOT_A_MAIL);
    return answerTestMail(c, tools, target, empty ? {} : (c.req.valid("json") as TestMailRequest));
  });
}

/** A file as one to whom mail is sent: at the address that it has for life. */
export function testTarget(c: Context<Env>, { id }: FileEntry, val: Val): TestTarget {
  const address = mailAddress(c.get("links").town, idMailbox(val.username, id));
  return { id, valId: val.id, userId: val.userId, address };
}

/** A mail made of a description is delivered, and answered with what came of it. */
export async function answerTestMail(
  c: Context<Env>,
  tools: Tools,
  target: TestTarget,
  request: TestMailRequest,
) {
  const defaults = { from: await senderOf(c, tools), to: target.address };
  const message = attempted(() => composeTest(request, defaults));
  const { mailDomain } = c.get("links").town;
  const mail = composeMessage({
    ...{ id: Bun.randomUUIDv7(), at: Date.now(), domain: `test.${mailDomain}` },
    ...message,
  });
  return answerMail(c, tools.services.mailDoor, target, { from: message.envelope.from.email, mail });
}

async function answerMail(
  c: Context<Env>,
  door: MailDoor | undefined,
  { id: fileId, valId, userId, address }: TestTarget,
  source: Source,
) {
  if (door === undefined) throw new ApiError(503, "This town starts no vals");
  const hand = (listener: object) =>
    door.hand({ fileId, valId, userId, address, ...source, ...listener }).catch((error) => {
      throw toApiError(error);
    });
  const wish = c.req.header("prefer") ?? "";
  if (!/(?:^|,)\s*respond-async\s*(?:$|[,;])/i.test(wish))
    return answerRun(c, async (listener) => (await hand(listener)).ended);
  const { mailId, jobId = null } = await hand({});
  c.header("preference-applied", "respond-async");
  const message = `The mail is kept and will be delivered. GET /v3/vals/${valId}/mails tells what becomes of it`;
  return c.json({ mailId, jobId, message }, 202);
}

async function rawSource(c: Context<Env>, tools: Tools): Promise<Source> {
  const mail = c.req.raw.body ?? new Response("").body!;
  return { from: await senderOf(c, tools), mail };
}

/** Who tries it; somebody without an address is nobody to answer. */
async function senderOf(c: Context<Env>, { store }: Tools): Promise<string> {
  const { userId } = viewerOf(c);
  return (await store.users.find(userId))?.email ?? `notifications@${c.get("links").town.mailDomain}`;
}

function attempted<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toApiError(error);
  }
}

/** What was written to a val is for its owner; the token of another val of his is not for that. */
async function ownVal(c: Context<Env>, { store }: Tools, valId: string): Promise<Val> {
  const val = await writable(c, store, valId);
  const own = viewerOf(c).valId;
  if (own === undefined || own === val.id) return val;
  throw new ApiError(403, "Not authorized: the token of a val opens no other val's mails");
}

const isKept = ({ state }: ReceivedMail) => state === "waiting" || state === "dead";

function present(
  c: Context<Env>,
  mail: ReceivedMail,
  decodeWords: Decode,
): z.infer<typeof receivedMailSchema> {
  const raw = `${c.get("links").api}/v3/vals/${mail.valId}/mails/${mail.id}/raw`;
  return {
    id: mail.id,
    fileId: mail.fileId,
    from: mail.sender === "" ? null : mail.sender,
    to: mail.address,
    subject: decoded(mail.subject, decodeWords),
    messageId: mail.messageId ?? null,
    size: mail.size,
    receivedAt: new Date(mail.createdAt).toISOString(),
    state: mail.state,
    attempts: mail.attempts,
    error: mail.error ?? null,
    traceId: mail.trace ?? null,
    links: isKept(mail) ? { raw } : {},
  };
}

/** Encoded words (RFC 2047) as text; what its sender has broken is shown as it was written. */
function decoded(subject: string, decodeWords: Decode): string {
  try {
    return decodeWords(subject);
  } catch {
    return subject;
  }
}
