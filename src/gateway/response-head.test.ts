import { describe, expect, test } from "bun:test";
import { HamletError } from "../errors.ts";
import { parseResponseHead } from "./response-head.ts";

const parse = (lines: readonly string[], method = "GET") => parseResponseHead(lines.join("\r\n"), method);

test("the head of a plain response is read", () =>
  expect(parse(["HTTP/1.1 200 OK", "Content-Type: text/plain", "content-length: 2"])).toEqual({
    status: 200,
    reason: "OK",
    framing: { kind: "length", bytes: 2 },
    reusable: true,
    websocket: false,
    error: undefined,
    cors: false,
    fields: "Content-Type: text/plain\r\ncontent-length: 2\r\n",
  }));

describe("the end of the body", () => {
  const FRAMINGS: readonly [title: string, lines: string[], method: string, kind: string][] = [
    ["a length", ["HTTP/1.1 200 OK", "content-length: 0"], "GET", "length"],
    ["chunks", ["HTTP/1.1 200 OK", "transfer-encoding: Chunked"], "GET", "chunked"],
    ["neither, so the close", ["HTTP/1.1 200 OK"], "GET", "close"],
    ["none for HEAD", ["HTTP/1.1 200 OK", "content-length: 5"], "HEAD", "none"],
    ["none for 204", ["HTTP/1.1 204 No Content", "transfer-encoding: chunked"], "GET", "none"],
    ["none for 304", ["HTTP/1.1 304 Not Modified", "content-length: 5"], "GET", "none"],
    ["none for 1xx", ["HTTP/1.1 103 Early Hints", "link: </a>"], "GET", "none"],
  ];
  for (const [title, lines, method, kind] of FRAMINGS) {
    test(`is told by ${title}`, () => expect(parse(lines, method).framing.kind).toBe(kind as never));
  }

  test("a length is kept where it says what a body would have, dropped where none may be (RFC 9110 §8.6)", () => {
    const fieldsOf = (status: string, method: string) =>
      parse([`HTTP/1.1 ${status}`, "content-length: 5"], method).fields;
    expect(fieldsOf("200 OK", "HEAD")).toBe("content-length: 5\r\n");
    expect(fieldsOf("304 Not Modified", "GET")).toBe("content-length: 5\r\n");
    expect(fieldsOf("204 No Content", "GET")).toBe("");
    expect(fieldsOf("103 Early Hints", "GET")).toBe("");
  });

  test("a 205 without any framing is empty, and says so", () => {
    const { framing, fields } = parse(["HTTP/1.1 205 Reset Content"]);
    expect(framing).toEqual({ kind: "length", bytes: 0 });
    expect(fields).toBe("content-length: 0\r\n");
  });
});

describe("a worker cannot pass off", () => {
  const OK = "HTTP/1.1 200 OK";
  const BAD: readonly (readonly string[])[] = [
    [""],
    ["HTTP/1.1"],
    ["HTTP/1.1 2000 OK"],
    ["HTTP/1.1 20 OK"],
    ["HTTP/1.1 099 Low"],
    ["HTTP/1.1  200 OK"],
    ["HTTP/2 200"],
    ["http/1.1 200 OK"],
    ["ICY 200 OK"],
    ["200 OK"],
    ["HTTP/1.1 200 O\x00K"],
    ["HTTP/1.1 200 OK\nx: y"],
    [OK, "content-length: 5", "transfer-encoding: chunked"],
    [OK, "transfer-encoding: chunked", "content-length: 5"],
    [OK, "content-length: 5", "content-length: 5"],
    [OK, "content-length: 5, 5"],
    [OK, "content-length: -5"],
    [OK, "content-length: 0x5"],
    [OK, "transfer-encoding: gzip, chunked"],
    [OK, "transfer-encoding: identity"],
    [OK, "transfer-encoding: chunked", "transfer-encoding: chunked"],
    [OK, "a: b\rset-cookie: c"],
    [OK, "a: b\nset-cookie: c"],
    [OK, "a : b"],
    [OK, " folded: b"],
    [OK, "a: \x00"],
    [OK, ...Array.from({ length: 1025 }, (_, i) => `x-${i}: y`)],
  ];
  for (const lines of BAD) {
    test(`${JSON.stringify(lines).slice(0, 70)} as a response`, () => {
      expect(() => parse(lines)).toThrow(HamletError);
      expect(() => parse(lines)).toThrow(/^The val answered with /);
    });
  }
});

test("each set-cookie stays a line of its own, content-encoding stays", () =>
  expect(
    parse(["HTTP/1.1 200 OK", "Set-Cookie: a=1", "Set-Cookie: b=2", "Content-Encoding: gzip", "X: \xe9"])
      .fields,
  ).toBe("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Encoding: gzip\r\nX: \xe9\r\n"));

test("hop-by-hop fields and ours are not passed on", () => {
  const head = parse([
    "HTTP/1.1 200 OK",
    "Connection: close",
    "Keep-Alive: timeout=5",
    "Proxy-Connection: close",
    "Trailer: x",
    "Upgrade: h2c",
    "Transfer-Encoding: chunked",
    "X-Hamlet-Trace: forged",
    "X-Hamlet-Error: val_threw",
    "X-Kept: 1",
  ]);
  expect(head.fields).toBe("X-Kept: 1\r\n");
  expect(head.reusable).toBe(false);
  expect(head.error).toBe("val_threw");
});

test("only 101 with Upgrade: websocket is a WebSocket", () => {
  const upgrade = ["connection: upgrade", "upgrade: websocket"];
  expect(parse(["HTTP/1.1 101 Switching Protocols", ...upgrade]).websocket).toBe(true);
  expect(parse(["HTTP/1.1 200 OK", ...upgrade]).websocket).toBe(false);
  expect(parse(["HTTP/1.1 101 Switching Protocols", "upgrade: h2c"]).websocket).toBe(false);
});

describe("CORS is the val's own", () => {
  test("as soon as it sets any access-control header", () => {
    expect(parse(["HTTP/1.1 200 OK", "access-control-allow-methods: GET"]).cors).toBe(true);
    expect(parse(["HTTP/1.1 200 OK", "access-control-allow-origin: http://a"]).cors).toBe(true);
    expect(parse(["HTTP/1.1 200 OK", "content-type: text/plain"]).cors).toBe(false);
  });

  test("and an empty access-control-allow-origin switches ours off and is not sent", () => {
    const head = parse(["HTTP/1.1 200 OK", "access-control-allow-origin:"]);
    expect(head.cors).toBe(true);
    expect(head.fields).toBe("");
  });
});
