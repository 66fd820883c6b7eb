/** Who may read a val's answers from another origin: everyone, until the val itself says otherwise. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { RawResponse } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet();
  val = await hamlet.val("http", await Bun.file(join(import.meta.dir, "vals/http.ts")).text());
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const ask = (action: string, lines: readonly string[] = [], method = "GET"): Promise<RawResponse> =>
  hamlet.request(val.host, "/", { method, headers: [`X-Do: ${action}`, ...lines] });

const ORIGIN = "Origin: https://app.example";
const PREFLIGHT = [ORIGIN, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-a,x-b"];
const corsOf = (answer: RawResponse) =>
  answer.headers.filter(([name]) => name.toLowerCase().startsWith("access-control-"));

test("is open to everyone where the val says nothing", async () =>
  expect(corsOf(await ask("text", [ORIGIN]))).toEqual([
    ["access-control-allow-origin", "*"],
    ["access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE"],
  ]));

test("is the val's own where it says something", async () => {
  expect(corsOf(await ask("cors", [ORIGIN]))).toEqual([
    ["access-control-allow-origin", "https://only.example"],
  ]);
  expect(corsOf(await ask("no-cors", [ORIGIN]))).toEqual([]);
});

test("a preflight that the val does not know is allowed what it asks for", async () => {
  for (const action of ["status", "throw"]) {
    const answer = await ask(action, [...PREFLIGHT, "X-Status: 405"], "OPTIONS");
    expect([answer.status, answer.body.length]).toEqual([204, 0]);
    expect(corsOf(answer)).toContainEqual(["access-control-allow-headers", "x-a,x-b"]);
    expect(corsOf(answer)).toContainEqual(["access-control-allow-origin", "*"]);
  }
});

test("a preflight that the val answers is its own", async () => {
  const answer = await ask("own-preflight", PREFLIGHT, "OPTIONS");
  expect(answer.status).toBe(200);
  expect(corsOf(answer)).toEqual([["access-control-allow-methods", "LINK"]]);
});

test("an OPTIONS that is no preflight is the val's to refuse", async () =>
  expect((await ask("status", ["X-Status: 405"], "OPTIONS")).status).toBe(405));
