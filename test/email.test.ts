/** Mails from the service to a real relay, and what is refused before it gets there. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { MailRequest } from "../src/services/email-mail.ts";
import { type Mailer, makeMailer } from "./support/mailer.ts";
import { type Received, startRelay, type TestRelay } from "./support/smtp.ts";

let relay: TestRelay;
let mailer: Mailer;

beforeAll(async () => {
  relay = await startRelay();
  mailer = await makeMailer({ relay: relay.url, ratePerMinute: 0 });
});
afterAll(async () => {
  await mailer?.[Symbol.asyncDispose]();
  await relay?.[Symbol.asyncDispose]();
});

async function deliver(mail: MailRequest): Promise<Received> {
  const before = relay.mails.length;
  expect(await mailer.send(mail)).toBe("Email sent");
  return relay.mails[before]!;
}

describe("what arrives", () => {
  test("nothing at all becomes a mail to the account's owner", async () => {
    const { from, to, mail } = await deliver({});
    expect([from, to]).toEqual(["notifications@town.example", ["bee@example.org"]]);
    expect(mail.subject).toBe("Message from @bee on Hamlet");
    expect(mail.text?.trim() ?? "").toBe("");
    expect((await mailer.last())!).toMatchObject({ state: "sent", attempts: 1, error: undefined });
  });

  test("text and HTML, a subject in any script, names, copies and where to answer", async () => {
    const { to, raw, mail } = await deliver({
      from: { email: "Bee.hello@town.example", name: "Bée, the “val”" },
      to: ["A. B. <ab@example.org>", { email: "åsa@bücher.example", name: "Åsa" }],
      cc: "cc@example.org",
      bcc: [{ email: "hidden@example.org" }],
      replyToList: { email: "answers@example.org", name: "Answers" },
      subject: "Grüße 🌻 und 日本語",
      text: "Hello,\nwörld",
      html: "<b>Hello</b>, wörld",
    });
    expect(to).toEqual(["ab@example.org", "åsa@bücher.example", "cc@example.org", "hidden@example.org"]);
    expect(mail.from.value).toEqual([{ address: "Bee.hello@town.example", name: "Bée, the “val”" }]);
    expect(mail.to.value[0]).toEqual({ address: "ab@example.org", name: "A. B." });
    expect(mail.cc.text).toBe("cc@example.org");
    expect(raw).not.toContain("hidden@");
    expect(mail.replyTo.value).toEqual([{ address: "answers@example.org", name: "Answers" }]);
    expect([mail.subject, mail.text.trim(), mail.html.trim()]).toEqual([
      "Grüße 🌻 und 日本語",
      "Hello,\nwörld",
      "<b>Hello</b>, wörld",
    ]);
  });

  test.each([
    ["bee.hello@valtown.email", "bee.hello@town.example"],
    ["notifications@val.town", "notifications@town.example"],
  ])("a val of Val Town that writes as %s writes as %s here", async (from, here) => {
    const { mail } = await deliver({ from: { email: from, name: "Bee" } });
    expect(mail.from.value).toEqual([{ address: here, name: "Bee" }]);
  });

  test("std/email's own name for the address to answer to is taken as well", async () => {
    const { mail } = await deliver({ replyTo: "answers@example.org" });
    expect(mail.replyTo.text).toBe("answers@example.org");
  });

  test("files arrive byte for byte, inline ones with their id", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(300_000));
    const base64 = Buffer.from(bytes).toString("base64");
    const { mail } = await deliver({
      html: '<img src="cid:pic1">',
      attachments: [
        { content: base64.replace(/.{76}/g, "$&\r\n"), filename: "räksmörgås.bin" },
        {
          content: "iVBORw0=",
          filename: "a.png",
          type: "image/png",
          disposition: "inline",
          contentId: "pic1",
        },
      ],
    });
    const find = (name: string) => mail.attachments.find((one: Received["mail"]) => one.filename === name);
    const [file, picture] = [find("räksmörgås.bin"), find("a.png")];
    expect(Buffer.compare(file.content, bytes)).toBe(0);
    expect(picture).toMatchObject({ contentType: "image/png", contentDisposition: "inline", cid: "pic1" });
  });

  test("each mail says that no person wrote it, and by which id this town knows it again", async () => {
    const { mail } = await deliver({ subject: "One" });
    expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
    const { id } = (await mailer.last())!;
    expect(mail.messageId).toBe(`<${id}@town.example>`);
    const reply = await deliver({ headers: { "AUTO-Submitted": "auto-replied" } });
    expect(reply.mail.headers.get("auto-submitted")).toBe("auto-replied");
    expect(await mailer.refusal({ headers: { "auto-submitted": "no" } })).toStartWith(
      "400 body/headers/auto-submitted",
    );
  });

  test("headers of the sender's own, as long as they are his to set", async () => {
    const headers = {
      "X-Entity-Ref-ID": "42",
      "List-Unsubscribe": "<https://example.org/off>",
      "X-Ünïcode": "",
    };
    expect(await mailer.refusal({ headers })).toStartWith("400 body/headers/X-Ünïcode");
    const { mail } = await deliver({
      headers: { "X-Entity-Ref-ID": "42", "X-Long": "grün ".repeat(60).trim() },
    });
    expect(mail.headers.get("x-entity-ref-id")).toBe("42");
    expect(mail.headers.get("x-long")).toMatch(/^(=\?UTF-8\?Q\?(gr=C3=BCn_?)+\?=\s?)+$/);
  });

  test("the same mail has the same Message-ID however often it is tried", async () => {
    const { mail } = await deliver({ subject: "once" });
    expect(mail.messageId).toBe(`<${(await mailer.last())!.id}@town.example>`);
  });

  test("a mail of 20 MB arrives", async () => {
    const content = Buffer.alloc(20 * 1024 * 1024, 7).toString("base64");
    const { mail } = await deliver({ attachments: [{ content, filename: "large.bin" }] });
    expect(mail.attachments[0].size).toBe(20 * 1024 * 1024);
  });
});

describe("nothing becomes a header or an address that is not meant to", () => {
  const INJECTIONS: readonly [string, MailRequest][] = [
    ["subject", { subject: "Hello\r\nBcc: victim@example.org" }],
    ["subject", { subject: "Hello\nBcc: victim@example.org" }],
    ["subject", { subject: "Hello\u0000" }],
    ["to", { to: "a@example.org\r\nBcc: victim@example.org" }],
    ["to", { to: { email: "a@example.org>\r\nRCPT TO:<victim@example.org" } }],
    ["to", { to: { email: "a@example.org, victim@example.org" } }],
    ["to", { to: "a@example.org, victim@example.org" }],
    ["to", { to: "Group: victim@example.org;" }],
    ["to/name", { to: { email: "a@example.org", name: "A\r\nBcc: victim@example.org" } }],
    ["to", { to: "" }],
    ["to", { to: "nobody" }],
    ["to", { to: "a@@example.org" }],
    ["to", { to: `${"a".repeat(65)}@example.org` }],
    ["cc", { cc: ["a@example.org", "b c@example.org"] }],
    ["replyToList", { replyToList: "a@example.org\nBcc: victim@example.org" }],
    ["headers/X-A", { headers: { "X-A": "1\r\nBcc: victim@example.org" } }],
    ["headers/X-A\r\nBcc", { headers: { "X-A\r\nBcc": "victim@example.org" } }],
    ["headers/Bcc", { headers: { Bcc: "victim@example.org" } }],
    ["headers/content-type", { headers: { "content-type": "text/html" } }],
    ["headers/Message-ID", { headers: { "Message-ID": "<1@example.org>" } }],
    ["headers/X A", { headers: { "X A": "1" } }],
    ["attachments/0/filename", { attachments: [{ content: "", filename: 'a"\r\nX-A: 1' }] }],
    ["attachments/0/type", { attachments: [{ content: "", filename: "a", type: "text/html\r\nX-A: 1" }] }],
    ["attachments/0/contentId", { attachments: [{ content: "", filename: "a", contentId: "a>\r\nX-A: 1" }] }],
    [
      "attachments/0/disposition",
      { attachments: [{ content: "", filename: "a", disposition: "form-data" }] },
    ],
    ["attachments/0/content", { attachments: [{ content: "no base64!", filename: "a" }] }],
    ["attachments/0/content", { attachments: [{ content: "YQ", filename: "a" }] }],
  ];
  test.each(INJECTIONS)("a %j is refused that would be one: %j", async (field, mail) => {
    const before = relay.mails.length;
    expect(await mailer.refusal(mail)).toStartWith(`400 body/${field.slice(0, 76)} `);
    expect(relay.mails.length).toBe(before);
  });

  test.each([
    "bee@example.org",
    "notifications@example.org",
    "ann.hello@town.example",
    "ann.hello@valtown.email",
    "beeline.hello@town.example",
    "postmaster@town.example",
    "notifications@town.example.evil.example",
    "bee.hello@sub.town.example",
  ])("nobody writes as %s", async (from) => {
    expect(await mailer.refusal({ from })).toStartWith(
      "400 body/from must be bee.{name of a val}@town.example",
    );
  });

  test("more than 30 MB are refused", async () => {
    const content = Buffer.alloc(15 * 1024 * 1024).toString("base64");
    const file = { content, filename: "a" };
    expect(await mailer.refusal({ attachments: [file, file], text: "x" })).toStartWith(
      "413 A mail holds at most",
    );
  });
});

describe("what the relay says", () => {
  test("a recipient that it refuses is an error for the sender", async () => {
    const refusal = await mailer.refusal({ to: "refused@example.org" });
    expect(refusal).toStartWith("422 The mail relay refused it: ");
    expect(refusal).toContain("550 No such user here");
    expect(await mailer.last()).toMatchObject({ state: "failed", attempts: 1 });
  });

  test("so is a mail that it refuses", async () => {
    expect(await mailer.refusal({ to: "spam@example.org" })).toContain("554 This is spam");
  });

  test("one recipient of several that it refuses is told of, and the others get the mail once", async () => {
    const before = relay.mails.length;
    const message = await mailer.send({ to: ["a@example.org", "refused@example.org"] });
    expect(message).toContain("Email sent; but the mail relay refused: ");
    expect(message).toContain("550 No such user here");
    expect(relay.mails.slice(before).map(({ to }) => to)).toEqual([["a@example.org"]]);
    expect(await mailer.last()).toMatchObject({ state: "sent" });
  });

  test("what it may take later is queued", async () => {
    const message = await mailer.send({ to: "later@example.org" });
    expect(message).toStartWith("Email queued: ");
    expect(message).toContain("451 Greylisted");
    expect(await mailer.last()).toMatchObject({ state: "queued", attempts: 1 });
  });

  test("a password and STARTTLS are used where the relay has them", async () => {
    const login = { user: "hamlet", password: "s3cret" };
    await using strict = await startRelay({ login, tls: true });
    await using other = await makeMailer({ relay: `${strict.url}?tls.rejectUnauthorized=false` });
    expect(await other.send({})).toBe("Email sent");
    expect(strict.mails[0]!.secure).toBe(true);
  });

  test("a password that it does not take is the operator's matter: the mail waits", async () => {
    await using strict = await startRelay({ login: { user: "hamlet", password: "s3cret" } });
    await using other = await makeMailer({ relay: strict.url.replace("s3cret", "wrong") });
    const message = await other.send({});
    expect(message).toStartWith("Email queued: the mail relay does not take it now");
    expect(message).not.toContain("wrong");
    expect(other.warnings).toEqual(["The mail relay takes no mail; what vals send is tried again."]);
  });
});
