/** Mail that comes in, over a real socket: a server on loopback, and peers that speak SMTP by hand. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { openSmtp } from "../../src/smtp/smtp.ts";
import type { MailIn, MailLimits, PostmasterMail, SmtpOptions } from "../../src/smtp/types.ts";
import { TestMailRows } from "./mail-rows.ts";
import { startNameServer } from "./name-server.ts";

export interface TestMailIn extends AsyncDisposable {
  readonly mail: MailIn;
  readonly port: number;
  readonly rows: TestMailRows;
  readonly folder: string;
  /** The name server that is asked who a sender is. */
  readonly names: Awaited<ReturnType<typeof startNameServer>>;
  /** Lines in vals' logs. */
  readonly notes: { readonly valId: string; readonly text: string }[];
  readonly toOperator: PostmasterMail[];
  /** Which val has sent which mail. */
  readonly sent: Map<string, string>;
  /** Time passes for it by this alone. */
  readonly clock: { now: number };
  /** Names of the files that lie in the spool. */
  spooled(): string[];
  /** That has been greeted. */
  peer(host?: string): Promise<MailPeer>;
  /** Connected, and nothing read yet. */
  open(): Promise<MailPeer>;
}

type Given = Partial<Pick<SmtpOptions, "dnsServer" | "listen" | "log">> & {
  readonly limits?: Partial<MailLimits>;
  readonly folder?: string;
};

/** Listens for mail to `town.example`; goes with the scope. */
export async function startMailIn(given: Given = {}): Promise<TestMailIn> {
  // Nothing of a test asks the internet.
  const names = await startNameServer();
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), "mail-in-"));
  mkdirSync(join(folder, "mails"), { recursive: true });
  const rows = new TestMailRows(folder);
  const notes: TestMailIn["notes"] = [];
  const toOperator: PostmasterMail[] = [];
  const sent = new Map<string, string>();
  const clock = { now: Date.parse("2026-11-25T12:00:00Z") };
  const mail = await openSmtp({
    domain: "town.example",
    rows,
    sentBy: async (id) => sent.get(id),
    note: ({ valId }, text) => notes.push({ valId, text }),
    postmaster: (letter) => toOperator.push(letter),
    now: () => clock.now,
    listen: { host: "127.0.0.1", port: 0 },
    dnsServer: names.address,
    ...given,
    folder: join(folder, "mails"),
  });
  const { port = 0 } = mail;
  return {
    ...{ mail, port, rows, folder, names, notes, toOperator, sent, clock },
    spooled: () => readdirSync(join(folder, "mails")),
    open: () => MailPeer.connect(port),
    async peer(host) {
      const peer = await MailPeer.connect(port, host);
      await peer.reply();
      return peer;
    },
    async [Symbol.asyncDispose]() {
      await mail.close();
      rows[Symbol.dispose]();
      names[Symbol.dispose]();
      if (given.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A peer that writes what it is told to, byte by byte, and reads replies. */
export class MailPeer implements Disposable {
  #socket: Socket;
  #text = "";
  #ended = false;
  #wake = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#hear();
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<MailPeer> {
    const socket = connect({ port, host, noDelay: true });
    const peer = new MailPeer(socket);
    await new Promise<void>((resolve) => {
      socket.once("connect", resolve);
      socket.on("error", () => resolve());
    });
    return peer;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** As it is: no line break is added. */
  write(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  /** The next reply, with all its lines; an empty text when the server has hung up. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.#ended) return "";
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a line and reads the reply to it. */
  say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Up to the recipients: the reply to the last one. */
  async address(to: readonly string[], from = "bob@far.example"): Promise<string> {
    await this.say("EHLO far.example");
    let reply = await this.say(`MAIL FROM:<${from}>`);
    for (const one of to) reply = await this.say(`RCPT TO:<${one}>`);
    return reply;
  }

  /** A whole mail, whose end is added; the reply to it. */
  async send(to: readonly string[], mail: string, from?: string): Promise<string> {
    await this.address(to, from);
    const go = await this.say("DATA");
    if (!go.startsWith("354")) return go;
    this.write(`${mail.replace(/^\./gm, "..")}\r\n.\r\n`);
    return this.reply();
  }

  /** From now on within TLS. */
  async secure(): Promise<void> {
    this.#socket.removeAllListeners("data");
    const inner = this.#socket;
    await new Promise<void>((resolve, reject) => {
      this.#socket = connectTls({ socket: inner, rejectUnauthorized: false }, resolve);
      this.#socket.on("error", reject);
    });
    this.#hear();
  }

  /** Settles when the server has hung up. */
  async closed(): Promise<void> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #hear(): void {
    this.#socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("utf8");
      this.#wake();
    });
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }
}
