import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { startSandbox, type TestSandbox } from "./support/guest.ts";
import { type Delivered, type MailVal, startMailVal } from "./support/mail-val.ts";
import { BASE64_LINES, byHand, STRANGE } from "./support/mails.ts";

let town: TestSandbox;
let val: MailVal;
beforeAll(async () => {
  town = await startSandbox();
  val = await startMailVal(town);
});
afterAll(() => town[Symbol.asyncDispose]());

/** The whole mail is a file, and the val's log says why. */
const kept = (why: string) => (given: Delivered, mail: Buffer) => {
  const { attachments, text, html } = given.email!;
  const [file] = attachments;
  const size = mail.length;
  expect([attachments.length, file, text, html]).toEqual([
    1,
    { isFile: true, name: "message.eml", type: "message/rfc822", size, hash: sha256(mail) },
    undefined,
    undefined,
  ]);
  expect(given.logs).toEqual([expect.stringContaining(`attached as message.eml, because ${why}`)]);
  expect(given.email!.from).toContain("ann@sender.test");
};
const text = (expected: string | undefined) => (given: Delivered) => {
  expect([given.email!.text, given.logs]).toEqual([expected, []]);
};
const files =
  (...expected: string[]) =>
  (given: Delivered) =>
    expect(given.email!.attachments.map(({ name }) => name)).toEqual(expected);
const fields = (expected: object) => (given: Delivered) => expect(given.email!).toMatchObject(expected);

type Check = (given: Delivered, mail: Buffer) => void;

const EXPECTED: Readonly<Record<keyof typeof STRANGE, Check>> = {
  nothing: fields({ from: "", to: [], attachments: [], headers: {} }),
  "line breaks only": fields({ from: "", to: [], attachments: [] }),
  "1,000 levels": kept("Maximum MIME nesting depth of 50 levels exceeded"),
  "40 levels": text("deep"),
  "10,000 parts": ({ email, logs }) => expect([email!.attachments.length, logs]).toEqual([10_000, []]),
  "100,000 parts": kept("it has more than 20000 parts"),
  "a line of the head with 30 MB": kept("Maximum header size"),
  "100,000 lines of head": text("hi"),
  "30 MB of base64": ({ email }) => {
    const size = 57 * BASE64_LINES;
    expect(email!.attachments).toEqual([
      { isFile: true, name: "a.bin", type: "text/plain", size, hash: sha256(Buffer.alloc(size, "ABC")) },
    ]);
  },
  "30 MB of text": ({ email }) => expect(email!.text!.length).toBeGreaterThan(28 * 2 ** 20),
  "15 million lines": kept("it has more than 3000000 lines"),
  "a multipart without a boundary": kept("the boundary between its parts is missing"),
  "a boundary that never comes": kept("the boundary between its parts is missing"),
  "a boundary that never ends": fields({ text: "Hello", html: "<p>Hel" }),
  "NUL bytes": fields({ subject: "a b", text: "x\0y" }),
  "broken base64": text("Helloworld"),
  "broken quoted-printable": text("a=ZZb=4\nü"),
  "a charset that is none": text("café"),
  "UTF-8 that is none": text("a\ufffdb"),
  "names of files that lead elsewhere": files(
    "passwd",
    "x.exe",
    "a X: bgnp.exe",
    "attachment-4.txt",
    `${"n".repeat(196)}.png`,
  ),
  "names of heads that mean something to JavaScript": ({ email }) =>
    expect(Object.entries(email!.headers)).toEqual([
      ["__proto__", "polluted"],
      ["constructor", "a"],
      ["toString", "b"],
      ["hasOwnProperty", "c"],
      ["From", "ann@sender.test"],
    ]),
  "a sender who hides in brackets": fields({ from: "Boss boss@town.test Bcc: <eve@evil.test>" }),
  "a From of two and a Sender": fields({ from: "a@sender.test" }),
  "no From and no To": ({ email }) => {
    expect(email).toMatchObject({ from: "env@sender.test", to: ["box@town.test"], text: "hi" });
    expect(email!.subject).toBeUndefined();
  },
  "the null sender": fields({ from: "", to: ["box@town.test"] }),
  groups: ({ email }) => {
    expect(email!.to).toEqual(["a@sender.test", "b@sender.test", "box@town.test"]);
    expect(email!.cc).toBeUndefined();
  },
  "what stands twice in the head": fields({
    subject: "one",
    headers: { "Authentication-Results": "town.test; dmarc=fail" },
  }),
  "a forwarded mail": ({ email }) => {
    const inner = "From: old@sender.test\r\nSubject: Inner\r\nContent-Type: text/html\r\n\r\n<p>Inner</p>";
    expect([email!.text, email!.html]).toEqual(["See below", undefined]);
    expect(email!.attachments).toEqual([
      {
        isFile: true,
        name: "attachment-1.eml",
        type: "message/rfc822",
        size: inner.length,
        hash: sha256(inner),
      },
    ]);
  },
  "a file of bytes as they are": ({ email }) => {
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 0x1a, 10, 0, 13, 13, 10, 255]);
    expect(email!.attachments).toMatchObject([{ name: "attachment-1.png", size: 13, hash: sha256(bytes) }]);
  },
};

test.each(Object.keys(EXPECTED) as (keyof typeof STRANGE)[])("a mail with %s is not lost", async (name) => {
  const mail = STRANGE[name]();
  const given = await val.deliver(new Uint8Array(mail));
  expect(given).toMatchObject({ outcome: { ok: true }, status: 202 });
  EXPECTED[name](given, mail);
});

test("a mail larger than any that is taken in is a reported failure", async () => {
  const given = await val.deliver(new Uint8Array(33 * 2 ** 20));
  expect(given.outcome).toMatchObject({
    ok: false,
    error: { message: "A mail may have 32 MB; this one has more." },
  });
});

test("a mail's headers are found by their names in lower case too, and copied as they were written", async () => {
  const asker = await startMailVal(
    town,
    `export default ({ headers }) => console.log([headers["x-a"], headers["X-A"], JSON.stringify({ ...headers })].join())`,
  );
  const { logs } = await asker.deliver(byHand("X-A: =?utf-8?q?=C3=BC?=\nFrom: a@b.test", "hi").toString());
  expect(logs).toEqual(['ü,ü,{"X-A":"ü","From":"a@b.test"}']);
});

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
