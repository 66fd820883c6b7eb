/** Arithmetic on IPv4 and IPv6 ranges (RFC 4632, RFC 4291). */

export interface Cidr {
  readonly version: 4 | 6;
  /** The first address of the range. */
  readonly start: bigint;
  /** Bits that are fixed: 0–32 or 0–128. */
  readonly prefix: number;
}

/** Parse `10.0.0.0/8`, `fc00::/7` or a single address; undefined when it is none. Bits beyond the prefix are cut. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const version = address.includes(":") ? 6 : 4;
  const value = version === 6 ? parseV6(address) : parseV4(address);
  if (value === undefined || rest.length > 0) return undefined;
  const bits = version === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : decimal(length, bits);
  if (prefix === undefined) return undefined;
  const host = BigInt(bits - prefix);
  return { version, start: (value >> host) << host, prefix };
}

/** The canonical text; a single address is written without its prefix length. */
export function formatCidr(cidr: Cidr): string {
  const address = cidr.version === 4 ? formatV4(cidr.start) : formatV6(cidr.start);
  return cidr.prefix === width(cidr) ? address : `${address}/${cidr.prefix}`;
}

/** True if every address of `inner` lies in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  if (outer.version !== inner.version || outer.prefix > inner.prefix) return false;
  const host = BigInt(width(outer) - outer.prefix);
  return outer.start >> host === inner.start >> host;
}

/** `range` without `hole`, as the fewest ranges, in ascending order. */
export function subtract(range: Cidr, hole: Cidr): Cidr[] {
  if (contains(hole, range)) return [];
  if (!contains(range, hole)) return [range];
  const prefix = range.prefix + 1;
  const half = 1n << BigInt(width(range) - prefix);
  const low: Cidr = { version: range.version, start: range.start, prefix };
  const high: Cidr = { version: range.version, start: range.start + half, prefix };
  return [...subtract(low, hole), ...subtract(high, hole)];
}

/** All of `ranges` without all of `holes`. */
export function subtractAll(ranges: readonly Cidr[], holes: readonly Cidr[]): Cidr[] {
  return holes.reduce((rest, hole) => rest.flatMap((range) => subtract(range, hole)), [...ranges]);
}

function width(cidr: Cidr): number {
  return cidr.version === 4 ? 32 : 128;
}

function decimal(text: string, max: number): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".").map((part) => decimal(part, 255));
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (part === undefined) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? "", halves.length === 1);
  const tail = groups(halves[1] ?? "", true);
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  return all.reduce((value, group) => (value << 16n) | group, 0n);
}

/** 16-bit groups of one side of `::`; a dotted IPv4 address may end the `last` side. */
function groups(text: string, last: boolean): bigint[] | undefined {
  if (text === "") return [];
  const result: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (last && part.includes(".") && index === parts.length - 1) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      result.push(v4 >> 16n, v4 & 0xffffn);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      result.push(BigInt(`0x${part}`));
    }
  }
  return result;
}

function formatV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function formatV6(value: bigint): string {
  const parts = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  const text = parts.map((part) => part.toString(16)).join(":");
  // RFC 5952: the longest run of zero groups becomes `::`, the first one of equals.
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const run = runs[0];
  if (!run) return text;
  const before = text.slice(0, run.index).replace(/:$/, "");
  const after = text.slice(run.index + run[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
