/** The header lines that we put before a mail (RFC 5321 §4.4), and what a sender must not be able to say in our name. */

import { VALS_PASSED } from "../services/email-mail.ts";
import { type Field, fieldOf } from "./head.ts";
import type { MailEnvelope } from "./types.ts";

/** What stands in a mail that we say ourselves, and the name of the same length that it gets. */
const OURS: Readonly<Record<string, string>> = {
  "authentication-results": "X-Foreign-Auth-Results",
  "x-hamlet-mail-id": "X-Foreign-MailId",
  "return-path": "X-Past-Path",
};

/** `Received`, `Authentication-Results` and the mail's id. */
export function ourHead(of: {
  readonly id: string;
  readonly domain: string;
  readonly envelope: MailEnvelope;
  readonly at: number;
  /** What is known of its sender, without the line's name. */
  readonly authentication: string | undefined;
}): string {
  const { id, domain, envelope, at, authentication } = of;
  const { peer, to } = envelope;
  const [only] = to.length === 1 ? to : [];
  const lines = [
    // Never missing: the first line of this name is ours, and none of the sender's is taken for it.
    `Authentication-Results: ${authentication ?? `${domain}; none`}`,
    `X-Hamlet-Mail-Id: ${id}`,
    // The last one: a mail may begin with space, and so go on with the line before it.
    [
      peer === undefined
        ? `Received: by ${domain} with HTTP`
        : `Received: from ${word(peer.helo)} (${literal(peer.ip)})\r\n\tby ${domain} with ${peer.protocol}`,
      `\tid ${id}${only === undefined ? "" : `\r\n\tfor <${only.address}>`};`,
      `\t${dateOf(at)}`,
    ].join("\r\n"),
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** What each recipient's copy begins with. */
export function deliveryHead(sender: string, address: string, head: string): string {
  return `Return-Path: <${sender}>\r\nDelivered-To: ${address}\r\n${head}`;
}

/** Where the mail has fields that would pass for ours, and the names that they get (RFC 8601 §5). */
export function foreignFields(head: readonly Field[], domain: string): { at: number; name: string }[] {
  return head.flatMap(({ name, value, at }) => {
    const instead = OURS[name];
    if (instead === undefined) return [];
    // Another server's results may stay: it says whose they are.
    if (name === "authentication-results" && !saysItIs(value, domain)) return [];
    return [{ at, name: instead }];
  });
}

/** How many servers it has come through. */
export const hopsOf = (head: readonly Field[]) => head.filter(({ name }) => name === "received").length;

/** Through how many vals of this town it came, one after the other, as the town wrote it; whoever makes it up only shortens the way. */
export function valsPassed(head: readonly Field[]): number {
  const [count = "0"] = /^\d{1,3}$/.exec(fieldOf(head, VALS_PASSED.toLowerCase()) ?? "") ?? [];
  return Number(count);
}

/** The id within a Message-ID that is ours. */
export function ownMessageId(head: readonly Field[], domain: string): string | undefined {
  const [, id, host = ""] = /^<([0-9a-f-]{36})@([^>]+)>$/i.exec(fieldOf(head, "message-id") ?? "") ?? [];
  return host.toLowerCase() === domain ? id?.toLowerCase() : undefined;
}

/** Whether it says that no person wrote it: `auto-replied`, `auto-generated` (RFC 3834 §5). */
export function automatic(head: readonly Field[]): "no" | "generated" | "replied" {
  const value = fieldOf(head, "auto-submitted")?.toLowerCase() ?? "no";
  const word = /^[a-z-]*/.exec(value)![0];
  if (word === "auto-replied") return "replied";
  return word === "no" || word === "" ? "no" : "generated";
}

// ── Inner parts ─────────────────────────────────────────────────────────────────────────────────────────────

/** Comments and quotes may stand before the name of who says it. */
function saysItIs(value: string, domain: string): boolean {
  const [before = ""] = value.split(";");
  const name = before.replace(/\([^()]*\)/g, " ").replaceAll('"', " ");
  return name
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .some((part) => part === domain);
}

/** What a peer calls itself: whatever could end a line or a comment is left out. */
const word = (text: string) => text.replace(/[^\w.:[\]-]/g, "?").slice(0, 255) || "unknown";

const literal = (ip: string) => (ip.includes(":") ? `[IPv6:${ip}]` : `[${ip}]`);

/** RFC 5322 §3.3. */
const dateOf = (at: number) => new Date(at).toUTCString().replace("GMT", "+0000");
