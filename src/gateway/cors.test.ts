import { describe, expect, test } from "bun:test";
import { corsFields, isRefusedPreflight } from "./cors.ts";
import { parseRequestHead } from "./request-head.ts";
import { parseResponseHead } from "./response-head.ts";

const request = (method: string, ...lines: string[]) =>
  parseRequestHead([`${method} / HTTP/1.1`, "Host: a", "Origin: http://b", ...lines].join("\r\n"));
const preflight = request(
  "OPTIONS",
  "Access-Control-Request-Method: PUT",
  "Access-Control-Request-Headers: x-a, x-b",
);
const response = (status: number, ...lines: string[]) =>
  parseResponseHead([`HTTP/1.1 ${status} X`, ...lines].join("\r\n"), "OPTIONS");

test("anyone may call a val that says nothing about CORS", () =>
  expect(corsFields(request("GET"))).toBe(
    "access-control-allow-origin: *\r\naccess-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n",
  ));

test("a preflight is allowed the headers that it asks for", () =>
  expect(corsFields(preflight)).toEndWith("access-control-allow-headers: x-a, x-b\r\n"));

describe("a preflight is answered for the val", () => {
  for (const status of [301, 404, 405, 500])
    test(`that answers it with ${status}`, () =>
      expect(isRefusedPreflight(preflight, response(status))).toBe(true));

  test("but not for one that allows it, or that has CORS headers of its own", () => {
    expect(isRefusedPreflight(preflight, response(204))).toBe(false);
    expect(isRefusedPreflight(preflight, response(403, "access-control-allow-origin: http://c"))).toBe(false);
  });

  test("and no other request is", () => {
    expect(isRefusedPreflight(request("OPTIONS"), response(404))).toBe(false);
    expect(isRefusedPreflight(request("GET"), response(404))).toBe(false);
  });
});
