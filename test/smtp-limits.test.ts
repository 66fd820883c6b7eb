/** How much a peer may send, and how long it may take: no clock but the test's own. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMailIn } from "./support/mail-in.ts";

const MAIL = "From: Bob <bob@far.example>\r\nSubject: Hello\r\n\r\nHow are you?";
const TO = ["box-1@town.example"];

test("a sender and an address have a rate, and get it back as time passes", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 2 } });
  using peer = await town.peer();
  const send = (from: string, to = TO) => peer.send(to, MAIL, from);
  for (let i = 0; i < 2; i++) expect(await send("bob@far.example")).toStartWith("250");
  expect(await peer.say("MAIL FROM:<BOB@far.example>")).toStartWith("450 4.7.1");
  expect(await send("eve@far.example")).toStartWith("503");
  town.clock.now += 30_000;
  expect(await send("bob@far.example")).toStartWith("250");
  expect(await send("bob@far.example", ["box-2@town.example"])).toStartWith("503");
  expect(town.rows.all()).toHaveLength(3);
});

test("whoever takes a sender's name in another network does not use up what is his", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 1 }, listen: { host: "::", port: 0 } });
  using eve = await town.peer();
  using bob = await town.peer("::1");
  expect(await eve.send(TO, MAIL)).toStartWith("250");
  expect(await eve.say("MAIL FROM:<bob@far.example>")).toStartWith("450 4.7.1");
  expect(await bob.send(["box-2@town.example"], MAIL)).toStartWith("250");
});

test("a network may send as four senders", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 1 } });
  using peer = await town.peer();
  const codes: string[] = [];
  await peer.say("EHLO far.example");
  for (let i = 0; i < 6; i++) {
    codes.push((await peer.say(`MAIL FROM:<bob${i}@far.example>`)).slice(0, 3));
    await peer.say("RSET");
  }
  expect(codes).toEqual(["250", "250", "250", "250", "450", "450"]);
});

test("the hundred and first recipient is refused for now, and 10,000 leave no trace", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 0, commands: 20_000 } });
  using peer = await town.peer();
  await peer.address([]);
  const many = Array.from({ length: 10_000 }, (_, i) => `RCPT TO:<box-${i}@town.example>\r\n`).join("");
  peer.write(many);
  const codes: Record<string, number> = {};
  for (let i = 0; i < 10_000; i++) {
    const code = (await peer.reply()).slice(0, 9);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  expect(codes).toEqual({ "250 Accep": 100, "452 4.5.3": 9900 });
  expect(await peer.say("RSET")).toStartWith("250");
  expect(await peer.say("DATA")).toStartWith("503");
  expect(town.spooled()).toEqual([]);
});

test("whoever guesses addresses has to begin anew after fifty", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  await peer.address([]);
  for (let i = 0; i < 50; i++) expect(await peer.say(`RCPT TO:<no-${i}@town.example>`)).toStartWith("550");
  expect(await peer.say("RCPT TO:<box-1@town.example>")).toStartWith("250");
  expect(await peer.say("RCPT TO:<no@town.example>")).toStartWith("421 4.7.0");
});

test("commands between two mails, mails of a connection and connections of a network are counted", async () => {
  await using town = await startMailIn({ limits: { commands: 10, mails: 2, connectionsPerNetwork: 2 } });
  using peer = await town.peer();
  for (let i = 0; i < 2; i++) expect(await peer.send(TO, MAIL)).toStartWith("250");
  expect(await peer.say("MAIL FROM:<bob@far.example>")).toStartWith("421 4.7.0 Enough mails");
  using second = await town.peer();
  for (let i = 0; i < 10; i++) expect(await second.say("NOOP")).toStartWith("250");
  expect(await second.say("NOOP")).toStartWith("421");
  peer.socket.end();
  second.socket.end();
  await Promise.all([peer.closed(), second.closed()]);
  const three = [await town.open(), await town.open(), await town.open()];
  const greetings = await Promise.all(three.map((one) => one.reply()));
  expect(greetings.map((text) => text.slice(0, 3)).sort()).toEqual(["220", "220", "421"]);
  for (const one of three) one[Symbol.dispose]();
});

test("a connection that says nothing, or a byte now and then, or gets nowhere, is ended", async () => {
  await using town = await startMailIn({ limits: { idleMs: 500, stepMs: 60_000, lookMs: 5 } });
  using silent = await town.peer();
  expect(await silent.reply()).toStartWith("421");
  using slow = await town.peer();
  const drip = setInterval(() => slow.write("N"), 20);
  // The clock stands still until it is told to go.
  town.clock.now += 61_000;
  expect(await slow.reply()).toStartWith("421 4.4.2");
  clearInterval(drip);
});

test("a mail that trickles in, or breaks off, leaves no file", async () => {
  await using town = await startMailIn({ limits: { stepMs: 60_000, lookMs: 5 } });
  using slow = await town.peer();
  using gone = await town.peer();
  for (const peer of [slow, gone]) {
    await peer.address(TO);
    await peer.say("DATA");
    peer.write("Subject: never");
  }
  gone.socket.destroy();
  town.clock.now += 61_000;
  expect(await slow.reply()).toStartWith("421 4.4.2");
  await town.mail.close();
  expect([town.rows.all(), town.spooled()]).toEqual([[], []]);
});

test("a mail whose lines nearly all begin with a dot is refused before it costs anybody time", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  await peer.address(TO);
  await peer.say("DATA");
  peer.write(`Subject: dots\r\n\r\n${"..\r\n".repeat(20_000)}.\r\n`);
  expect(await peer.reply()).toStartWith("554 5.6.0");
  peer.socket.end();
  await peer.closed();
  await town.mail.close();
  expect(town.spooled()).toEqual([]);
});

test("a stop lets a mail that is coming end, and sends the others away", async () => {
  await using town = await startMailIn();
  using idle = await town.peer();
  using busy = await town.peer();
  await busy.address(TO);
  await busy.say("DATA");
  const closed = town.mail.close();
  expect(await idle.reply()).toStartWith("421");
  busy.write(`${MAIL}\r\n.\r\n`);
  expect(await busy.reply()).toStartWith("250");
  await closed;
  await busy.closed();
  expect(town.rows.all()).toHaveLength(1);
});

test("a town whose disk is full of mail takes none, and an account's own bound holds while it comes", async () => {
  await using town = await startMailIn({ limits: { spool: 1000, quota: 2000 } });
  using peer = await town.peer();
  expect(await peer.send(TO, `${MAIL}${"x".repeat(950)}`)).toStartWith("452 4.3.1");
  town.rows.waiting = 1999;
  expect(await peer.send(["full-1@town.example"], MAIL)).toStartWith("452 4.2.2");
  expect(town.spooled()).toEqual([]);
  expect(await peer.send(TO, `${MAIL}${"x".repeat(500)}`)).toStartWith("250");
  expect(await peer.send(TO, `${MAIL}${"x".repeat(500)}`)).toStartWith("452 4.3.1");
});

test("mails that come at the same time are within an account's bound together, and their number has one too", async () => {
  await using town = await startMailIn({ limits: { quota: 100 }, listen: undefined });
  const to = [{ ...(await town.rows.resolve("box-1"))!, address: "box-1@town.example" }];
  const hand = (bytes: number) =>
    town.mail.receive({ from: "a@b.example", to }, new Blob(["x".repeat(bytes)]).stream() as never);
  town.rows.held = Promise.withResolvers();
  const reached = town.rows.reached.promise;
  const first = hand(60);
  await reached;
  await expect(hand(41)).rejects.toThrow("4.2.2");
  const third = hand(40);
  town.rows.held.resolve();
  expect(await Promise.all([first, third])).toMatchObject([{ bytes: 60 }, { bytes: 40 }]);
  town.rows.mails = 9999;
  await hand(1);
  town.rows.mails = 10_000;
  await expect(hand(1)).rejects.toThrow("4.2.2");
});

test("a start sweeps what an earlier process left unfinished, and keeps what somebody waits for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mail-in-"));
  try {
    let kept = "";
    {
      await using town = await startMailIn({ folder });
      using peer = await town.peer();
      await peer.send(TO, MAIL);
      kept = town.rows.all()[0]!.id;
      writeFileSync(join(folder, "mails", `${Bun.randomUUIDv7()}.eml`), "half a ma");
    }
    await using town = await startMailIn({ folder });
    expect(town.spooled()).toEqual([`${kept}.eml`]);
    expect(await town.mail.open(kept, "x")).toBeDefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
