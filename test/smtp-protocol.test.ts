/** What a peer may say, byte by byte: RFC 5321, 2920, 3207, 6152, 6531, and what attackers make of them. */

import { describe, expect, test } from "bun:test";
import { type MailPeer, startMailIn } from "./support/mail-in.ts";

const HEAD = "From: Bob <bob@far.example>\r\nSubject: Hello";
const SMUGGLED =
  "MAIL FROM:<evil@far.example>\r\nRCPT TO:<box-2@town.example>\r\nDATA\r\nFrom: evil\r\n\r\nsmuggled";

async function begin(peer: MailPeer): Promise<void> {
  expect(await peer.address(["box-1@town.example"])).toStartWith("250");
  expect(await peer.say("DATA")).toStartWith("354");
}

describe("only CRLF.CRLF ends a mail", () => {
  const ends = [
    "\n.\n",
    "\n.\r\n",
    "\r.\r",
    "\r.\r\n",
    "\r\n.\n",
    "\r\n.\r",
    "\n.\r",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
  ];
  test.each(ends.map((end) => [JSON.stringify(end), end]))(
    "not %s: nothing behind it is a command",
    async (_, end) => {
      await using town = await startMailIn();
      using peer = await town.peer();
      await begin(peer);
      peer.write(`${HEAD}\r\n\r\nfirst${end}${SMUGGLED}\r\n.\r\nNOOP\r\n`);
      const reply = await peer.reply();
      expect(await peer.reply()).toBe("250 OK");
      // A NUL alone is no line: the mail is one mail, and is taken as it is.
      if (end.includes("\0")) {
        expect(reply).toStartWith("250");
        expect(town.rows.all().map(({ to }) => to.map(({ fileId }) => fileId))).toEqual([["box-1"]]);
      } else {
        expect(reply).toStartWith("550 5.6.11");
        expect([town.rows.all(), town.spooled()]).toEqual([[], []]);
      }
    },
  );

  test("also when the dot comes alone, and one that is stuffed in two pieces is content", async () => {
    await using town = await startMailIn();
    using peer = await town.peer();
    await begin(peer);
    for (const piece of [".", ".\r\nSubject: x\r", "\n\r\n.", ".\r\n", "\r\n", ".", "\r", "\n"]) {
      peer.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await peer.reply()).toStartWith("250");
    const [mail] = town.rows.all();
    const text = await new Response(await town.mail.open(mail!.id, "box-1@town.example")).text();
    expect(text).toEndWith("\r\n.\r\nSubject: x\r\n\r\n.\r\n\r\n");
  });

  test("an empty mail is a mail", async () => {
    await using town = await startMailIn();
    using peer = await town.peer();
    await begin(peer);
    expect(await peer.say(".")).toStartWith("250");
    expect(town.rows.all()).toHaveLength(1);
  });
});

describe("commands", () => {
  test("sent all at once are answered one by one, a second mail behind the first included", async () => {
    await using town = await startMailIn();
    using peer = await town.peer();
    const mail =
      "MAIL FROM:<bob@far.example>\r\nRCPT TO:<no@town.example>\r\nRCPT TO:<box-1@town.example>\r\nDATA\r\n";
    peer.write(`EHLO far.example\r\n${mail}`);
    const replies = async (count: number) => {
      const codes: string[] = [];
      for (let i = 0; i < count; i++) codes.push((await peer.reply()).slice(0, 3));
      return codes;
    };
    expect(await replies(5)).toEqual(["250", "250", "550", "250", "354"]);
    peer.write(`${HEAD}\r\n\r\none\r\n.\r\n${mail}`);
    expect(await replies(5)).toEqual(["250", "250", "550", "250", "354"]);
    peer.write(`${HEAD}\r\n\r\ntwo\r\n.\r\nQUIT\r\n`);
    expect(await replies(2)).toEqual(["250", "221"]);
    expect(town.rows.all()).toHaveLength(2);
  });

  test("that ask who is here are told nothing", async () => {
    await using town = await startMailIn();
    using peer = await town.peer();
    await peer.say("EHLO far.example");
    const [known, unknown] = [await peer.say("VRFY box-1"), await peer.say("VRFY nobody")];
    expect([known, known]).toEqual([unknown, expect.stringMatching(/^252/)]);
    expect(await peer.say("EXPN box-1")).toStartWith("500");
  });

  test("that are none, or out of order, or say what they may not, are refused", async () => {
    await using town = await startMailIn();
    using peer = await town.peer();
    const said = async (line: string) => (await peer.say(line)).slice(0, 3);
    expect(await said("MAIL FROM:<bob@far.example>")).toBe("503");
    expect(await said("EHLO")).toBe("501");
    expect(await said("HELO a b")).toBe("501");
    expect(await said("EHLO a\0b")).toBe("501");
    expect(await said("HELO far.example")).toBe("250");
    expect(await said("RCPT TO:<box-1@town.example>")).toBe("503");
    expect(await said("DATA")).toBe("503");
    expect(await said("BDAT 5 LAST")).toBe("500");
    for (const from of [
      "bob",
      "<bob@far.example",
      "<b\0b@far.example>",
      "<a b@far.example>",
      "<bob@far.example> BODY=BINARYMIME",
    ])
      expect([from, await said(`MAIL FROM:${from}`)]).toEqual([from, "501"]);
    expect(await said("MAIL FROM:<böb@für.example> SMTPUTF8 BODY=8BITMIME")).toBe("250");
    expect(await said("MAIL FROM:<bob@far.example>")).toBe("503");
    expect(await said("RSET")).toBe("250");
    expect(await said("RCPT TO:<box-1@town.example>")).toBe("503");
    expect(town.spooled()).toEqual([]);
  });

  test("of more than 1,024 characters, and HTTP, end the connection", async () => {
    await using town = await startMailIn();
    for (const line of [`NOOP ${"x".repeat(2000)}`, "GET / HTTP/1.1"]) {
      using peer = await town.peer();
      expect(await peer.say(line)).toStartWith("421");
      peer.socket.end();
      await peer.closed();
    }
  });
});

test("lines of a megabyte, NULs and bytes of any kind arrive as they are", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  await begin(peer);
  const body = Buffer.concat([Buffer.alloc(1024 * 1024, "x"), Buffer.from([0, 255, 254, 0, 128])]);
  peer.write(Buffer.concat([Buffer.from(`${HEAD}\r\n\r\n`), body, Buffer.from("\r\n.\r\n")]));
  expect(await peer.reply()).toStartWith("250");
  const [mail] = town.rows.all();
  const bytes = await new Response(await town.mail.open(mail!.id, "x@town.example")).bytes();
  expect(
    Buffer.from(bytes)
      .subarray(-body.length - 2, -2)
      .equals(body),
  ).toBe(true);
});

test("a head without an end is refused, and so is a mail that came through thirty-one servers", async () => {
  await using town = await startMailIn();
  using peer = await town.peer();
  const to = ["box-1@town.example"];
  expect(await peer.send(to, `${"X: y\r\n".repeat(60_000)}\r\nbody`)).toStartWith("552 5.3.4");
  const hops = (count: number) => `${"Received: from a by b\r\n".repeat(count)}${HEAD}\r\n\r\nbody`;
  expect(await peer.send(to, hops(31))).toStartWith("554 5.4.6");
  expect(town.spooled()).toEqual([]);
  expect(await peer.send(to, hops(30))).toStartWith("250");
});
