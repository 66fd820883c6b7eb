/** Mails that would go round in circles, and what a sender says in our name. */

import { expect, test } from "bun:test";
import { startMailIn } from "./support/mail-in.ts";

const TO = ["box-1@town.example", "box-2@town.example"];
const mail = (...lines: string[]) => [...lines, "Subject: Hello", "", "Hi"].join("\r\n");

test("an automatic reply, and a report without a sender, are taken but not delivered, and the vals' logs say why", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  expect(await peer.send(TO, mail("Auto-Submitted: auto-replied (vacation)"))).toStartWith("250");
  expect(await peer.send(["box-3@town.example"], mail("Subject: Undelivered"), "")).toStartWith("250");
  expect([town.rows.all(), town.spooled()]).toEqual([[], []]);
  expect(town.notes.map(({ valId }) => valId)).toEqual(["val-box-1", "val-box-2", "val-box-3"]);
  expect(town.notes[0]?.text).toBe(
    "A mail from <bob@far.example> to box-1@town.example was not delivered: it is an automatic reply, and answering it could go on for ever.",
  );
  expect(town.notes[2]?.text).toContain("it has no sender");
});

test("a mail that a val sent does not come back to it, but reaches the other one", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  const id = Bun.randomUUIDv7();
  town.sent.set(id, "val-box-1");
  const own = mail(`Message-ID: <${id}@TOWN.example>`, "Auto-Submitted: auto-generated");
  expect(await peer.send(TO, own)).toStartWith("250");
  expect(town.rows.all().map(({ to }) => to.map(({ fileId }) => fileId))).toEqual([["box-2"]]);
  expect(town.notes).toEqual([
    { valId: "val-box-1", text: expect.stringContaining("this val sent it itself") },
  ]);
  // The same id under another name is somebody else's.
  expect(await peer.send(TO, mail(`Message-ID: <${id}@far.example>`))).toStartWith("250");
  expect(town.rows.all()[1]?.to).toHaveLength(2);
});

test("a mail that has come through seventeen vals is not delivered, and how many it has come through is known", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  for (const hops of ["16", "17", "many"])
    expect(await peer.send(TO.slice(0, 1), mail(`X-Hamlet-Hops: ${hops}`))).toStartWith("250");
  expect(town.rows.passed).toEqual([16, 0]);
  expect(town.notes.map(({ text }) => text)).toEqual([expect.stringContaining("more than 16 vals")]);
});

test("mails that no person wrote are slowed down to sixty an hour from one sender to one val, and none is lost", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 0 } });
  using peer = await town.peer();
  const automatic = mail("Auto-Submitted: auto-generated");
  for (let i = 0; i < 60; i++) expect(await peer.send(TO.slice(0, 1), automatic)).toStartWith("250");
  expect(await peer.send(TO.slice(0, 1), automatic)).toStartWith("450 4.7.1");
  expect(await peer.send(TO.slice(1), automatic)).toStartWith("250");
  expect(await peer.send(TO.slice(0, 1), mail("Auto-Submitted: no"))).toStartWith("250");
  town.clock.now += 60_000;
  expect(await peer.send(TO.slice(0, 1), automatic)).toStartWith("250");
  expect(town.spooled()).toHaveLength(63);
});

test("what a sender says in our name has another one when the val reads it", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  const forged = mail(
    "Return-Path: <boss@town.example>",
    'authentication-results: (x) "town.example" 1; spf=pass',
    "Authentication-Results : far.example; spf=pass",
    "Authentication-Results:\r\n TOWN.example; dkim=pass",
    "X-Hamlet-Mail-Id: 1",
    "Not a header, Authentication-Results: town.example",
  );
  expect(await peer.send(TO, forged)).toStartWith("250");
  const text = await new Response(await town.mail.open(town.rows.all()[0]!.id, TO[1]!)).text();
  const [, theirs = ""] = text.split(/ \+0000\r\n/);
  expect(theirs.split("\r\n")).toEqual([
    "X-Past-Path: <boss@town.example>",
    'X-Foreign-Auth-Results: (x) "town.example" 1; spf=pass',
    "Authentication-Results : far.example; spf=pass",
    "X-Foreign-Auth-Results:",
    " TOWN.example; dkim=pass",
    "X-Foreign-MailId: 1",
    "Not a header, Authentication-Results: town.example",
    ...["Subject: Hello", "", "Hi", ""],
  ]);
});

test("mail for the postmaster is the operator's, also together with others", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 0 } });
  using peer = await town.peer();
  expect(await peer.send(["postmaster@town.example"], mail())).toStartWith("250");
  expect(await peer.send(["Postmaster", "box-1@town.example"], mail())).toStartWith("250");
  // The log has these, and that is enough: an answer of the operator's to such a mail could go on for ever.
  expect(await peer.send(["postmaster@town.example"], mail("Auto-Submitted: auto-generated"))).toStartWith(
    "250",
  );
  expect(await peer.send(["postmaster@town.example"], mail(), "")).toStartWith("250");
  for (let i = 2; i < 40; i++) expect(await peer.send(["abuse@town.example"], mail())).toStartWith("250");
  expect(town.toOperator).toHaveLength(30);
  town.toOperator.length = 2;
  expect(town.toOperator.map(({ from, subject }) => [from, subject])).toEqual([
    ["bob@far.example", "Hello"],
    ["bob@far.example", "Hello"],
  ]);
  expect(town.rows.all().map(({ to }) => to.length)).toEqual([1]);
  expect(town.spooled()).toHaveLength(1);
});

test("a mail that a user of the town hands over comes without a peer, and is only bounded in its size", async () => {
  await using town = await startMailIn({ listen: undefined, limits: { mailSize: 1000 } });
  const one = await town.rows.resolve("box-1");
  const to = [{ ...one!, address: "box-1@town.example" }];
  const hand = (text: string) =>
    town.mail.receive({ from: "", to }, new Blob([text]).stream() as AsyncIterable<Uint8Array>);
  const receipt = await hand(mail("Auto-Submitted: auto-replied"));
  expect([town.port, receipt.delivered.length]).toEqual([0, 1]);
  const text = await new Response(await town.mail.open(receipt.id, to[0]!.address)).text();
  expect(text).toContain("\r\nReceived: by town.example with HTTP\r\n\tid ");
  expect(text).toContain("Authentication-Results: town.example; none");
  expect(hand("x".repeat(1001))).rejects.toThrow("5.3.4");
  expect(hand("a\nb")).rejects.toThrow("5.6.11");
});
