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
