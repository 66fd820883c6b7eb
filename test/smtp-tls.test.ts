import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createTransport } from "nodemailer";
import { readCertificate } from "../src/smtp/smtp.ts";
import { type Authority, makeAuthority } from "./support/authority.ts";
import { startMailIn } from "./support/mail-in.ts";

const MAIL = "From: Bob <bob@far.example>\r\nSubject: Hello\r\n\r\nHow are you?";

/** Listens with a certificate that lies in its folder. */
async function startSecure(authority: Authority) {
  const cert = join(authority.caFile, "..", "served.crt");
  const key = join(authority.caFile, "..", "served.key");
  writeFileSync(cert, authority.tls.cert);
  writeFileSync(key, authority.tls.key);
  const town = await startMailIn({ listen: { host: "127.0.0.1", port: 0, tls: { cert, key } } });
  return Object.assign(town, { cert, key });
}

test("nodemailer sends over STARTTLS to the operator's certificate, and Received says so", async () => {
  using authority = makeAuthority();
  await using town = await startSecure(authority);
  const transport = createTransport({
    port: town.port,
    host: "127.0.0.1",
    requireTLS: true,
    tls: { ca: await Bun.file(authority.caFile).text() },
  });
  await transport.sendMail({ from: "bob@far.example", to: "box-1@town.example", text: "Hello" });
  transport.close();
  const [mail] = town.rows.all();
  expect(mail?.head).toContain("\tby town.example with ESMTPS\r\n");
});

test("what is sent in the clear behind STARTTLS is never taken for something said within TLS", async () => {
  using authority = makeAuthority();
  await using town = await startSecure(authority);
  using peer = await town.peer();
  await peer.say("EHLO far.example");
  peer.write(
    "STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@far.example>\r\nRCPT TO:<box-1@town.example>\r\n",
  );
  expect(await peer.reply()).toStartWith("220");
  await peer.secure();
  // The name that was given before is forgotten too (RFC 3207 §4.2).
  expect(await peer.say("MAIL FROM:<bob@far.example>")).toStartWith("503");
  expect(await peer.say("EHLO far.example")).not.toContain("STARTTLS");
  expect(await peer.say("DATA")).toStartWith("503");
  expect(await peer.say("MAIL FROM:<bob@far.example>")).toStartWith("250");
  expect(await peer.say("STARTTLS")).toStartWith("503");
});

test("garbage instead of a handshake ends the connection, and only that", async () => {
  using authority = makeAuthority();
  await using town = await startSecure(authority);
  for (const garbage of ["QUIT\r\n", "\0".repeat(5000), Buffer.from("160301ffff01", "hex")]) {
    using peer = await town.peer();
    await peer.say("EHLO far.example");
    expect(await peer.say("STARTTLS")).toStartWith("220");
    peer.write(garbage);
    peer.socket.end();
    await peer.closed();
  }
  using peer = await town.peer();
  expect(await peer.send(["box-1@town.example"], MAIL)).toStartWith("250");
});

test("a renewed certificate is served without a restart, and one that is no good changes nothing", async () => {
  using authority = makeAuthority();
  using renewed = makeAuthority();
  await using town = await startSecure(authority);
  const issuers: (string | undefined)[] = [];
  const look = async () => {
    using peer = await town.peer();
    await peer.say("EHLO far.example");
    await peer.say("STARTTLS");
    await peer.secure();
    issuers.push((peer.socket as TLSSocket).getPeerX509Certificate()?.fingerprint);
  };
  await look();
  writeFileSync(town.cert, "no certificate");
  await look();
  writeFileSync(town.cert, renewed.tls.cert);
  writeFileSync(town.key, renewed.tls.key);
  await look();
  const of = ({ tls }: Authority) => new X509Certificate(tls.cert).fingerprint;
  expect(issuers).toEqual([of(authority), of(authority), of(renewed)]);
});

test("a certificate without its key, or with another one's, is refused at the start with a sentence", () => {
  using authority = makeAuthority();
  using other = makeAuthority();
  const paths = ["cert.pem", "key.pem"].map((name) => join(authority.caFile, "..", name));
  const [cert = "", key = ""] = paths;
  writeFileSync(cert, authority.tls.cert);
  writeFileSync(key, other.tls.key);
  expect(() => readCertificate({ cert, key })).toThrow("--smtp-cert");
  expect(() => readCertificate({ cert, key: "/nowhere" })).toThrow("cannot be used");
});
