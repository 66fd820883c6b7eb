import { expect, test } from "bun:test";
import { createTransport } from "nodemailer";
import { startMailIn } from "./support/mail-in.ts";

const MAIL = "From: Bob <bob@far.example>\r\nSubject: Hello\r\n\r\nHow are you?";

test("a mail from nodemailer is on the disk and in the rows when it is acknowledged, and opens with our lines first", async () => {
  await using town = await startMailIn();
  const transport = createTransport({
    port: town.port,
    host: "127.0.0.1",
    ignoreTLS: true,
    name: "far.example",
  });
  const done = await transport.sendMail({
    from: "Bob <bob@far.example>",
    to: ["box-1@town.example", "BOX-2+news@Town.Example"],
    subject: "Räksmörgås",
    text: ".dots\n..more dots\n.",
    attachments: [{ filename: "a.bin", content: Buffer.alloc(300_000, 7) }],
  });
  transport.close();
  expect(done.response).toMatch(/^250 2\.6\.0 Taken as [0-9a-f-]{36}$/);
  const [mail, ...others] = town.rows.all();
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ sender: "bob@far.example", messageId: done.messageId, hops: 0 });
  expect(mail?.to).toEqual([
    { fileId: "box-1", address: "box-1@town.example" },
    { fileId: "box-2", address: "BOX-2+news@town.example" },
  ]);
  expect(town.spooled()).toEqual([`${mail?.id}.eml`]);
  const text = await new Response(await town.mail.open(mail!.id, "box-1@town.example")).text();
  expect(text).toStartWith("Return-Path: <bob@far.example>\r\nDelivered-To: box-1@town.example\r\n");
  expect(text).toContain(
    "\r\nReceived: from far.example ([127.0.0.1])\r\n\tby town.example with ESMTP\r\n\tid ",
  );
  expect(text).toContain(`\r\nX-Hamlet-Mail-Id: ${mail?.id}\r\n`);
  expect(text).toContain("\r\n.dots\r\n..more dots\r\n.\r\n");
  await town.mail.remove(mail!.id);
  expect(town.spooled()).toEqual([]);
  expect(await town.mail.open(mail!.id, "x")).toBeUndefined();
});

test("recipients are refused at RCPT, each with the code that tells its sender what to do", async () => {
  await using town = await startMailIn({ limits: { quota: 1000 } });
  using peer = await town.peer();
  await peer.say("EHLO far.example");
  expect(await peer.say("MAIL FROM:<bob@far.example>")).toStartWith("250");
  expect(await peer.say("RCPT TO:<nobody@town.example>")).toStartWith("550 5.1.1");
  expect(await peer.say("RCPT TO:<box-1@elsewhere.example>")).toStartWith("550 5.7.1");
  town.rows.waiting = 1001;
  expect(await peer.say("RCPT TO:<full-1@town.example>")).toStartWith("452 4.2.2");
  expect(await peer.say("RCPT TO:<>")).toStartWith("501");
  expect(await peer.say("DATA")).toStartWith("503");
  expect(await peer.say("RCPT TO:<@relay.example,@b.example:box-1@town.example>")).toStartWith("250");
  expect(await peer.say('RCPT TO:<"box-2"@town.example>')).toStartWith("250");
  expect(await peer.say("RCPT TO:<Postmaster>")).toStartWith("250");
});

test("without a certificate there is no STARTTLS, and never a login", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  const hello = await peer.say("EHLO far.example");
  expect(hello).not.toContain("STARTTLS");
  expect(hello).not.toContain("AUTH");
  expect(hello).toContain(`SIZE ${30 * 1024 * 1024}`);
  expect(await peer.say("STARTTLS")).toStartWith("500");
  expect(await peer.say("AUTH PLAIN AGEAYg==")).toStartWith("500");
});

test("a mail that could not be written down is not acknowledged, and leaves no file", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  town.rows.failure = new Error("disk full");
  expect(await peer.send(["box-1@town.example"], MAIL)).toStartWith("451 4.3.0");
  expect(town.spooled()).toEqual([]);
  town.rows.failure = undefined;
  expect(await peer.send(["box-1@town.example"], MAIL)).toStartWith("250");
  expect(town.spooled()).toHaveLength(1);
});

test("a mail that is too large is refused, whether or not its size was told, and leaves no file", async () => {
  await using town = await startMailIn({ limits: { mailSize: 5000 } });
  using peer = await town.peer();
  await peer.say("EHLO far.example");
  expect(await peer.say("MAIL FROM:<bob@far.example> SIZE=5001")).toStartWith("552");
  expect(await peer.send(["box-1@town.example"], `${MAIL}${"x".repeat(5000)}`)).toStartWith("552 5.3.4");
  expect(town.spooled()).toEqual([]);
  expect(await peer.send(["box-1@town.example"], MAIL)).toStartWith("250");
});
