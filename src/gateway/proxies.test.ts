import { expect, test } from "bun:test";
import { clientAddress } from "./proxies.ts";

const isTrusted = (address: string) => address.startsWith("10.") || address === "::1";

test("the visitor's address is the last that is no trusted proxy's, whatever the visitor wrote before it", () => {
  expect(clientAddress("10.0.0.1", isTrusted)).toBe("10.0.0.1");
  expect(clientAddress("192.0.2.7, 10.0.0.1", isTrusted)).toBe("192.0.2.7");
  expect(clientAddress("127.0.0.1, 10.9.9.9, 192.0.2.7, 10.0.0.2, 10.0.0.1", isTrusted)).toBe("192.0.2.7");
  expect(clientAddress("192.0.2.7:5000, [2001:db8::1]:443, ::1", isTrusted)).toBe("2001:db8::1");
  expect(clientAddress("192.0.2.7:5000, 10.0.0.1", isTrusted)).toBe("192.0.2.7");
});

test("a hop that cannot be read counts as its proxy, so that garbage is nobody's fresh address", () => {
  expect(clientAddress("192.0.2.7, unknown, 10.0.0.1", isTrusted)).toBe("10.0.0.1");
  expect(clientAddress("", isTrusted)).toBe("");
});
