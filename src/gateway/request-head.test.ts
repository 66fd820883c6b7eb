import { describe, expect, test } from "bun:test";
import { HamletError } from "../errors.ts";
import { parseRequestHead } from "./request-head.ts";

const parse = (...lines: string[]) => parseRequestHead(lines.join("\r\n"));
const withHeaders = (...lines: string[]) => parse("POST /p HTTP/1.1", "Host: a.localhost", ...lines);

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HamletError) return error.code;
    throw error;
  }
  return "accepted";
}

test("the head of a plain request is read", () => {
  const head = parse("GET /a?b=c HTTP/1.1", "Host: me-val.web.localhost:3000", "X-One: 1");
  expect(head).toMatchObject({
    method: "GET",
    target: "/a?b=c",
    minor: 1,
    host: "me-val.web.localhost:3000",
    keepAlive: true,
    contentLength: 0,
    chunked: false,
    expectContinue: false,
    websocket: false,
    preflight: undefined,
    fields: "Host: me-val.web.localhost:3000\r\nX-One: 1\r\n",
    raw: "Host: me-val.web.localhost:3000\r\nX-One: 1",
  });
});

describe("the request line", () => {
  const TARGETS = [
    "/",
    "//",
    "/../..",
    "/a%2Fb%00%zz",
    "/?",
    "/??a=b&&",
    "/*",
    "/http://other/",
    "/\xc3\xa0\xe2\x82\xac\xf0\x9f\x98\x80",
    "/{}|\\^`\"<>[]'",
    `/${"a".repeat(8000)}`,
  ];
  for (const target of TARGETS) {
    test(`keeps the target ${target.slice(0, 40)} byte for byte`, () =>
      expect(parse(`GET ${target} HTTP/1.1`, "Host: a").target).toBe(target));
  }

  const BAD = [
    "",
    "GET",
    "GET /",
    "GET / ",
    " GET / HTTP/1.1",
    "GET  / HTTP/1.1",
    "GET /  HTTP/1.1",
    "GET / HTTP/1.1 ",
    "GET\t/\tHTTP/1.1",
    "GET / x HTTP/1.1",
    "GET /a\xa0b\tc HTTP/1.1",
    "GET /#top HTTP/1.1",
    "GET * HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "CONNECT a.localhost:80 HTTP/1.1",
    "GET http://a.localhost/ HTTP/1.1",
    "GET a HTTP/1.1",
    "G[T / HTTP/1.1",
    "G\xc9T / HTTP/1.1",
    `${"G".repeat(33)} / HTTP/1.1`,
    "GET / http/1.1",
    "GET / HTTP/1.2",
    "GET / HTTP/2.0",
    "GET / HTTP/0.9",
    "GET / HTTP/1.1.1",
    "GET / HTTP/11",
    "PRI * HTTP/2.0",
    "HTTP/1.1 200 OK",
  ];
  for (const line of BAD) {
    test(`${JSON.stringify(line.slice(0, 50))} is refused`, () =>
      expect(codeOf(() => parse(line, "Host: a"))).toBe("bad_request"));
  }
});

