/** The conversation with a peer, by the library `smtp-server`; what it may say and how much is decided here. */

import type { AddressInfo, Socket } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { HamletError } from "../errors.ts";
import { networkOf } from "../services/network.ts";
import { Certificate } from "./certificate.ts";
import type { Receiver } from "./receive.ts";
import type { Recipients } from "./recipients.ts";
import type { Spool } from "./spool.ts";
import {
  type ListenOptions,
  MailError,
  type MailLimits,
  type Receipt,
  type Recipient,
  type SmtpOptions,
} from "./types.ts";
import { Watch } from "./watch.ts";

export interface ServerParts {
  readonly options: SmtpOptions & { readonly now: () => number };
  readonly limits: MailLimits;
  readonly receiver: Receiver;
  readonly recipients: Recipients;
  readonly spool: Spool;
}

/** RFC 5321 §4.5.3.1.4 says 512; what SIZE, BODY and SMTPUTF8 add fits with room to spare. */
const MAX_COMMAND = 1024;
/** RFC 5321 §4.5.3.1.8. */
const MAX_RECIPIENTS = 100;
/** Recipients that do not exist, of one connection: whoever guesses names has to begin anew. */
const MAX_REFUSED = 50;
/** Of a mail that is too large: it is read on for a while, because only its end lets one say so. */
const MAX_EXCESS = 2;
/** Connections beyond the limit, which are told so; further ones are dropped. */
const SPARE_CONNECTIONS = 50;
/** A mail must come at least at this pace, bytes a second on average. */
const MIN_PACE = 4096;
/** The library hands over a line that begins with a dot as a piece of its own, at a turn of the loop each. */
const DOT = 0x2e;
const MAX_DOTS = 10_000;
const TOO_MANY_DOTS = `5.6.0 More than ${MAX_DOTS} lines of the mail begin with a dot: attach them as a file`;
const CLOSE_MS = 5000;
const LINGER_MS = 500;

/** Neither a login nor anything that the library has for amusement, and no stranger's word for who is behind a proxy. */
const DISABLED = ["AUTH", "XCLIENT", "XFORWARD", "WIZ", "SHELL", "KILL", "HELP", "LHLO"];

type Done = (error?: Error | null) => void;

export class Conversations {
  readonly #parts: ServerParts;
  readonly #server: SMTPServer;
  readonly #watch: Watch;
  readonly #certificate: Certificate | undefined;
  readonly #sockets = new Set<Socket>();
  /** Mails that are coming, by the session's id. */
  readonly #receiving = new Map<string, Promise<unknown>>();
  /** Of the transaction under way, by the session's id. */
  readonly #found = new Map<string, Map<string, Recipient | "postmaster">>();

