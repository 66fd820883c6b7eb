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

/** The same at any length. */
const repeated = (bytes: number, line: string) => Buffer.alloc(bytes, line);
const MIXED = `${HEAD}\nContent-Type: multipart/mixed; boundary=b`;
const FILE = `${HEAD}\nContent-Disposition: attachment; filename=a.bin`;
const levels = (count: number) =>
  Array.from(
    { length: count },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`,
  ).join("");
const MB = 2 ** 20;
/** Of 78 bytes each, of which come 57. */
export const BASE64_LINES = 400_000;

/** Mails that nobody writes by accident, and some that programs do. */
export const STRANGE = {
  nothing: () => Buffer.alloc(0),
  "line breaks only": () => Buffer.from("\r\n\r\n\n"),
  "1,000 levels": () => byHand(`${HEAD}\n${levels(1000)}`, "deep\n"),
  "40 levels": () => byHand(`${HEAD}\n${levels(40)}`, "deep\n"),
  "10,000 parts": () =>
    byHand(MIXED, "--b\nContent-Disposition: attachment; filename=x\n\nhi\n".repeat(10_000)),
  "100,000 parts": () => byHand(MIXED, "--b\n\n".repeat(100_000)),
  "a line of the head with 30 MB": () =>
    Buffer.concat([
      Buffer.from("From: ann@sender.test\r\nX-Long: "),
      repeated(30 * MB, "a"),
      Buffer.from("\r\n\r\nhi\r\n"),
    ]),
  "100,000 lines of head": () => byHand(`${HEAD}\n${"X-A: a\n".repeat(100_000)}`, "hi\n"),
  "30 MB of base64": () =>
    byHand(
      `${FILE}\nContent-Transfer-Encoding: base64`,
      repeated(BASE64_LINES * 78, `${"QUJD".repeat(19)}\r\n`),
    ),
  "30 MB of text": () => byHand(HEAD, repeated(29 * MB, `${"a".repeat(70)}\r\n`)),
  "15 million lines": () => byHand(HEAD, repeated(29 * MB, "a\n")),
  "a multipart without a boundary": () =>
    byHand(`${HEAD}\nContent-Type: multipart/mixed`, "--b\n\nHello\n--b--\n"),
  "a boundary that never comes": () =>
    byHand(`${HEAD}\nContent-Type: multipart/mixed; boundary=q`, "Hello\n"),
  "a boundary that never ends": () => byHand(MIXED, "--b\n\nHello\n--b\nContent-Type: text/html\n\n<p>Hel"),
  "NUL bytes": () => byHand(`${HEAD.replace("By hand", "a\0b")}`, "x\0y\n"),
  "broken base64": () => byHand(`${HEAD}\nContent-Transfer-Encoding: base64`, "SGV*sbG8\n=d29ybGQ\n"),
  "broken quoted-printable": () =>
    byHand(`${HEAD}\nContent-Transfer-Encoding: quoted-printable`, "a=ZZb=4\n=C3=BC=\n"),
  "a charset that is none": () =>
    byHand(`${HEAD}\nContent-Type: text/plain; charset="x-none; ☃"`, Buffer.from("caf\u00e9\r\n", "latin1")),
  "UTF-8 that is none": () =>
    byHand(`${HEAD}\nContent-Type: text/plain; charset=utf-8`, Buffer.from([0x61, 0xff, 0x62])),
  "names of files that lead elsewhere": () =>
    byHand(
      MIXED,
      `--b
Content-Disposition: attachment; filename="../../etc/passwd"

a
--b
Content-Disposition: attachment; filename="C:\\\\temp\\\\x.exe"

b
--b
Content-Disposition: attachment; filename*=UTF-8''a%0d%0aX%3A%00b%E2%80%AEgnp.exe

c
--b
Content-Disposition: attachment; filename=".."

d
--b
Content-Type: image/png
Content-Disposition: attachment; filename="${"n".repeat(300)}.png"

e
--b--
`,
    ),
  "names of heads that mean something to JavaScript": () =>
    byHand(
      "__proto__: polluted\nconstructor: a\ntoString: b\nhasOwnProperty: c\nFrom: ann@sender.test",
      "hi\n",
    ),
  "a sender who hides in brackets": () =>
    byHand(
      "From: =?utf-8?q?Boss_=3Cboss=40town.test=3E=0D=0ABcc=3A?= <eve@evil.test>\nTo: box@town.test",
      "hi\n",
    ),
  "a From of two and a Sender": () =>
    byHand("From: a@sender.test, b@sender.test\nSender: c@sender.test\nTo: box@town.test", "hi\n"),
  "no From and no To": () =>
    byHand("Return-Path: <env@sender.test>\nDelivered-To: box@town.test\nSubject:", "hi\n"),
  "the null sender": () => byHand("Return-Path: <>\nDelivered-To: box@town.test", "hi\n"),
  groups: () =>
    byHand(
      "From: ann@sender.test\nTo: Team: a@sender.test, Bo <b@sender.test>;, box@town.test\nCc: undisclosed-recipients:;",
      "hi\n",
    ),
  "what stands twice in the head": () =>
    byHand(
      "Authentication-Results: town.test; dmarc=fail\nFrom: ann@sender.test\nAuthentication-Results: town.test; dmarc=pass\nSubject: one\nSubject: two",
      "hi\n",
    ),
  "a forwarded mail": () =>
    byHand(
      MIXED,
      `--b

See below
--b
Content-Type: message/rfc822

From: old@sender.test
Subject: Inner
Content-Type: text/html

<p>Inner</p>
--b--
`,
    ),
  "a file of bytes as they are": () =>
    byHand(
      MIXED,
      Buffer.concat([
        Buffer.from("--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"),
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 0x1a, 10, 0, 13, 13, 10, 255]),
        Buffer.from("\r\n--b--\r\n"),
      ]),
    ),
} satisfies Readonly<Record<string, () => Buffer>>;
