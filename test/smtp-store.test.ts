/** Mail over a socket to an email file of a real store, as `hamlet serve` opens it. */

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../src/config.ts";
import { openMail } from "../src/open-mail.ts";
import type { Letter } from "../src/services/email.ts";
import { MailPeer } from "./support/mail-in.ts";
import { startNameServer } from "./support/name-server.ts";
import { makeTown } from "./support/town.ts";

const MAIL = "From: Bob <bob@far.example>\r\nSubject: Hello\r\n\r\nHow are you?";

async function open(args: readonly string[] = []) {
  const town = await makeTown();
  const valId = await town.val("letters");
  const file = await town.file(valId, "mail.ts", "export default () => {}", "email");
  const names = await startNameServer();
  const letters: Letter[] = [];
  const lines: string[] = [];
  const config = parseConfig(
    ["--data", town.folder, "--mail-domain", "example.org", "--dns-server", names.address, ...args],
    {},
  );
  const line = (message: string) => void lines.push(message);
  const mail = await openMail({
    ...{ config, store: town.store },
    email: { notify: async (letter) => letters.push(letter) > 0 },
    note() {},
    log: { info: line, warn: line, error: line },
  });
  return {
    ...{ town, valId, file, letters, lines, mail },
    spooled: () => readdirSync(join(town.folder, "mails")),
    async [Symbol.asyncDispose]() {
      await mail.close();
      names[Symbol.dispose]();
      await town[Symbol.asyncDispose]();
    },
  };
}

test("a mail to a val is a row, a job and a file; with a suspended owner there is nobody", async () => {
  await using made = await open(["--smtp-port", "0"]);
  const { town, mail, file, lines } = made;
  expect(lines).toEqual([
    expect.stringMatching(
      /^Mail to addresses at example\.org comes in at 127\.0\.0\.1, port \d+, without STARTTLS/,
    ),
  ]);
  using peer = await MailPeer.connect(mail.port!);
  await peer.reply();
  expect(await peer.send([file.links.email, "Ann.Letters@example.org"], MAIL)).toStartWith("250");
  const { rows } = await town.store.inbox.listByVal(made.valId, { limit: 9, offset: 0 });
  expect(rows).toMatchObject([
    { sender: "bob@far.example", subject: "Hello", state: "waiting", fileId: file.id },
  ]);
  expect(made.spooled()).toEqual([`${rows[0]!.id}.eml`]);
  expect(await peer.send(["ann.nothing@example.org"], MAIL)).toStartWith("503");
  // There is another operator from now on.
  await town.store.accounts.change(town.bob.id, { admin: true });
  await town.store.accounts.change(rows[0]!.userId, { suspended: true });
  await peer.say("RSET");
  await peer.say("MAIL FROM:<bob@far.example>");
  expect(await peer.say(`RCPT TO:<${file.links.email}>`)).toStartWith("550 5.1.1");
});

test("without a port a mail can be handed over all the same", async () => {
  await using made = await open();
  const { mail, file, town } = made;
  expect([mail.port, made.lines]).toEqual([undefined, []]);
  const target = await town.store.inbox.resolve(file.links.email.split("@")[0]);
  const to = [{ ...target!, address: file.links.email }];
  const { id } = await mail.receive({ from: "", to }, new Blob([MAIL]).stream() as AsyncIterable<Uint8Array>);
  expect(made.spooled()).toEqual([`${id}.eml`]);
  const text = await new Response(await mail.open(id, file.links.email)).text();
  expect(text).toEndWith(MAIL);
});
