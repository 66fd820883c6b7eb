import { expect, test } from "bun:test";
import { clientAddress, networkOf } from "./client.ts";

const none = () => false;
const proxy = (address: string) => address.startsWith("10.");

test.each([
  ["203.0.113.7", none, "203.0.113.7"],
  ["203.0.113.7", proxy, "203.0.113.7"],
  ["198.51.100.1, 203.0.113.7, 10.0.0.1", proxy, "203.0.113.7"],
  ["10.0.0.9, 203.0.113.7, 10.0.0.2, 10.0.0.1", proxy, "203.0.113.7"],
  ["10.0.0.2, 10.0.0.1", proxy, "10.0.0.2"],
  [", ,", none, ""],
  [null, none, ""],
])("of %p the visitor is the last one that is no proxy of the operator's", (field, isTrusted, address) => {
  expect(clientAddress(field, isTrusted)).toBe(address);
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["unknown", "unknown"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
