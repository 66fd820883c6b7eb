/** A mail relay of the test's own, a real SMTP server on loopback. What it does depends on the recipient. */

// @ts-expect-error the package has no types
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** Made for this file and good for nothing else: `mail.test`, until 2126. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfGr6phWYq0g07R2O
Jm2UNmhe2M1R56pE0LVoEufQEu+hRANCAASGhy1SWGAuoTkT8Oc90H3+uff8jKE2
YXFVy/DhMO9q5uGwUGwuijFM07skZRtbh/5ahJ1E82J1U01YdtPlWj2w
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUTr0A4JYWNeNgz6RjfsXbJvmXjsYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbWFpbC50ZXN0MCAXDTI2MTEyNTE2MzYzMloYDzIxMjYxMTAx
MTYzNjMyWjAUMRIwEAYDVQQDDAltYWlsLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASGhy1SWGAuoTkT8Oc90H3+uff8jKE2YXFVy/DhMO9q5uGwUGwuijFM
07skZRtbh/5ahJ1E82J1U01YdtPlWj2wo1MwUTAdBgNVHQ4EFgQUSY3QwZhovsSQ
oVnfL/NdBdw90UkwHwYDVR0jBBgwFoAUSY3QwZhovsSQoVnfL/NdBdw90UkwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA/Iy/hrevwMSpw8h4joP7
9MkZoY0Altvn5D6CDvnOPdYCIEthHOU9L38SC17ElbFgjmbVru0QJgrhpeI5pk6J
Isv+
-----END CERTIFICATE-----`;

/** A mail as it arrived. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the parser has no types
  readonly mail: any;
}

export interface RelayOptions {
  /** An address of this machine; `127.0.0.1` without it. */
  readonly host?: string;
  /** A free one without it. */
  readonly port?: number;
  /** What the client must say it is. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Offers STARTTLS. */
  readonly tls?: boolean;
}

/**
 * Starts it; ends with the scope. It refuses `refused@…` with 550 and `later@…` with 451, refuses the whole mail to
 * `spam@…` with 554, and answers that to `slow@…` when told to.
 */
export async function startRelay(options: RelayOptions = {}): Promise<TestRelay> {
  const relay = new TestRelay(options);
  await relay.listen(options.port ?? 0, options.host);
  return relay;
}

export class TestRelay implements AsyncDisposable {
  readonly mails: Received[] = [];
  readonly #server: SMTPServer;
  #host = "";
  readonly #login: RelayOptions["login"];
  /** Told of each mail that begins to arrive. */
  readonly #begun: (() => void)[] = [];
  readonly #arrived: (() => void)[] = [];
  readonly #held: (() => void)[] = [];
  #released = false;
  port = 0;

  constructor({ login, tls = false }: RelayOptions) {
    this.#login = login;
    this.#server = new SMTPServer({
      key: KEY,
      cert: CERT,
      logger: false,
      authOptional: login === undefined,
      disabledCommands: tls ? [] : login === undefined ? ["STARTTLS", "AUTH"] : ["STARTTLS"],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _session, done) => {
        const known = username === login?.user && password === login?.password;
        done(known ? null : new Error("Invalid username or password"), { user: username });
      },
      onRcptTo: ({ address }, _session, done) => done(refusal(address)),
      onData: (stream, session, done) => {
        for (const tell of this.#begun.splice(0)) tell();
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          const from = (session.envelope.mailFrom as { address: string }).address;
          if (to.some((one) => one.startsWith("spam@"))) return done(smtpError(554, "This is spam"));
          const take = () => this.#take(Buffer.concat(chunks), from, to, session.secure).then(() => done());
          if (to.some((one) => one.startsWith("slow@")) && !this.#released) this.#held.push(take);
          else take();
        });
      },
    });
    // A client that is killed is no failure of the test.
    this.#server.on("error", () => {});
  }

  get url(): string {
    const login = this.#login === undefined ? "" : `${this.#login.user}:${this.#login.password}@`;
    return `smtp://${login}${this.#host}:${this.port}`;
  }

  async listen(port: number, host = "127.0.0.1"): Promise<void> {
    this.#host = host;
    await new Promise<void>((resolve) => this.#server.listen(port, host, resolve));
    this.port = (this.#server.server.address() as { port: number }).port;
  }

  /** The mail with this number, from 1, as soon as it has arrived. */
  async mail(number: number): Promise<Received> {
    while (this.mails.length < number) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.mails[number - 1]!;
  }

  /** Settles when the next mail begins to arrive. */
  begins(): Promise<void> {
    return new Promise((resolve) => this.#begun.push(resolve));
  }

  /** Takes what it held back, and from now on at once what it would. */
  release(): void {
    this.#released = true;
    for (const take of this.#held.splice(0)) take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #take(raw: Buffer, from: string, to: string[], secure: boolean): Promise<void> {
    this.mails.push({ from, to, raw: raw.toString("utf8"), secure, mail: await simpleParser(raw) });
    for (const tell of this.#arrived.splice(0)) tell();
  }
}

function refusal(address: string): Error | null {
  if (address.startsWith("refused@")) return smtpError(550, "No such user here");
  if (address.startsWith("later@")) return smtpError(451, "Greylisted, come again");
  return null;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