describe("framing", () => {
  test("a declared length", () => expect(withHeaders("Content-Length: 12").contentLength).toBe(12));
  test("chunks", () => expect(withHeaders("Transfer-Encoding: Chunked").chunked).toBe(true));

  const BAD: readonly (readonly string[])[] = [
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Content-Length: 5", "Content-Length: 5"],
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: 5, 5"],
    ["Content-Length: -1"],
    ["Content-Length: +5"],
    ["Content-Length: 0x5"],
    ["Content-Length: 5 5"],
    ["Content-Length: 5.0"],
    ["Content-Length: 1e3"],
    ["Content-Length:"],
    ["Content-Length: \xa05"],
    ["Content-Length: 9999999999999999"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding: identity"],
    ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: chunked, chunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked;q=1"],
    ['Transfer-Encoding: "chunked"'],
    ["Transfer-Encoding: chunked\x0b"],
    ["Transfer-Encoding: \x0bchunked"],
    ["Transfer-Encoding: chunked\xa0"],
    ["Transfer-Encoding:"],
    ["Transfer-Encoding : chunked"],
    ["Transfer-Encoding\t: chunked"],
    ["X: y", " Transfer-Encoding: chunked"],
    ["X: y", "\tContent-Length: 5"],
    ["Transfer_Encoding\x00: chunked"],
  ];
  for (const lines of BAD) {
    test(`${JSON.stringify(lines)} is refused`, () =>
      expect(codeOf(() => withHeaders(...lines))).toBe("bad_request"));
  }

  test("HTTP/1.0 knows no chunks", () =>
    expect(codeOf(() => parse("POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"))).toBe(
      "bad_request",
    ));
});

describe("Host", () => {
  for (const host of [
    "a",
    "a:80",
    "a:1",
    "a:9999",
    "a:59999",
    "a:65535",
    "A.b-c_d.localhost:3000",
    "127.0.0.1:1",
    "[::1]:3000",
    "a.",
  ]) {
    test(`${host} is one`, () => expect(parse("GET / HTTP/1.1", `Host: ${host}`).host).toBe(host));
  }
  const BAD: readonly (readonly string[])[] = [
    [],
    ["Host:"],
    ["Host: a", "Host: a"],
    ["Host: a", "Host: b"],
    ["Host: a, b"],
    ["Host: a b"],
    ["Host: a/b"],
    ["Host: u@a"],
    ["Host: a:"],
    ["Host: a:b"],
    ["Host: a:123456"],
    ["Host: a:65536"],
    ["Host: a:65600"],
    ["Host: a:66000"],
    ["Host: a:70000"],
    ["Host: a?b"],
    ["Host: a#b"],
    ["Host: a\\b"],
    ["Host: \xe9"],
    ["Host: http://a"],
    [`Host: ${"a".repeat(256)}`],
  ];
  for (const lines of BAD) {
    test(`${JSON.stringify(lines).slice(0, 50)} is refused`, () =>
      expect(codeOf(() => parse("GET / HTTP/1.1", ...lines))).toBe("bad_request"));
  }
});

describe("header lines", () => {
  const BAD = [
    "no colon",
    ": no name",
    "a b: c",
    "a\x00: c",
    "a: \x00",
    "a: \x01",
    "a: \x7f",
    "a: b\rc: d",
    "a: b\nc: d",
    "a(: b",
    "\xe9: b",
    "a: b\n",
    "a: b\r",
    "",
  ];
  for (const line of BAD) {
    test(`${JSON.stringify(line)} is refused`, () =>
      expect(codeOf(() => withHeaders(line, "X: y"))).toBe("bad_request"));
  }

  test("more than 256 of them are too many", () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: y`);
    expect(codeOf(() => withHeaders(...many(255)))).toBe("accepted");
    expect(codeOf(() => withHeaders(...many(256)))).toBe("headers_too_large");
  });

  test("lines are passed on byte for byte, in order and repeated", () =>
    expect(withHeaders("A: \t 1 \xe9\xa0 2 \t", "B:", "A: \x801").fields).toBe(
      "Host: a.localhost\r\nA: \t 1 \xe9\xa0 2 \t\r\nB:\r\nA: \x801\r\n",
    ));

  test("hop-by-hop fields, those that Connection names, and ours are not passed on", () =>
    expect(
      withHeaders(
        "Connection: close, X-Private",
        "X-Private: 1",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: close",
        "TE: trailers",
        "Trailer: x-sum",
        "Upgrade: h2c",
        "Expect: 100-continue",
        "X-Forwarded-For: 1.2.3.4",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: b",
        "X-Hamlet-Trace: forged",
        "X-Hamlet-Anything: forged",
        "X-Kept: 1",
      ).fields,
    ).toBe("Host: a.localhost\r\nX-Kept: 1\r\n"));

  test("more than 64 names in Connection are too many: each one is looked for", () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}`).join();
    expect(codeOf(() => withHeaders(`Connection: ${names(64)}`))).toBe("accepted");
    expect(codeOf(() => withHeaders(`Connection: ${names(65)}`))).toBe("headers_too_large");
  });

  test("Connection cannot take Host away", () =>
    expect(withHeaders("Connection: host, x", "X: 1", "Y: 2").fields).toBe("Host: a.localhost\r\nY: 2\r\n"));
});

describe("what the visitor wants of the connection", () => {
  const KEEPS: readonly [version: string, lines: string[], keeps: boolean][] = [
    ["1.1", [], true],
    ["1.1", ["Connection: Close"], false],
    ["1.1", ["Connection: x", "Connection: close"], false],
    ["1.0", [], false],
    ["1.0", ["Connection: Keep-Alive"], true],
  ];
  for (const [version, lines, keeps] of KEEPS) {
    test(`HTTP/${version} ${lines.join("; ")}: ${keeps ? "kept" : "closed"}`, () =>
      expect(parse(`GET / HTTP/${version}`, "Host: a", ...lines).keepAlive).toBe(keeps));
  }

  test("100-continue is honoured from HTTP/1.1 only; another expectation is refused", () => {
    expect(withHeaders("Expect: 100-Continue", "Content-Length: 1").expectContinue).toBe(true);
    expect(parse("POST / HTTP/1.0", "Host: a", "Expect: 100-continue").expectContinue).toBe(false);
    expect(codeOf(() => withHeaders("Expect: the-unexpected"))).toBe("bad_request");
  });

  test("only GET with Connection: upgrade and Upgrade: websocket is a WebSocket", () => {
    const upgrade = ["Host: a", "Connection: keep-alive, Upgrade", "Upgrade: WebSocket"];
    expect(parse("GET / HTTP/1.1", ...upgrade).websocket).toBe(true);
    expect(parse("POST / HTTP/1.1", ...upgrade).websocket).toBe(false);
    expect(parse("GET / HTTP/1.0", ...upgrade).websocket).toBe(false);
    expect(parse("GET / HTTP/1.1", "Host: a", "Upgrade: websocket").websocket).toBe(false);
    expect(parse("GET / HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: h2c").websocket).toBe(false);
  });
});

test("a preflight is an OPTIONS with Origin and Access-Control-Request-Method", () => {
  const ask = ["Host: a", "Origin: http://b", "Access-Control-Request-Method: PUT"];
  expect(parse("OPTIONS / HTTP/1.1", ...ask).preflight).toBe("");
  expect(parse("OPTIONS / HTTP/1.1", ...ask, "Access-Control-Request-Headers: x-a").preflight).toBe("x-a");
  expect(parse("GET / HTTP/1.1", ...ask).preflight).toBeUndefined();
  expect(parse("OPTIONS / HTTP/1.1", ask[0]!, ask[1]!).preflight).toBeUndefined();
});
