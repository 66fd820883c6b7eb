/** Peers that send mails to a town that may be gone at any moment, and remember what they were told. */

import { MailPeer } from "./mail-in.ts";

/** `doubtful`: it was sent to its end, and the answer did not come. `broken`: it was not even sent to its end. */
export type Fate = "acknowledged" | "doubtful" | "refused" | "broken";

export interface SentMail {
  /** Its subject. */
  readonly token: string;
  readonly to: readonly string[];
  /** Of the text that a val gets. */
  readonly length: number;
  fate: Fate;
}

/** What a mail has come to. */
export type MailMoment = "in DATA" | "sent" | "acknowledged";

export interface Sending {
  readonly port: number;
  readonly name: string;
  readonly count: number;
  /** Local parts by file. */
  readonly boxes: ReadonlyMap<string, string>;
  readonly domain: string;
  readonly random: (below: number) => number;
  readonly heard: (moment: MailMoment) => void;
}

const MOST_LINES = 4000;
const LINE = "x".repeat(70);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Sends so many mails, one after the other, or until the town is gone. Some break off, some are none that may be taken. */
export async function sendMails(sending: Sending, sent: SentMail[]): Promise<void> {
  for (let n = 0; n < sending.count; n++) {
    using peer = await MailPeer.connect(sending.port);
    if ((await peer.reply()) === "") return;
    if (!(await sendOne(peer, `${sending.name}-${n}`, sending, sent))) return;
  }
}

/** False when the town is gone. */
async function sendOne(peer: MailPeer, token: string, of: Sending, sent: SentMail[]): Promise<boolean> {
  const { random, boxes, domain, heard } = of;
  const all = [...boxes.keys()];
  const first = random(all.length);
  const to = random(4) === 0 ? [all[first]!, all[(first + 1) % all.length]!] : [all[first]!];
  const lines = random(4) === 0 ? random(MOST_LINES) : random(20);
  const fault = (["none", "none", "none", "none", "none", "none", "breaks off", "bare LF"] as const)[
    random(8)
  ];
  const mail: SentMail = {
    ...{ token, to: [...new Set(to)], fate: "broken" },
    length: lines * (LINE.length + 1) + token.length,
  };
  const addressed = await peer.address(
    mail.to.map((fileId) => `${boxes.get(fileId)}@${domain}`),
    `${token}@far.example`,
  );
  if (!addressed.startsWith("250") || !(await peer.say("DATA")).startsWith("354")) return false;
  sent.push(mail);
  const head = `From: ${token}@far.example\r\nMessage-ID: <${token}@far.example>\r\nSubject: ${token}\r\n\r\n`;
  const text = `${LINE}\r\n`.repeat(lines) + token;
  const half = random(text.length);
  peer.write(head + text.slice(0, half));
  heard("in DATA");
  await turn();
  if (fault === "breaks off") return true;
  mail.fate = "doubtful";
  peer.write(`${text.slice(half)}${fault === "bare LF" ? "\nx" : ""}\r\n.\r\n`);
  heard("sent");
  const reply = await peer.reply();
  if (reply === "") return false;
  mail.fate = reply.startsWith("250") ? "acknowledged" : "refused";
  if (mail.fate === "acknowledged") heard("acknowledged");
  if (mail.fate === "acknowledged" && fault === "bare LF") throw new Error(`${token} was taken: ${reply}`);
  return true;
}
