/** Ordinary mails of all kinds, as they come over the wire. */

import MailComposer from "nodemailer/lib/mail-composer/index.js";

type Parts = ConstructorParameters<typeof MailComposer>[0];

/** As a mail program of today writes it. */
export function compose(parts: Parts): Promise<Buffer> {
  return new MailComposer({ date: new Date(0), messageId: "<id@sender.test>", ...parts }).compile().build();
}

/** A head, an empty line, a body; lines may be written with plain line feeds. */
export function byHand(head: string, body: string | Uint8Array = ""): Buffer {
  const crlf = (text: string) => text.trimStart().replaceAll(/\r?\n/g, "\r\n");
  return Buffer.concat([
    Buffer.from(`${crlf(`${head.trim()}\n`)}\r\n`),
    typeof body === "string" ? Buffer.from(crlf(body)) : body,
  ]);
}

const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const BETWEEN = { from: "Ann <ann@sender.test>", to: "box@town.test" };
const HEAD = "From: Ann <ann@sender.test>\nTo: box@town.test\nSubject: By hand\nMIME-Version: 1.0";
/** „Привет“ */
const KOI8 = Uint8Array.of(0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4, 13, 10);
/** 日本, between escape sequences. */
const JIS = Uint8Array.of(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42, 13, 10);

/** By what they are; a second parser is to see the same in them. */
export const ORDINARY: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  "plain text": () => compose({ ...BETWEEN, subject: "Hello", text: "How are you?\nGood." }),
  "text in UTF-8, with signs beyond 16 bits": () =>
    compose({ ...BETWEEN, subject: "Grüße 🌍", text: "Schöne Grüße, 世界 🌍\n".repeat(40) }),
  "text and HTML": () => compose({ ...BETWEEN, subject: "Both", text: "Hello", html: "<p>Hello</p>" }),
  "HTML alone": () => compose({ ...BETWEEN, subject: "HTML", html: "<p>Hello &amp; good-bye</p>" }),
  "no body at all": () => compose({ ...BETWEEN, subject: "Empty" }),
  "an attachment alone": () =>
    compose({
      ...BETWEEN,
      subject: "File",
      attachments: [{ filename: "a.bin", content: Buffer.alloc(3000, 7) }],
    }),
  "text, HTML, an inline image and a file": () =>
    compose({
      ...BETWEEN,
      subject: "All of it",
      text: "See below",
      html: '<p>See <img src="cid:pixel"></p>',
      attachments: [
        { filename: "pixel.gif", content: PIXEL, cid: "pixel" },
        { filename: "räksmörgås und eine sehr lange Beschreibung dazu.txt", content: "smör" },
      ],
    }),
  "several recipients": () =>
    compose({
      from: '"Doe, Jane" <jane@sender.test>',
      to: ["box@town.test", '"O\'Neil, Pat" <pat@other.test>'],
      cc: "Ünal <unal@other.test>, z@other.test",
      bcc: "hidden@other.test",
      subject: "To all",
      text: "Hi",
    }),
  "an invitation": () =>
    compose({
      ...BETWEEN,
      subject: "Lunch",
      text: "Lunch?",
      attachments: [
        {
          filename: "invite.ics",
          contentType: "text/calendar; method=REQUEST",
          content: "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        },
      ],
    }),
  "a subject over several lines, in encoded words": () =>
    byHand(
      `From: =?UTF-8?B?SsO8cmdlbg==?= <j@sender.test>
To: box@town.test
Subject: =?UTF-8?Q?Eine_sehr_lange_=C3=9Cberschrift,_?=
 =?UTF-8?Q?die_=C3=BCber_zwei?=
 =?ISO-8859-1?Q?_Zeilen_geht:_=FCberall?=`,
      "Hi\n",
    ),
  "a name in pieces (RFC 2231)": () =>
    byHand(
      `${HEAD}
Content-Type: multipart/mixed; boundary=b`,
      `--b
Content-Type: application/x-rates
Content-Disposition: attachment;
 filename*0*=UTF-8''%e2%82%ac%20;
 filename*1*=rates%20and;
 filename*2=" more.txt"
Content-Transfer-Encoding: base64

SGVsbG8=
--b--
`,
    ),
  "koi8-r": () =>
    byHand(`${HEAD}\nContent-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit`, KOI8),
  "ISO-2022-JP": () =>
    byHand(
      `From: a@sender.test\nTo: box@town.test\nSubject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\nContent-Type: text/plain; charset=ISO-2022-JP`,
      JIS,
    ),
  "windows-1252, quoted": () =>
    byHand(
      `${HEAD}\nContent-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable`,
      "=93smart=94 quotes, =80 5, a soft =\nbreak\n",
    ),
  "text that flows": () =>
    byHand(`${HEAD}\nContent-Type: text/plain; format=flowed`, "One long line \nthat goes on.\nAnother.\n"),
  "two texts, one after the other": () =>
    byHand(
      `${HEAD}\nContent-Type: multipart/mixed; boundary="=_x"`,
      "Preamble\n--=_x\n\nFirst\n--=_x\nContent-Type: text/plain\n\nSecond\n--=_x--\nEpilogue\n",
    ),
  "lines that end in line feeds only": () =>
    Buffer.from(
      "From: ann@sender.test\nTo: box@town.test\nSubject: Unix\nContent-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/plain\n\nPlain\n--q\nContent-Type: text/html\n\n<b>Rich</b>\n--q--\n",
    ),
  "a head and nothing else, without an empty line": () =>
    Buffer.from("From: ann@sender.test\r\nTo: box@town.test\r\nSubject: Short\r\n"),
};
