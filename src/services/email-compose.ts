/** From a mail as it is kept to a message as it travels (RFC 5322, MIME). */
import type { Content, Envelope } from "./email-mail.ts";

/** A mail as it is sent; the same each time that it is tried. */
export interface Outgoing {
  /** Becomes its Message-ID, so that a mail that was sent twice can be seen to be one. */
  readonly id: string;
  readonly at: number;
  readonly domain: string;
  readonly envelope: Envelope;
  readonly content: Content;
}

/** The message, byte by byte; `bcc` is not in it. Lines end by CRLF. What its headers say of its id and date goes. */
export async function* composeMessage(mail: Outgoing): AsyncGenerator<Uint8Array> {
  const { messageId, date, headers, ...rest } = toMessage(mail);
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const others = Object.entries(headers).filter(([name]) => !/^(?:message-id|date)$/i.test(name));
  const message = {
    ...{ ...rest, headers: Object.fromEntries(others), disableFileAccess: true, disableUrlAccess: true },
    ...{ messageId: given.get("message-id") ?? messageId, date: given.get("date") ?? date },
  };
  // With the first mail: it is large, and comes with all that nodemailer can do.
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  yield* endLines(new MailComposer(message).compile().createReadStream());
}

/** The same bytes with CRLF at the end of each line, whatever was there: files often have LF alone. */
export async function* endLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = false;
  for await (const chunk of chunks) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    const whole: string = held ? `\r${text}` : text;
    held = whole.endsWith("\r");
    const lines = (held ? whole.slice(0, -1) : whole).replace(/\r\n|\r|\n/g, "\r\n");
    if (lines !== "") yield Buffer.from(lines, "latin1");
  }
  if (held) yield Buffer.from("\r\n");
}

/** A mail that a val has written to another val of this town. */
export function composeValMessage(mail: Outgoing): AsyncIterable<Uint8Array> {
  const { headers } = byItself(toMessage(mail));
  return composeMessage({ ...mail, content: { ...mail.content, headers } });
}

/** As nodemailer takes it. */
export function toMessage({ id, at, domain, envelope, content }: Outgoing) {
  const named = ({ email, name }: { email: string; name?: string }) => ({ address: email, name: name ?? "" });
  return {
    messageId: `<${id}@${domain}>`,
    date: new Date(at),
    from: named(envelope.from),
    to: envelope.to.map(named),
    cc: envelope.cc.map(named),
    bcc: envelope.bcc.map(named),
    replyTo: content.replyTo.map(named),
    subject: envelope.subject,
    text: content.text ?? (content.html === undefined ? "" : undefined),
    html: content.html,
    headers: { ...content.headers },
    attachments: content.attachments.map(({ content, filename, type, disposition, contentId }) => ({
      content,
      encoding: "base64",
      filename,
      contentType: type,
      contentDisposition: disposition as "attachment" | "inline" | undefined,
      cid: contentId,
    })),
  };
}

/** No person wrote it (RFC 3834 §5): vacation notices and the like are not to answer, nor are other vals in a circle. */
export function byItself(message: ReturnType<typeof toMessage>): ReturnType<typeof toMessage> {
  const said = Object.keys(message.headers).some((name) => name.toLowerCase() === "auto-submitted");
  return said ? message : { ...message, headers: { "Auto-Submitted": "auto-generated", ...message.headers } };
}
