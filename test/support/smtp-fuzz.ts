/**
 * Peers that do at random what no peer should. Each mail ends by a token of its own: what is stored must be one mail, whole,
 * byte for byte, and what was acknowledged must be stored.
 */

import { readdirSync } from "node:fs";
import { type MailPeer, startMailIn, type TestMailIn } from "./mail-in.ts";

export interface SmtpFuzzReport {
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Open files of the process before and after. */
  readonly handles: readonly [number, number];
  /** Of the process after a quarter and at the end, MB. */
  readonly memory: readonly [number, number];
}

export interface SmtpFuzzOptions {
  readonly cases: number;
  readonly random: (below: number) => number;
  readonly atOnce?: number;
}

/** A leak grows with the cases; this is what the name service and Bun open when they like. */
const SPARE = 4;

type Random = SmtpFuzzOptions["random"];

const SMUGGLED = "MAIL FROM:<evil@far.example>\r\nRCPT TO:<box-9@town.example>\r\nDATA\r\nsmuggled\r\n";
/** Pieces of which mails are made. */
const NASTY: readonly (string | ((random: Random) => string))[] = [
  ...[
    "\n",
    "\r",
    "\r\n",
    "\r\n",
    "\r\n\r\n",
    ".",
    "..",
    "\r\n.",
    "\r\n..",
    "\n.\n",
    "\r.\r",
    "\n.\r\n",
    "\r\n.\n",
  ],
  ...[`\n.\n${SMUGGLED}`, `\r\n.\n${SMUGGLED}`, `\n.\r\n${SMUGGLED}`, `\r.\r\n${SMUGGLED}`],
  ...["\0", "\xff\xfe", " ", "\t", ":", "Subject: x", "Received: y", 'From: "', "QUIT", "RSET", "\r\n "],
  "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b",
  "DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=k; h=from; bh=YQ==; b=YQ==\r\n",
  (random) => "x".repeat(random(3000)),
  (random) => `${"A".repeat(76)}\r\n`.repeat(random(300)),
  (random) => "\r\n..".repeat(random(200)),
  (random) => Buffer.from(Array.from({ length: random(200) }, () => random(256))).toString("latin1"),
];
const COMMANDS = [
  ...[
    "EHLO far.example",
    "HELO x",
    "EHLO",
    "NOOP",
    "RSET",
    "VRFY a",
    "EXPN b",
    "HELP",
    "AUTH PLAIN AA==",
    "STARTTLS",
  ],
  ...[
    "MAIL FROM:<bob@far.example>",
    "MAIL FROM:<>",
    "MAIL FROM:<bob@far.example> SIZE=99999999999",
    "DATA",
    "BDAT 3",
  ],
  ...[
    "RCPT TO:<box-1@town.example>",
    "RCPT TO:<no@town.example>",
    "RCPT TO:<x@far.example>",
    "RCPT TO:<@a:b@c>",
    "QUIT",
  ],
  ...[
    "XCLIENT ADDR=1.2.3.4",
    "KILL",
    "SHELL",
    "WIZ x",
    "GET / HTTP/1.1",
    "",
    " ",
    "\0",
    "MAIL FROM:<a\0b@c>",
    "é".repeat(300),
  ],
];

export async function fuzzSmtp({ cases, random, atOnce = 40 }: SmtpFuzzOptions): Promise<SmtpFuzzReport> {
  const limits = { ratePerMinute: 0, connectionsPerNetwork: 100_000, commands: 100_000, mailSize: 100_000 };
  await using town = await startMailIn({ limits });
  const run = new Run(town, random);
  // What is made once is made: the thread, its modules.
  await run.mail();
  const before = handles();
  let quarter = 0;
  for (let done = 0; done < cases; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, cases - done) }, () => run.one()));
    if (done <= cases / 4) quarter = memory();
  }
  await run.settle(before);
  return {
    problems: run.problems,
    counts: run.counts,
    handles: [before, handles()],
    memory: [quarter, memory()],
  };
}

class Run {
  readonly problems: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #town: TestMailIn;
  readonly #random: Random;
  /** Mails that were begun, by their tokens. */
  readonly #sent = new Map<string, string>();
  readonly #acknowledged = new Set<string>();
  #next = 0;

  constructor(town: TestMailIn, random: Random) {
    this.#town = town;
    this.#random = random;
  }

