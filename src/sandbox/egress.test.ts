import { expect, test } from "bun:test";
import { HamletError } from "../errors.ts";
import { contains, parseCidr } from "./cidr.ts";
import { denoDenyList, parseEgress, refusedRanges } from "./egress.ts";
import { firewall, loopbackPorts } from "./nft.ts";

const refuses = (list: readonly string[], address: string) =>
  list.some((entry) => {
    const range = parseCidr(entry.replace(/^\[|\]$/g, ""));
    return range !== undefined && contains(range, parseCidr(address)!);
  });

const NOT_PUBLIC =
  "0.0.0.1 10.9.8.7 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.31.0.1 192.168.1.1 198.19.0.1 224.0.0.1 255.255.255.255";
const NOT_PUBLIC_V6 =
  ":: ::1 ::ffff:127.0.0.1 ::10.0.0.1 64:ff9b::a00:1 2002:7f00:1:: 2001:0:1::1 fc00::1 fdff::1 fe80::1 fec0::1 ff02::1 100::1";
const PUBLIC =
  "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.0.1 172.15.255.255 172.32.0.0 192.167.0.1 223.255.255.255";

test("the network wall refuses every address that is not public, and no other", () => {
  const covered = (address: string) => refusedRanges().some((range) => contains(range, parseCidr(address)!));
  expect(`${NOT_PUBLIC} ${NOT_PUBLIC_V6}`.split(" ").filter((one) => !covered(one))).toEqual([]);
  expect(`${PUBLIC} 2606:4700::1111 2a00::1 3000::1`.split(" ").filter(covered)).toEqual([]);
});

test("Deno refuses the same of IPv4, and this machine's own addresses", () => {
  const list = denoDenyList(parseEgress([], []));
  expect(`${NOT_PUBLIC} ::1 ::`.split(" ").filter((one) => !refuses(list, one))).toEqual([]);
  expect(PUBLIC.split(" ").filter((one) => refuses(list, one))).toEqual([]);
  expect(list).toContain("[::1]");
});

test("an allowed range is taken out of what is refused, a denied one is put back in", () => {
  const list = denoDenyList(
    parseEgress(["10.1.0.0/16", "[::1]:80", "127.0.0.1:8080"], ["10.1.5.0/24", "1.1.1.1"]),
  );
  const answers = ["10.1.0.1", "10.2.0.1", "10.1.5.1", "1.1.1.1", "::1", "127.0.0.1", "127.0.0.2"].map(
    (one) => refuses(list, one),
  );
  expect(answers).toEqual([false, true, true, true, false, false, true]);
});

test.each([
  "nowhere",
  "10.0.0.0/40",
  "127.0.0.1:0",
  "127.0.0.1:65536",
  "127.0.0.1:x",
  "[::1",
  "::1:80:",
  "127.0.0.1",
])("--egress-allow %s is refused", (text) => {
  expect(() => parseEgress([text], [])).toThrow(HamletError);
});

test("a wide range does not open this machine", () => {
  const egress = parseEgress(["0.0.0.0/0"], []);
  const list = denoDenyList(egress);
  expect(["10.0.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9"].map((one) => refuses(list, one))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(firewall(egress, "169.254.1.53")).toContain('oifname != "lo" ip daddr 0.0.0.0/0 accept');
});

test("the firewall lets the resolver and what is allowed pass before it refuses", () => {
  const egress = parseEgress(
    ["10.1.0.0/16:5432", "127.0.0.1:8080", "[::1]:9090", "10.2.0.0/16"],
    ["10.1.5.0/24"],
  );
  const lines = firewall(egress, "169.254.1.53")
    .split("\n")
    .map((line) => line.trim());
  const at = (part: string) => lines.findIndex((line) => line.includes(part));
  expect(at("ip daddr 169.254.1.53 udp dport 53 accept")).toBeGreaterThan(0);
  expect(at("ip daddr 10.1.5.0/24")).toBeLessThan(at("ip daddr 10.1.0.0/16 tcp dport 5432 accept"));
  expect(at("ip daddr 10.2.0.0/16 accept")).toBeLessThan(at("ip daddr {"));
  expect(at('oifname "lo" tcp dport 8080 accept')).toBeLessThan(at('oifname "lo" meta l4proto tcp reject'));
  expect(loopbackPorts(egress)).toEqual([8080, 9090]);
  expect(lines.filter((line) => line.includes("5432")).every((line) => line.includes("dport 5432"))).toBe(
    true,
  );
});
