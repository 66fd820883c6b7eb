import { describe, expect, test } from "bun:test";
import { HamletError } from "../errors.ts";
import { errorResponse } from "./error-page.ts";

const CALL = { trace: "0123", deployment: { version: 7 } };
const ABOUT = { accept: "*/*", method: "GET", call: CALL, close: false };
const died = new HamletError("val_died", "secret detail at /srv/town/main.ts:3");

function answer(error = died, about: Partial<typeof ABOUT> = {}) {
  const wire = errorResponse(error, { ...ABOUT, ...about }).toString();
  const [head = "", body = ""] = wire.split("\r\n\r\n");
  return { head: head.split("\r\n"), body };
}

test("a program gets JSON with the status, the code and the trace", () => {
  const { head, body } = answer();
  expect(head[0]).toBe("HTTP/1.1 502 Bad Gateway");
  expect(head).toContain("content-type: application/json");
  expect(head).toContain("x-hamlet-error: val_died");
  expect(head).toContain("x-hamlet-trace: 0123");
  expect(head).toContain("x-hamlet-version: 7");
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toEqual({
    statusCode: 502,
    error: "Bad Gateway",
    message: died.publicMessage,
    code: "val_died",
    trace: "0123",
  });
});

test("a browser gets a page", () => {
  const { head, body } = answer(died, { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
  expect(head).toContain("content-type: text/html; charset=utf-8");
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(body).toStartWith("<!doctype html>");
  expect(body).toContain("502 · Bad Gateway");
  expect(body).toContain("0123");
});

test("neither shows what is for the author's log only", () => {
  for (const accept of ["*/*", "text/html"]) {
    expect(JSON.stringify(answer(died, { accept }))).not.toContain("secret");
  }
});

test("HEAD gets the head alone", () => {
  const { head, body } = answer(died, { method: "HEAD" });
  expect(head.find((line) => line.startsWith("content-length: "))).not.toBe("content-length: 0");
  expect(body).toBe("");
});

describe("the head says", () => {
  test("that the connection ends, when it does", () => {
    expect(answer(died, { close: true }).head).toContain("connection: close");
    expect(answer().head).not.toContain("connection: close");
  });

  test("when to try again, when there is too much to do", () => {
    expect(answer(new HamletError("overloaded")).head).toContain("retry-after: 1");
    expect(answer().head.join()).not.toContain("retry-after");
  });

  test("that any page may read it, and nobody may keep it", () => {
    expect(answer().head).toContain("access-control-allow-origin: *");
    expect(answer().head).toContain("cache-control: no-store");
  });
});
