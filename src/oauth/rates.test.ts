import { expect, test } from "bun:test";
import { createRates } from "./rates.ts";

test("each address has its own calls a minute, for each thing to be done", () => {
  let now = 0;
  const rates = createRates(() => now);
  const register = (address: string) => rates.wait("POST", "/reg", address);
  for (let i = 0; i < 10; i++) expect(register("192.0.2.1")).toBe(0);
  now = 15_000;
  expect(register("192.0.2.1")).toBe(45);
  expect(register("192.0.2.2")).toBe(0);
  expect(rates.wait("POST", "/token", "192.0.2.1")).toBe(0);
  expect(rates.wait("GET", "/.well-known/openid-configuration", "192.0.2.1")).toBe(0);
  now = 60_000;
  expect(register("192.0.2.1")).toBe(0);
});

test("all addresses of one network of IPv6 are one caller", () => {
  const rates = createRates(() => 0);
  const from = (address: string) => rates.wait("POST", "/reg", address);
  for (let i = 0; i < 10; i++) expect(from(`2001:db8::${i}`)).toBe(0);
  expect(from("2001:db8:0:0:ffff::1")).toBe(60);
  expect(from("2001:db8:0:1::1")).toBe(0);
});
