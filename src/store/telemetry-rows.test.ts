import { expect, test } from "bun:test";
import { RUN_COLUMNS, type RunRecord, runRow } from "./telemetry-rows.ts";

const RUN: RunRecord = {
  trace: "0".repeat(32),
  deployment: {
    id: "file@3",
    valId: "val",
    fileId: "file",
    branchId: "branch",
    version: 3,
    username: "ann",
    valName: "hello",
    artifact: "/",
    entry: "main.ts",
    start: "pooled",
    secret: false,
    module: "https://esm.town/v/me/hello@1-main/main.ts",
    userId: "owner",
    env: {},
  },
  kind: "http",
  method: "GET",
  url: "http://ann-hello.web.localhost:3000/",
  status: 200,
  error: undefined,
  start: 1,
  firstByte: 2,
  end: 3,
  bytesIn: 0,
  bytesOut: 12,
  worker: "w1",
  cold: false,
  aborted: false,
  requestHeaders: "",
  responseHeaders: "",
};

const rowOf = (more: Partial<RunRecord>) => {
  const values = runRow(1, { ...RUN, ...more });
  return Object.fromEntries(RUN_COLUMNS.map((column, i) => [column, values[i]]));
};

test("of headers so many are kept, and so much of them; credentials take none of it", () => {
  const many = Array.from({ length: 70 }, (_, i) => `X-${i}: ${i}`);
  const long = ["A: 1", `Cookie: ${"c".repeat(9000)}`, `B: ${"b".repeat(9000)}`, "C: 3", ""].join("\r\n");
  const row = rowOf({ requestHeaders: many.join("\r\n"), responseHeaders: long });
  expect(row.request_headers).toBe(`${many.slice(0, 64).join("\r\n")}\r\n`);
  const kept = "A: 1\r\nCookie: (hidden)\r\nB: ".padEnd(8192, "b");
  expect(row.response_headers).toBe(`${kept}…`);
  const endless = `${"A: 1\r\n".repeat(4000)}Authorization: ${"s".repeat(30_000)}`;
  expect(rowOf({ requestHeaders: endless }).request_headers).toBe("A: 1\r\n".repeat(64));
  const cut = `X: ${"x".repeat(5)}\r\nAuthorization: ${"s".repeat(60_000)}`;
  expect(rowOf({ requestHeaders: cut }).request_headers).toBe("X: xxxxx\r\nAuthorization: (hidden)");
});

test("a timeline that is empty is not one that is missing", () => {
  expect([rowOf({}).timeline, rowOf({ timeline: "" }).timeline]).toEqual([null, ""]);
});
