/** From what a val asks for to a mail that can be sent: defaults, and every text checked that could become a header. */

/** A person with a mailbox. */
export interface Address {
  readonly email: string;
  readonly name?: string;
}

type Written = string | Address;

/** What a val asks for; `POST /v1/email` takes it as it is. */
export interface MailRequest {
  readonly from?: Written;
  readonly to?: Written | readonly Written[];
  readonly cc?: Written | readonly Written[];
  readonly bcc?: Written | readonly Written[];
  readonly replyTo?: Written | readonly Written[];
  readonly replyToList?: Written | readonly Written[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
}

/** A file that goes with a mail; `content` is base64. */
export interface Attachment {
  readonly content: string;
  readonly filename: string;
  readonly type?: string;
  readonly disposition?: string;
  readonly contentId?: string;
}

/** Who writes to whom about what. */
export interface Envelope {
  readonly from: Address;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly subject: string;
}

/** The rest of a mail. */
export interface Content {
  readonly replyTo: readonly Address[];
  readonly text?: string;
  readonly html?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly Attachment[];
}

/** In whose name a mail is sent. */
export interface Sender {
  readonly username: string;
  /** What mails without a recipient are sent to. */
  readonly email: string | null;
  /** Behind the @ of every `from`. */
  readonly domain: string;
  /** The town's name in the subject of mails without one. */
  readonly town: string;
}

/** A mail that is not sent, and why: a status and a sentence for the sender. */
export class EmailError extends Error {
  override readonly name = "EmailError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** Of texts and files together. */
export const MAX_MAIL_BYTES = 30 * 1024 * 1024;

/** Header of a mail that a val has sent because of something: through how many vals of this town that came. */
export const VALS_PASSED = "X-Hamlet-Hops";

const MAX_HEADER = 998;
// What separates addresses or begins a comment is not taken even where a quoted name could have it.
const ADDRESS =
  /^[^\s\p{C}<>()[\]\\,;:"@]{1,64}@[^\s\p{C}<>()[\]\\,;:"@.]+(?:\.[^\s\p{C}<>()[\]\\,;:"@.]+)*$/u;
const NAMED = /^([^<>]*?)\s*<([^<>]+)>$/s;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,76}$/;
/** Set by the mail itself or by those who carry it. */
const RESERVED =
  /^(?:from|to|cc|bcc|sender|reply-to|subject|date|message-id|mime-version|content-.*|return-path|received|dkim-signature|resent-.*|x-hamlet-.*)$/i;
const AUTOMATIC = /^auto-(?:generated|replied)$/;
const TYPE = /^[\w.+-]{1,80}\/[\w.+-]{1,80}(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[\w.+ -]*"))*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
// Line breaks would begin a header of their own.
const CONTROL = /\p{Cc}/u;

/** Throws EmailError 400 with a sentence about the first thing that is wrong. */
export function composeMail(request: MailRequest, sender: Sender): { envelope: Envelope; content: Content } {
  const envelope = {
    from: fromOf(request.from, sender),
    to: addresses("to", request.to),
    cc: addresses("cc", request.cc),
    bcc: addresses("bcc", request.bcc),
    subject: line("subject", request.subject ?? `Message from @${sender.username} on ${sender.town}`),
  };
  if (envelope.to.length === 0 && sender.email !== null) envelope.to.push({ email: sender.email });
  const content = {
    replyTo: [...addresses("replyToList", request.replyToList), ...addresses("replyTo", request.replyTo)],
    text: request.text,
    html: request.html,
    headers: headersOf(request.headers ?? {}),
    attachments: (request.attachments ?? []).map(attachmentOf),
  };
  const bytes =
    Buffer.byteLength(content.text ?? "") +
    Buffer.byteLength(content.html ?? "") +
    content.attachments.reduce((sum, one) => sum + Math.floor((one.content.length * 3) / 4), 0);
  if (bytes > MAX_MAIL_BYTES)
    throw new EmailError(
      413,
      `A mail holds at most ${MAX_MAIL_BYTES} bytes of text and files; this has ${bytes}.`,
    );
  return { envelope, content };
}

/**
 * A mail that an owner writes to a file of his own, to see what it does with it: from whomever he likes. Throws as
 * `composeMail` does.
 */
export function composeTest(
  request: MailRequest,
  defaults: { readonly from: string; readonly to: string },
): { envelope: Envelope; content: Content } {
  const { from = defaults.from, to = defaults.to, headers = {}, ...rest } = request;
  const sender = { username: "", email: null, domain: "", town: "" };
  const { envelope, content } = composeMail({ ...rest, to, subject: request.subject ?? "Test" }, sender);
  const foreign = { ...envelope, from: addressOf("from", from) };
  return { envelope: foreign, content: { ...content, headers: headersOf(headers, OF_CONTENT) } };
}

/** Whether this is an e-mail address as one can be written to here. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text);
}

/** Everyone who gets it. */
export function recipientsOf({ to, cc, bcc }: Envelope): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ email }) => email);
}

