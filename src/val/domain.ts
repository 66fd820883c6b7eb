/** Which subdomains and which domains of its own an endpoint may have. */

import { RESERVED_USERNAMES } from "./name.ts";

/** At once, of all vals of one account. */
export const SUBDOMAINS_PER_ACCOUNT = 20;
/** With those that the account has given up and nobody else may have yet. */
export const LABELS_PER_ACCOUNT = 60;
/** How long a name that was given up stays its last owner's: links and clients go on calling it. */
export const QUARANTINE_MS = 90 * 24 * 3600 * 1000;
/** Verified or not. */
export const DOMAINS_PER_ACCOUNT = 10;
/** How long a domain waits for its verification. */
export const UNVERIFIED_MS = 7 * 24 * 3600 * 1000;

/** Names that stand for the town itself, or that machines look for by themselves. */
const RESERVED_LABELS = new Set([
  ...RESERVED_USERNAMES,
  ..."domains account accounts billing pay blog cdn dev git id imap localhost mx ns ns1 ns2 news pop sso".split(
    " ",
  ),
  ..."status store test webmail wpad autoconfig autodiscover isatap ftp ssh vpn proxy gateway login-app".split(
    " ",
  ),
]);

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
/** No resolver of the internet knows them (RFC 6761, 6762, 8375, 7686, and what networks use within). */
const LOCAL = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|arpa|onion|invalid|alt)$/;

/** Why nobody can have this subdomain, as a sentence; undefined when it can be had. `label` in lower case. */
export function subdomainProblem(label: string): string | undefined {
  if (label.length < 3 || label.length > 63) return "A subdomain has 3 to 63 characters.";
  if (!LABEL.test(label))
    return "A subdomain consists of letters, digits and dashes, and neither begins nor ends with a dash.";
  if (label.includes("--")) return "A subdomain has no two dashes in a row.";
  return RESERVED_LABELS.has(label) ? `The subdomain ${label} is reserved. Choose another.` : undefined;
}

/** What a name that somebody else might have begins with, and it itself: `a-b-c` → `a`, `a-b`, `a-b-c`. */
export function beginningsOf(label: string): string[] {
  const parts = label.split("-");
  return parts.map((_, index) => parts.slice(0, index + 1).join("-"));
}

/**
 * A domain as it is written in `Host` (lower case, IDNA in ASCII, no dot at the end), or why nobody can have it here.
 * @param town hosts of the town; they and all below are not to be had
 */
export function toDomain(text: string, town: readonly string[]): { host: string } | { problem: string } {
  const written = text.trim().replace(/\.$/, "");
  const url = /[\s/\\?#@:%[\]]/.test(written) ? undefined : `http://${written}/`;
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : "";
  if (host === "" || host.length > 253) return { problem: `${text.slice(0, 100)} is no host name.` };
  if (/^[\d.]+$/.test(host)) return { problem: "An address is no domain: choose a name that leads to it." };
  if (!host.includes(".")) return { problem: "A domain has at least one dot, as shop.example.org has." };
  if (LOCAL.test(host)) return { problem: `${host} is a name for use within one network.` };
  if (!HOST.test(host)) return { problem: `${host} is no host name.` };
  if (town.some((own) => host === own || host.endsWith(`.${own}`)))
    return { problem: `${host} belongs to this town. Choose a subdomain of the file instead.` };
  return { host };
}

/** Where the owner of a domain shows that it is his: a TXT record of this name. */
export function verificationName(host: string): string {
  return `_hamlet.${host}`;
}
