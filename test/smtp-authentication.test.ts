/** SPF, DKIM and DMARC of mails that come in, asked of a name server of the test's own. */

import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { createTransport } from "nodemailer";
import { startMailIn, type TestMailIn } from "./support/mail-in.ts";

async function resultsOf(town: TestMailIn): Promise<string> {
  const mail = town.rows.all().at(-1)!;
  const text = await new Response(await town.mail.open(mail.id, "box-1@town.example")).text();
  return /^Authentication-Results: ((?:.*\r\n)(?:[ \t].*\r\n)*)/m.exec(text)?.[1]?.replace(/\s+/g, " ") ?? "";
}

test("a mail that is signed and comes from where its domain says passes; one that is forged is taken too, and told", async () => {
  await using town = await startMailIn();
  // Short, for the record must fit into one string.
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  town.names.records.set("far.example", ["v=spf1 ip4:127.0.0.1 -all"]);
  town.names.records.set("k._domainkey.far.example", [`v=DKIM1; k=rsa; p=${publicKey.toString("base64")}`]);
  town.names.records.set("_dmarc.far.example", ["v=DMARC1; p=reject"]);
  town.names.records.set("strict.example", ["v=spf1 -all"]);
  const transport = createTransport({
    port: town.port,
    host: "127.0.0.1",
    ignoreTLS: true,
    name: "far.example",
  });
  const dkim = { domainName: "far.example", keySelector: "k", privateKey };
  await transport.sendMail({ from: "bob@far.example", to: "box-1@town.example", text: "Hello", dkim });
  const good = await resultsOf(town);
  expect(good).toStartWith("town.example; ");
  for (const part of ["dkim=pass", "spf=pass", "dmarc=pass"]) expect(good).toContain(part);
  const envelope = { from: "eve@strict.example", to: "box-1@town.example" };
  await transport.sendMail({ envelope, from: "bob@far.example", to: "box-1@town.example", text: "Hello" });
  transport.close();
  const forged = await resultsOf(town);
  for (const part of ["dkim=none", "spf=fail", "dmarc=fail"]) expect(forged).toContain(part);
});

test("name servers that fail, and mails that would be too much to check, cost the header and nothing else", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 0 } });
  using peer = await town.peer();
  town.names.fail(true);
  const head = "From: bob@far.example\r\nSubject: Hello";
  expect(await peer.send(["box-1@town.example"], `${head}\r\n\r\nHi`)).toStartWith("250");
  expect(await resultsOf(town)).toContain("spf=temperror");
  const signature = "DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=k; h=from; bh=YQ==; b=YQ==\r\n";
  expect(await peer.send(["box-1@town.example"], `${signature.repeat(11)}${head}\r\n\r\nHi`)).toStartWith(
    "250",
  );
  expect(await resultsOf(town)).not.toContain("dkim=");
});

test("no sender writes results of his own into ours, by what he calls himself, his keys or how his mail begins", async () => {
  await using town = await startMailIn({ limits: { ratePerMinute: 0 } });
  using peer = await town.peer();
  const signature =
    "DKIM-Signature: v=1; a=rsa-sha256; d=far.example; i=dmarc=pass@far.example; s=dmarc=pass; h=from; bh=YQ==; b=YQ==\r\n";
  for (const from of ["bob;dmarc=pass@far.example", '"dmarc=pass"@far.example', "x)dmarc=pass@far.example"])
    for (const head of ["From: boss@bank.example", `${signature}From: a@dmarc=pass;.example`]) {
      expect(await peer.send(["box-1@town.example"], `${head}\r\n\r\nHi`, from)).toStartWith("250");
      const results = await resultsOf(town);
      expect([from, results]).toEqual([from, expect.stringContaining("spf=none smtp.mailfrom=far.example")]);
      expect(results).not.toContain("dmarc=pass");
    }
  expect(await peer.send(["box-1@town.example"], " dmarc=pass\r\nFrom: a@far.example\r\n\r\nHi")).toStartWith(
    "250",
  );
  const { id } = town.rows.all().at(-1)!;
  const mail = await new Response(await town.mail.open(id, "box-1@town.example")).text();
  expect(mail).toContain(`\r\nX-Hamlet-Mail-Id: ${id}\r\nReceived: `);
  expect(mail).toContain(" +0000\r\n dmarc=pass\r\n");
});

test("where nothing is known our line says so, so that no other one is the first", async () => {
  await using town = await startMailIn({ listen: undefined });
  const one = await town.rows.resolve("box-1");
  const to = [{ ...one!, address: "box-1@town.example" }];
  const forged = "Authentication-Results: mx.evil.example; dmarc=pass\r\nFrom: boss@bank.example\r\n\r\nHi";
  await town.mail.receive({ from: "a@b.example", to }, new Blob([forged]).stream() as never);
  expect(await resultsOf(town)).toBe("town.example; none ");
});
