import { expect, test } from "bun:test";
import type { Deployment } from "../val/deployment.ts";
import { type Destination, HostTable } from "./host.ts";

const destination = (id: string): Destination => ({ kind: "val", deployment: { id } as Deployment });
const A = destination("a");
const B = destination("b");

function counting(answers: Readonly<Record<string, Destination>> = {}) {
  const asked: string[] = [];
  const table = new HostTable(async (host) => {
    asked.push(host);
    return answers[host];
  });
  return { asked, table };
}

test("a host is found in any case, with a port, and with a dot at its end", () => {
  const { asked, table } = counting();
  table.set("me-val.web.localhost", A);
  for (const host of ["me-val.web.localhost", "ME-Val.web.localhost:3000", "me-val.web.localhost.:80"])
    expect(table.find(host)).toBe(A);
  expect(asked).toEqual([]);
});

test("an IPv6 address is found with and without a port", () => {
  const { table } = counting();
  table.set("[::1]", A);
  expect(table.find("[::1]")).toBe(A);
  expect(table.find("[::1]:3000")).toBe(A);
});

test("a miss asks once, concurrent misses together, and the answer is remembered", async () => {
  const { asked, table } = counting({ a: A });
  expect(await Promise.all([table.find("a"), table.find("A:80"), table.find("nobody")])).toEqual([
    A,
    A,
    undefined,
  ]);
  expect(table.find("a")).toBe(A);
  expect(table.find("nobody")).toBeUndefined();
  expect(asked).toEqual(["a", "nobody"]);
});

test("a saved val replaces a remembered miss, also one that is being asked", async () => {
  const { table } = counting();
  await table.find("a");
  table.set("a", A);
  expect(table.find("a")).toBe(A);

  const pending = table.find("b");
  table.set("b", B);
  expect(await pending).toBe(B);
  expect(table.find("b")).toBe(B);
});

test("a deleted host is asked for again", async () => {
  const { asked, table } = counting();
  table.set("a", A);
  table.delete("a");
  expect(await table.find("a")).toBeUndefined();
  expect(asked).toEqual(["a"]);
});

test("a failed look-up is not remembered", async () => {
  let fails = true;
  const table = new HostTable(async () => {
    if (fails) throw new Error("The disk is gone.");
    return A;
  });
  await expect(table.find("a")).rejects.toThrow("The disk is gone.");
  fails = false;
  expect(await table.find("a")).toBe(A);
});

test("a visitor who asks for ever new names cannot fill the memory", async () => {
  const { asked, table } = counting();
  for (let i = 0; i <= 10_000; i++) await table.find(`n${i}`);
  expect(table.find("n10000")).toBeUndefined();
  expect(asked).toHaveLength(10_001);
  await table.find("n0");
  expect(asked).toHaveLength(10_002);
});
