import { expect, test } from "bun:test";
import { contains, formatCidr, parseCidr, subtract, subtractAll } from "./cidr.ts";

const range = (text: string) => parseCidr(text)!;
const text = (ranges: readonly ReturnType<typeof range>[]) => ranges.map(formatCidr);

test.each([
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["127.0.0.1", "127.0.0.1"],
  ["0.0.0.0/0", "0.0.0.0/0"],
  ["::1", "::1"],
  ["::", "::"],
  ["2001:DB8:0:0:1:0:0:1/64", "2001:db8::/64"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["fe80::/10", "fe80::/10"],
  ["::ffff:1.2.3.4", "::ffff:102:304"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
])("%s is read and written as %s", (given, canonical) => {
  expect(formatCidr(range(given))).toBe(canonical);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "10.0.0.01",
  "10.0.0.1/33",
  "10.0.0.1/-1",
  "10.0.0.1/8/8",
  "10.0.0.1/",
  " 10.0.0.1",
  "0x7f.0.0.1",
  "::1::",
  ":1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1::2:3:4:5:6:7:8",
  "::g",
  "::12345",
  "1.2.3.4::",
  "::1/129",
  "localhost",
])("%p is no range", (given) => {
  expect(parseCidr(given)).toBeUndefined();
});

test("a range contains itself and what is within, of its own version", () => {
  expect(contains(range("10.0.0.0/8"), range("10.0.0.0/8"))).toBe(true);
  expect(contains(range("10.0.0.0/8"), range("10.255.255.255"))).toBe(true);
  expect(contains(range("10.0.0.0/8"), range("11.0.0.0"))).toBe(false);
  expect(contains(range("10.0.0.0/9"), range("10.0.0.0/8"))).toBe(false);
  expect(contains(range("::/0"), range("10.0.0.0"))).toBe(false);
  expect(contains(range("0.0.0.0/0"), range("255.255.255.255"))).toBe(true);
});

test("taking a range out of another leaves the fewest ranges around it", () => {
  expect(text(subtract(range("10.0.0.0/8"), range("10.0.0.0/8")))).toEqual([]);
  expect(text(subtract(range("10.0.0.0/8"), range("192.168.0.0/16")))).toEqual(["10.0.0.0/8"]);
  expect(text(subtract(range("10.0.0.0/30"), range("10.0.0.1")))).toEqual(["10.0.0.0", "10.0.0.2/31"]);
  expect(text(subtract(range("10.0.0.0/30"), range("10.0.0.0/8")))).toEqual([]);
  expect(subtract(range("::/0"), range("fe80::1"))).toHaveLength(128);
});

test("what is taken out, and only that, is missing", () => {
  const rest = subtractAll([range("127.0.0.0/8"), range("::1")], [range("127.0.0.1"), range("127.1.0.0/16")]);
  const covers = (address: string) => rest.some((one) => contains(one, range(address)));
  expect(
    ["127.0.0.0", "127.0.0.2", "127.2.0.0", "127.255.255.255", "::1"].filter((one) => !covers(one)),
  ).toEqual([]);
  expect(["127.0.0.1", "127.1.0.0", "127.1.255.255", "126.0.0.1"].filter(covers)).toEqual([]);
});
