/** Whose connection a request came by, as far as it can be believed. */

import { isIPv6 } from "node:net";

/**
 * The visitor's address from `x-forwarded-for`, which the gateway writes: the last one that is no trusted proxy's, for
 * what stands before it anybody may have made up. Empty for a val of this town.
 */
export function clientAddress(
  forwardedFor: string | null | undefined,
  isTrusted: (address: string) => boolean,
): string {
  const hops = (forwardedFor ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return hops.findLast((address) => !isTrusted(address)) ?? hops[0] ?? "";
}

/** What one visitor can choose addresses from: of IPv6 the first half, because a household has all of the other. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const bare = address.replace(/%.*$/, "");
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = bare.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  if (tail !== undefined)
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - behind) }, () => "0"));
  const first = [...groups, ...(tail ?? "").split(":")].slice(0, 4);
  return `${first.map((group) => Number.parseInt(group || "0", 16).toString(16)).join(":")}::/64`;
}