// ── Inner parts ─────────────────────────────────────────────────────────────────────────────────────────────

function bad(field: string, problem: string): EmailError {
  return new EmailError(400, `body/${field} ${problem}`);
}

/** From where vals write on Val Town; here it is this town. */
const VAL_TOWN = ["valtown.email", "val.town"];

/** Nobody writes in another one's name: user names have no dot, so that what is before the first one tells whose it is. */
function fromOf(written: Written | undefined, { username, domain }: Sender): Address {
  if (written === undefined) return { email: `notifications@${domain}` };
  const from = addressOf("from", written);
  const [local = "", host = ""] = from.email.toLowerCase().split("@");
  const own = local === "notifications" || local.startsWith(`${username.toLowerCase()}.`);
  if (own && host === domain) return from;
  if (own && VAL_TOWN.includes(host)) return { ...from, email: from.email.replace(/@.*$/, `@${domain}`) };
  throw bad("from", `must be ${username}.{name of a val}@${domain}, or left out for notifications@${domain}`);
}

function addresses(field: string, written: Written | readonly Written[] | undefined): Address[] {
  if (written === undefined) return [];
  const list = Array.isArray(written) ? (written as readonly Written[]) : [written as Written];
  return list.map((one) => addressOf(field, one));
}

/** `a@b.example`, `A. B. <a@b.example>`, or the two apart. */
function addressOf(field: string, written: Written): Address {
  const [, quoted = "", inner] = typeof written === "string" ? (NAMED.exec(written.trim()) ?? []) : [];
  const email = (typeof written === "string" ? (inner ?? written) : written.email).trim();
  const name = typeof written === "string" ? quoted.replace(/^"(.*)"$/s, "$1") : written.name;
  if (!ADDRESS.test(email)) throw bad(field, `has no address but ${JSON.stringify(email.slice(0, 100))}`);
  return name ? { email, name: line(`${field}/name`, name) } : { email };
}

/** What a mail is made of says itself how it is to be read. */
const OF_CONTENT = /^(?:from|to|cc|bcc|reply-to|subject|mime-version|content-.*)$/i;

function headersOf(given: Readonly<Record<string, string>>, reserved = RESERVED): Record<string, string> {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    const field = `headers/${name.slice(0, 76)}`;
    if (!HEADER_NAME.test(name)) throw bad(field, "is no name of a header");
    if (reserved.test(name))
      throw bad(field, "is not for the sender to set: see the other fields of the mail");
    if (/^auto-submitted$/i.test(name) && !AUTOMATIC.test(value))
      throw bad(field, "must be auto-generated or auto-replied: no person sends what a val sends");
    headers.push([name, line(field, value)]);
  }
  return Object.fromEntries(headers);
}

function attachmentOf(given: Attachment, index: number): Attachment {
  const at = `attachments/${index}`;
  const content = given.content.replace(/[\r\n]+/g, "");
  if (!BASE64.test(content) || content.length % 4 !== 0) throw bad(`${at}/content`, "must be base64");
  const filename = line(`${at}/filename`, given.filename);
  const { type, disposition, contentId } = given;
  if (type !== undefined && !TYPE.test(type))
    throw bad(`${at}/type`, "must be a media type such as image/png");
  if (contentId !== undefined && !/^[^\s\p{C}<>]+$/u.test(contentId))
    throw bad(`${at}/contentId`, "must be a word");
  if (disposition !== undefined && !/^(?:attachment|inline)$/.test(disposition))
    throw bad(`${at}/disposition`, "must be attachment or inline");
  return { content, filename, type, disposition, contentId };
}

/** A text that stays on its line. */
function line(field: string, text: string): string {
  if (CONTROL.test(text)) throw bad(field, "must not contain line breaks or other control characters");
  if (text.length > MAX_HEADER) throw bad(field, `must have at most ${MAX_HEADER} characters`);
  return text;
}
