/** Where a val's connections may go: the public internet, plus and minus what the operator says. */

import { networkInterfaces } from "node:os";
import { HamletError } from "../errors.ts";
import { type Cidr, contains, formatCidr, parseCidr, subtractAll } from "./cidr.ts";

export interface Egress {
  readonly allow: readonly Allowed[];
  readonly deny: readonly Cidr[];
}

export interface Allowed {
  readonly range: Cidr;
  /** Only this port; all of them when undefined. */
  readonly port: number | undefined;
}

/**
 * Everything that is not the public internet: the IANA special-purpose registries (RFC 6890 and its updates), cloud
 * metadata, and the IPv6 forms that carry an IPv4 address inside.
 */
const NOT_PUBLIC = [
  "0.0.0.0/8", // this host
  "10.0.0.0/8",
  "100.64.0.0/10", // carrier NAT, and the metadata service of some clouds
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, metadata
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16",
  "198.18.0.0/15", // benchmarks
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "::/96", // unspecified, loopback, IPv4-compatible
  "::ffff:0:0/96", // IPv4-mapped
  "::ffff:0:0:0/96", // IPv4-translated
  "64:ff9b::/96", // NAT64
  "64:ff9b:1::/48",
  "100::/64", // discard
  "2001::/23", // Teredo, ORCHID, benchmarks
  "2002::/16", // 6to4
  "5f00::/16",
  "fc00::/7",
  "fe80::/9", // link-local and the old site-local
  "ff00::/8",
].map(toCidr);

/**
 * Addresses of examples (RFC 5737, RFC 9637). A closed lab may have its package registry there, which builds need: so
 * vals are refused them by Deno, and the network wall, which cannot tell a build from a val, lets them pass.
 */
const DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"].map(
  toCidr,
);

const LOOPBACK = ["127.0.0.0/8", "::1"].map(toCidr);

/** What the network wall refuses unless the operator opens it. */
export function refusedRanges(): readonly Cidr[] {
  return NOT_PUBLIC;
}

/** True if the range is of what never leaves a machine. */
export function isLoopback(range: Cidr): boolean {
  return LOOPBACK.some((loopback) => contains(loopback, range));
}

/** Read the operator's `--egress-allow CIDR[:port]` and `--egress-deny CIDR`; throws HamletError `config`. */
export function parseEgress(allow: readonly string[], deny: readonly string[]): Egress {
  return { allow: allow.map(parseAllowed), deny: deny.map((text) => parseRange(text, "--egress-deny")) };
}

/**
 * The entries of Deno's --deny-net. Deno compares the resolved address too, and reads ::ffff:a.b.c.d as a.b.c.d.
 * It knows no port exceptions and no IPv6 ranges (2.9): an allowed port opens its address here, IPv6 is covered address
 * by address, and both gaps are closed by the network wall.
 */
export function denoDenyList({ allow, deny }: Egress): string[] {
  // This machine's ports are opened one by one only, not by a wide range around them.
  const open = allow.flatMap(({ range }) => (isLoopback(range) ? [range] : subtractAll([range], LOOPBACK)));
  const own = ownAddresses();
  const closed = [...subtractAll([...NOT_PUBLIC, ...DOCUMENTATION, ...own], open), ...deny];
  const entries = closed.filter(({ version }) => version === 4).map(formatCidr);
  const single = subtractAll([...["::", "::1"].map(toCidr), ...own], open);
  const sixes = [...single, ...deny].filter(({ version, prefix }) => version === 6 && prefix === 128);
  return [...new Set([...entries, ...sixes.map((range) => `[${formatCidr(range)}]`)])];
}

/** Whether an address may be reached at a port: as vals are told, for what this server itself fetches at a user's word. */
export function createEgressCheck({ allow, deny }: Egress): (address: string, port: number) => boolean {
  return (text, port) => {
    const address = parseCidr(text);
    if (address === undefined) return false;
    if (deny.some((range) => contains(range, address))) return false;
    if (allow.some((one) => contains(one.range, address) && (one.port ?? port) === port)) return true;
    const closed = [...NOT_PUBLIC, ...DOCUMENTATION, ...ownAddresses()];
    return !closed.some((range) => contains(range, address));
  };
}

/** The machine's own addresses, public ones too: what listens there is the operator's. */
export function ownAddresses(): Cidr[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address }) => parseCidr(address) ?? []);
}

function toCidr(text: string): Cidr {
  const range = parseCidr(text);
  if (!range) throw new TypeError(`${text} is no CIDR`);
  return range;
}

function parseAllowed(text: string): Allowed {
  const allowed = splitPort(text);
  if (isLoopback(allowed.range) && allowed.port === undefined) {
    throw new HamletError(
      "config",
      `--egress-allow ${text} needs a port, like ${text}:8080: this machine's ports are opened one by one.`,
    );
  }
  return allowed;
}

function splitPort(text: string): Allowed {
  const [, v6, v6Port] = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? [];
  if (v6) return { range: parseRange(v6, "--egress-allow"), port: parsePort(v6Port, text) };
  const colons = text.split(":").length - 1;
  const [address = "", port] = colons === 1 ? text.split(":") : [text];
  return { range: parseRange(address, "--egress-allow"), port: parsePort(port, text) };
}

function parseRange(text: string, flag: string): Cidr {
  const range = parseCidr(text);
  if (range) return range;
  throw new HamletError(
    "config",
    `${flag} ${text} is not an address or a range. Write it like 10.1.0.0/16, 127.0.0.1:8080 or [fd00::1]:80.`,
  );
}

function parsePort(text: string | undefined, whole: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new HamletError("config", `--egress-allow ${whole} names no valid port. Use one from 1 to 65535.`);
}