  constructor(parts: ServerParts, { tls }: ListenOptions) {
    const { options, limits } = parts;
    this.#parts = parts;
    this.#watch = new Watch(limits, options.now);
    this.#certificate = tls === undefined ? undefined : new Certificate(tls, options.log);
    this.#server = new SMTPServer({
      name: options.domain,
      banner: "Hamlet",
      ...this.#certificate?.texts,
      disabledCommands: tls === undefined ? [...DISABLED, "STARTTLS"] : DISABLED,
      authOptional: true,
      disableReverseLookup: true,
      size: limits.mailSize,
      maxClients: limits.connections,
      maxCommandLength: MAX_COMMAND,
      socketTimeout: limits.idleMs,
      closeTimeout: CLOSE_MS,
      logger: this.#counting() as never,
      onConnect: (session, done) => this.#connect(session, done as Done),
      onClose: (session) => this.#closed(session),
      onMailFrom: ({ address }, session, done) => this.#mail(address, session, done as Done),
      onRcptTo: ({ address }, session, done) => this.#recipient(address, session, done as Done),
      onData: (stream, session, done) => this.#data(stream, session, done as never),
    });
  }

  async listen({ host, port }: ListenOptions): Promise<number> {
    const { server } = this.#server;
    server.maxConnections = this.#parts.limits.connections + SPARE_CONNECTIONS;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: Error) => reject(cannotListen(host, port, cause)));
      this.#server.listen(port, host, resolve);
    });
    this.#server.removeAllListeners("error");
    // A peer that breaks off is nobody's failure.
    this.#server.on("error", () => {});
    this.#watch.start(this.#server);
    return (server.address() as AddressInfo).port;
  }

  /** A mail under way may end within a few seconds; other peers are told to come again. */
  async close(): Promise<void> {
    this.#watch.stop();
    const gone = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#server.connections)
      if (!this.#receiving.has(connection.id)) connection.send(421, "4.3.2 This server is being stopped");
    await within(CLOSE_MS, Promise.allSettled(this.#receiving.values()));
    for (const connection of this.#server.connections) connection.close();
    // A peer that hangs up by itself has read what it was told.
    await within(LINGER_MS, gone);
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(session: SMTPServerSession, done: Done): void {
    const renewed = this.#certificate?.renewed();
    if (renewed !== undefined) this.#server.updateSecureContext(renewed);
    const isOne = this.#watch.opened(session.id, networkOf(session.remoteAddress));
    done(isOne ? null : answer(421, "4.7.0 Too many connections from your network"));
  }

  #closed(session: SMTPServerSession): void {
    this.#watch.closed(session.id);
    this.#found.delete(session.id);
  }

  #mail(sender: string, session: SMTPServerSession, done: Done): void {
    const { limits, recipients, spool } = this.#parts;
    this.#found.set(session.id, new Map());
    try {
      if (session.transaction > limits.mails)
        throw new MailError(421, "4.7.0", "Enough mails for one connection");
      if (spool.isFull) throw new MailError(452, "4.3.1", "No room for mail is left here. Try again later.");
      recipients.admitSender(sender, session.remoteAddress);
      this.#watch.step(session.id);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #recipient(address: string, session: SMTPServerSession, done: Done): void {
    this.#find(address, session).then(
      () => done(),
      (error) => done(this.#toAnswer(error)),
    );
  }

  async #find(address: string, session: SMTPServerSession): Promise<void> {
    const found = this.#found.get(session.id) ?? new Map();
    if (found.size >= MAX_RECIPIENTS)
      throw new MailError(452, "4.5.3", `A mail has at most ${MAX_RECIPIENTS} recipients.`);
    const { SIZE } = ((session.envelope.mailFrom || {}) as { args?: { SIZE?: string } }).args ?? {};
    try {
      const one = await this.#parts.recipients.find(address, Number(SIZE ?? 0));
      // Two addresses of one file are one recipient: a val gets a mail once.
      if (one === "postmaster" || !found.has(one.fileId))
        found.set(one === "postmaster" ? one : one.fileId, one);
      this.#watch.step(session.id);
    } catch (error) {
      const watched = this.#watch.get(session.id);
      if (watched !== undefined && ++watched.refused > MAX_REFUSED)
        throw new MailError(421, "4.7.0", "Too many recipients that do not exist");
      throw error;
    }
  }

  #data(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error: Error | null, text?: string) => void,
  ): void {
    const to = [...(this.#found.get(session.id)?.values() ?? [])];
    this.#found.delete(session.id);
    const recipients = to.filter((one) => one !== "postmaster");
    const { mailFrom, ...peer } = peerOf(session);
    const envelope = { from: mailFrom, to: recipients, peer, postmaster: recipients.length < to.length };
    const mail = this.#paced(whole(stream), session.id, recipients, this.#parts.options.now());
    const work = this.#parts.receiver.receive(envelope, mail).then(
      (receipt) => done(null, thanks(receipt)),
      (error) => done(this.#toAnswer(error)),
    );
    this.#receiving.set(session.id, work);
    work.finally(() => {
      this.#receiving.delete(session.id);
      this.#watch.mailEnded(session.id);
    });
  }

  /** The mail as it comes: counted for those who will have it, and ended when it is far too large or far too slow. */
  async *#paced(
    stream: AsyncIterable<Uint8Array>,
    id: string,
    to: readonly Recipient[],
    begun: number,
  ): AsyncGenerator<Uint8Array> {
    const { limits, recipients, options } = this.#parts;
    const users = new Set(to.map(({ userId }) => userId));
    let bytes = 0;
    let counted = 0;
    let dots = 0;
    try {
      for await (const chunk of stream) {
        bytes += chunk.length;
        if (bytes > MAX_EXCESS * limits.mailSize) this.#watch.end(id, "5.3.4 The mail is far too large", 552);
        if (chunk[0] === DOT && ++dots > MAX_DOTS) this.#watch.end(id, TOO_MANY_DOTS, 554);
        if ((options.now() - begun) * MIN_PACE <= bytes * 1000) this.#watch.step(id);
        if (bytes <= limits.mailSize) {
          counted = bytes;
          for (const user of users) recipients.coming(user, chunk.length);
        }
        yield chunk;
      }
    } finally {
      for (const user of users) recipients.coming(user, -counted);
    }
  }

  #toAnswer(error: unknown): Error {
    if (error instanceof MailError) return error;
    this.#parts.options.log?.error("A mail could not be taken.", { error });
    return answer(451, "4.3.0 Something failed here. Try again later.");
  }

  /** The library tells its log of each command, and only that. */
  #counting() {
    const ignore = () => {};
    const debug = (event: { tnx?: string; cid?: string }) => {
      if (event?.tnx === "command" && event.cid !== undefined) this.#watch.command(event.cid);
    };
    return { trace: ignore, debug, info: ignore, warn: ignore, error: ignore, fatal: ignore };
  }
}

/** The mail to its end: one that breaks off fails, and is never taken for a short one. */
async function* whole(stream: SMTPServerDataStream): AsyncGenerator<Uint8Array> {
  const lost = new MailError(451, "4.4.2", "The connection was lost in the middle of the mail.");
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch {
    throw lost;
  }
  if (!stream.readableEnded) throw lost;
}

/** Settles when the work does, or after so long. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function peerOf(session: SMTPServerSession) {
  const { mailFrom } = session.envelope;
  return {
    mailFrom: mailFrom === false ? "" : mailFrom.address,
    ip: session.remoteAddress,
    helo: session.hostNameAppearsAs || "unknown",
    protocol: session.transmissionType,
  };
}

/** A mail that nobody gets was taken all the same: its sender could do nothing about it. */
const thanks = ({ id }: Receipt) => `2.6.0 Taken as ${id}`;

function cannotListen(host: string, port: number, cause: Error): HamletError {
  const hint =
    (cause as NodeJS.ErrnoException).code === "EACCES"
      ? "Ports below 1024 are root's: choose another and forward 25 to it, or allow it to this user (docs/mail-server.md)."
      : "Choose another with --smtp-port and --smtp-host.";
  return new HamletError(
    "config",
    `Port ${port} on ${host} cannot be opened for mail (${cause.message}). ${hint}`,
    { cause },
  );
}