  one(): Promise<void> {
    const kinds = [() => this.mail(), () => this.mail(), () => this.breakOff(), () => this.babble()];
    return kinds[this.#random(kinds.length)]!();
  }

  /** A mail, sent as a peer should but for what is in it. */
  async mail(): Promise<void> {
    using peer = await this.#town.peer();
    const body = await this.#begin(peer);
    if (body === undefined) return;
    await this.#write(peer, `${stuff(body)}.\r\n`);
    const reply = await peer.reply();
    const bare = /\r(?!\n)|(?<!\r)\n/.test(body);
    const hops = body.match(/^Received:/gm)?.length ?? 0;
    const wanted = bare ? "550" : body.length > 100_000 ? "552" : "250";
    this.#count(reply.slice(0, 3));
    if (reply.slice(0, 3) !== wanted && hops < 30)
      this.problems.push(`${wanted} was due, not ${reply}: ${JSON.stringify(body.slice(0, 300))}`);
    const [, id] = /^250 2\.6\.0 Taken as (\S+)$/.exec(reply) ?? [];
    if (id !== undefined) this.#acknowledged.add(id);
    // Nothing that was in the mail is a command.
    if ((await peer.say("NOOP")) !== "250 OK") this.problems.push("a mail left something behind");
  }

  /** A peer that goes in the middle of anything. */
  async breakOff(): Promise<void> {
    using peer = await this.#town.peer();
    const body = await this.#begin(peer);
    if (body === undefined) return;
    const text = `${stuff(body)}.\r\n`;
    await this.#write(peer, text.slice(0, this.#random(text.length + 1)));
    this.#count("broken off");
    if (this.#random(2) === 0) peer.socket.end();
    else peer.socket.destroy();
  }

  /** Commands in any order, broken, in pieces, all at once; and what is none. */
  async babble(): Promise<void> {
    using peer = await this.#town.peer();
    const lines = Array.from({ length: 1 + this.#random(30) }, () => {
      const line = COMMANDS[this.#random(COMMANDS.length)]!;
      if (this.#random(3) > 0) return `${line}\r\n`;
      const at = this.#random(line.length + 1);
      return `${line.slice(0, at)}${this.#piece()}${line.slice(at + this.#random(3))}\n`;
    });
    await this.#write(peer, lines.join(""));
    if (this.#random(2) === 0) peer.socket.destroy();
    else peer.socket.end();
    await peer.closed();
    this.#count("babbled");
  }

  /** What was stored is compared with what was sent, once nothing is on its way any more. */
  async settle(handlesBefore: number): Promise<void> {
    const last = await this.#town.peer();
    await last.say("QUIT");
    last[Symbol.dispose]();
    const mails = this.#town.rows.all();
    for (const mail of mails) {
      if (mail.to.some(({ fileId }) => fileId === "box-9")) this.problems.push("a mail was smuggled in");
      const text = Buffer.from(await Bun.file(`${this.#town.folder}/mails/${mail.id}.eml`).bytes()).toString(
        "latin1",
      );
      const token = /token-\d+\r\n$/.exec(text)?.[0].trim() ?? "";
      if (unnamed(text) !== unnamed(this.#sent.get(token) ?? "?"))
        this.problems.push(`not what was sent: ${JSON.stringify(text.slice(-300))}`);
      this.#acknowledged.delete(mail.id);
    }
    for (const id of this.#acknowledged) this.problems.push(`${id} was acknowledged and is not there`);
    // Connections go when their peers have: looked at again until then, for a while.
    for (let tries = 0; tries < 300; tries++) {
      if (handles() <= handlesBefore + SPARE && this.#town.spooled().length === mails.length) return;
      await Bun.sleep(20);
    }
    this.problems.push(
      `left behind: ${handles() - handlesBefore} open files, ${this.#town.spooled().length - mails.length} mails`,
    );
  }

  /** Up to the reply to DATA; the mail to send then, its line breaks as they are. */
  async #begin(peer: MailPeer): Promise<string | undefined> {
    const to = Array.from({ length: 1 + this.#random(3) }, () => `box-${1 + this.#random(8)}@town.example`);
    await peer.address(to, `bob${this.#random(1e9)}@far.example`);
    const reply = await peer.say("DATA");
    if (!reply.startsWith("354")) {
      this.problems.push(`DATA: ${reply}`);
      return undefined;
    }
    const token = `token-${this.#next++}`;
    const pieces = Array.from({ length: this.#random(12) }, () => this.#piece());
    const body = `Subject: fuzz\r\n${pieces.join("")}\r\n${token}\r\n`;
    this.#sent.set(token, body);
    return body;
  }

  #piece(): string {
    // Most mails are whole: else few would get anywhere.
    const safe = this.#random(3) > 0;
    const one = NASTY[this.#random(NASTY.length)]!;
    const text = typeof one === "string" ? one : one(this.#random);
    return safe ? text.replace(/\r(?!\n)|(?<!\r)\n/g, "") : text;
  }

  /** In pieces, some of which wait for the loop to turn. */
  async #write(peer: MailPeer, text: string): Promise<void> {
    const bytes = Buffer.from(text, "latin1");
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + (this.#random(3) === 0 ? this.#random(5) : this.#random(20_000));
      peer.write(bytes.subarray(at, at + size));
      at += size;
      if (this.#random(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

/** As RFC 5321 §4.5.2 has it. */
const stuff = (body: string) => body.replace(/^\./, "..").replace(/\r\n\./g, "\r\n..");

/** Without the names that fields get which would pass for ours. */
const unnamed = (text: string) => text.replace(/^(?:X-Past-Path|Return-Path)(?=:)/gim, "-");

const handles = () => readdirSync("/proc/self/fd").length;

function memory(): number {
  Bun.gc(true);
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}
