import { isIPv6 } from "node:net";

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
