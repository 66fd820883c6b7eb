/** All that Hamlet knows about SMTP: one mail to the operator's relay, and what the relay said. */
import { byItself, type Outgoing, toMessage } from "./email-compose.ts";

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
  // With the first mail: what sends one is large.
  let transport: ReturnType<typeof openTransport> | undefined;
  return {
    async send(mail) {
      try {
        transport ??= openTransport(url);
        const done = await (await transport).sendMail(byItself(toMessage(mail)));
        const { rejectedErrors = [] } = done as { rejectedErrors?: readonly Error[] };
        return { kind: "sent", but: rejectedErrors.map(({ message }) => message) };
      } catch (error) {
        const reason = (error as Error).message;
        return { kind: isFinal(error as SmtpError) ? "refused" : "later", reason };
      }
    },
    close: () => void transport?.then((open) => open.close()).catch(() => {}),
  };
}

async function openTransport(url: string) {
  const { createTransport } = await import("nodemailer");
  return createTransport(url, {
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // A mail holds what its sender gave, nothing that we could be made to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);
}

/** The relay's 5xx about this mail or its recipients; one that refuses us as a whole is the operator's to mend. */
function isFinal({ code, responseCode = 0, rejectedErrors = [] }: SmtpError): boolean {
  if (code !== "EENVELOPE" && code !== "EMESSAGE") return false;
  if (rejectedErrors.some((one) => (one.responseCode ?? 0) < 500)) return false;
  return responseCode >= 500 || responseCode === 0;
}
