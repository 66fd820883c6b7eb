/** All that Hamlet knows about SMTP: one mail to the operator's relay, and what the relay said. */
import { createTransport } from "nodemailer";
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

/** `refused`: the relay will never take it. `later`: it may, next time. */
export type Delivery =
  | {
      readonly kind: "sent" /** Recipients that the relay refused, with its words. */;
      readonly but: readonly string[];
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "later"; readonly reason: string };

export interface Relay {
  /** Never rejects. */
  send(mail: Outgoing): Promise<Delivery>;
  close(): void;
}

interface SmtpError {
  readonly message: string;
  readonly code?: string;
  readonly responseCode?: number;
  readonly rejectedErrors?: readonly { readonly responseCode?: number }[];
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 60_000;

/** A relay by its URL, `smtp://` or `smtps://`. */
export function createRelay(url: string): Relay {
  const transport = createTransport(url, {
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // A mail holds what its sender gave, nothing that we could be made to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);
  return {
    async send(mail) {
      try {
        const done = await transport.sendMail(toMessage(mail));
        const { rejectedErrors = [] } = done as { rejectedErrors?: readonly Error[] };
        return { kind: "sent", but: rejectedErrors.map(({ message }) => message) };
      } catch (error) {
        const reason = (error as Error).message;
        return { kind: isFinal(error as SmtpError) ? "refused" : "later", reason };
      }
    },
    close: () => transport.close(),
  };
}

function toMessage({ id, at, domain, envelope, content }: Outgoing) {
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
    headers: withOrigin(content.headers),
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
function withOrigin(headers: Content["headers"]): Record<string, string> {
  const said = Object.keys(headers).some((name) => name.toLowerCase() === "auto-submitted");
  return said ? { ...headers } : { "Auto-Submitted": "auto-generated", ...headers };
}

/** The relay's 5xx about this mail or its recipients; one that refuses us as a whole is the operator's to mend. */
function isFinal({ code, responseCode = 0, rejectedErrors = [] }: SmtpError): boolean {
  if (code !== "EENVELOPE" && code !== "EMESSAGE") return false;
  if (rejectedErrors.some((one) => (one.responseCode ?? 0) < 500)) return false;
  return responseCode >= 500 || responseCode === 0;
}
