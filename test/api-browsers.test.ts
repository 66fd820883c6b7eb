/** Callers in browsers, and those who ask for heads only. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;

beforeAll(async () => {
  town = await makeTown();
});
afterAll(() => town[Symbol.asyncDispose]());

test("browsers of any origin may call, with whatever headers the SDK adds", async () => {
  const asked = "authorization,content-type,x-stainless-lang,x-vt-version,if-none-match";
  const preflight = await town.call("OPTIONS", "/api/v2/vals", {
    token: "",
    base: "http://localhost:3000",
    headers: {
      origin: "https://elsewhere.example",
      "access-control-request-method": "DELETE",
      "access-control-request-headers": asked,
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe(asked);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("DELETE");
  expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  for (const path of ["/v1/me", "/v1/unknown", `/v2/vals/${UNKNOWN}`]) {
    const answer = await town.call("GET", path, { headers: { origin: "https://elsewhere.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-expose-headers")).toContain("etag");
  }
});

test("HEAD answers as GET does, without the body", async () => {
  const answer = await town.call("HEAD", "/v1/me");
  expect([answer.status, answer.text]).toEqual([200, ""]);
});
