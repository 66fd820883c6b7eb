/** One request, one answer: what a val sees of a request, and what a visitor sees of an answer. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { RawResponse } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet();
  val = await hamlet.val("http", await Bun.file(join(import.meta.dir, "vals/http.ts")).text());
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Sends these header lines and no others but `Host`; what the val saw. */
async function seen(start: string, lines: readonly string[] = [], body = ""): Promise<Seen> {
  await using visitor = await hamlet.connect();
  await visitor.write(`${[start, `Host: ${val.host}`, ...lines].join("\r\n")}\r\n\r\n${body}`);
  const answer = await visitor.readResponse();
  expect(answer.status).toBe(200);
  return JSON.parse(answer.bodyText);
}

const ask = (action: string, lines: readonly string[] = [], method = "GET"): Promise<RawResponse> =>
  hamlet.request(val.host, "/", { method, headers: [`X-Do: ${action}`, ...lines] });

const headersOf = (request: Seen, name: string) =>
  request.headers.filter(([key]) => key === name).map(([, value]) => value);

describe("a val sees", () => {
  test("the public URL, scheme and port included", async () =>
    expect((await seen("GET /a/b?c=d HTTP/1.1")).url).toBe(`http://${val.host}/a/b?c=d`));

  const TARGETS = [
    "/",
    "/?",
    "/??",
    "/?a=b&&c==d&e",
    "/a%20b%2Fc%2f%00%41",
    "/%zz%",
    "/a+b;c=d,e:f@g!h$i'j(k)*l~m",
    "//",
    "//a//b/",
    "//other.example/a",
    "/http://other.example/",
    "/%2e%2e/",
    "/.%2e/a",
    "/a/./b",
    "/../a",
    "/a/../../b/..",
    "/*",
    "/?/../?",
    "/?q=\"{}|[]^`<>'",
    "/\xc3\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80?\xc3\xa0",
    `/${"long/".repeat(2000)}`,
  ];
  for (const target of TARGETS) {
    test(`the path ${target.slice(0, 40)} byte for byte`, async () => {
      const { url } = await seen(`GET ${target} HTTP/1.1`);
      expect(Buffer.from(url).toString()).toBe(
        Buffer.from(`http://${val.host}${target}`, "latin1").toString(),
      );
    });
  }

  test("every method, and no header that the visitor did not send but who he is", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"]) {
      const request = await seen(`${method} / HTTP/1.1`);
      expect(request.method).toBe(method);
      expect(request.headers.map(([name]) => name).sort()).toEqual([
        "host",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-hamlet-trace",
      ]);
    }
  });

  test("header values as they were sent, repeated ones together, cookies too", async () => {
    const request = await seen("GET / HTTP/1.1", [
      "User-Agent: a/1 (b; c)",
      "ACCEPT: a, b;q=0.1",
      "Accept-Encoding: br",
      "X-Twice: 1",
      "X-Empty:",
      "X-Twice: 2",
      "Cookie: a=1; b=2",
      "Authorization: Bearer x",
      'If-None-Match: "x"',
      "Range: bytes=0-1",
      "X-Latin: caf\xe9",
    ]);
    const value = (name: string) => headersOf(request, name).join("|");
    expect(value("user-agent")).toBe("a/1 (b; c)");
    expect(value("accept")).toBe("a, b;q=0.1");
    expect(value("accept-encoding")).toBe("br");
    expect(value("x-twice")).toBe("1, 2");
    expect(value("x-empty")).toBe("");
    expect(headersOf(request, "x-empty")).toHaveLength(1);
    expect(value("cookie")).toBe("a=1; b=2");
    expect(value("authorization")).toBe("Bearer x");
    expect(value("if-none-match")).toBe('"x"');
    expect(value("range")).toBe("bytes=0-1");
    expect(value("x-latin")).toBe("caf\xe9");
  });

  test("no forged x-forwarded-* or x-hamlet-*", async () => {
    const request = await seen("GET / HTTP/1.1", [
      "X-Forwarded-For: 6.6.6.6",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: other.example",
      "X-Hamlet-Trace: forged",
      "x-hamlet-error: forged",
    ]);
    expect(request.url).toStartWith("http://");
    expect(headersOf(request, "x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(headersOf(request, "x-forwarded-proto")).toEqual(["http"]);
    expect(JSON.stringify(request)).not.toMatch(/forged|other\.example/);
  });

  test("what a trusted proxy says of the visitor", async () => {
    await using proxied = await startHamlet({ args: ["--trusted-proxy", "127.0.0.0/8"] });
    const behind = await proxied.val("http", await Bun.file(join(import.meta.dir, "vals/http.ts")).text());
    const answer = await proxied.request(behind.host, "/", {
      headers: [
        "X-Forwarded-For: 6.6.6.6, 7.7.7.7",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: a.example",
      ],
    });
    const request: Seen = JSON.parse(answer.bodyText);
    expect(request.url).toBe(`https://${behind.host}/`);
    expect(headersOf(request, "x-forwarded-for")).toEqual(["6.6.6.6, 7.7.7.7, 127.0.0.1"]);
    expect(headersOf(request, "x-forwarded-host")).toEqual(["a.example"]);
  }, 60_000);

  test("a body with its declared length, an empty one, and one in chunks without their trailers", async () => {
    const declared = await seen("POST / HTTP/1.1", ["Content-Length: 5"], "hello");
    expect([declared.body, ...headersOf(declared, "content-length")]).toEqual(["hello", "5"]);
    const empty = await seen("POST / HTTP/1.1", ["Content-Length: 0"]);
    expect([empty.body, ...headersOf(empty, "content-length")]).toEqual(["", "0"]);
    const chunks = "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n";
    const chunked = await seen("POST / HTTP/1.1", ["Transfer-Encoding: chunked", "Trailer: X-Sum"], chunks);
    expect(chunked.body).toBe("hello world");
    expect(headersOf(chunked, "x-sum")).toEqual([]);
  });

  test("no body of a GET (the Fetch standard knows none), and its bytes are no request either", async () => {
    await using visitor = await hamlet.connect();
    const body = "GET /body HTTP/1.1\r\n\r\n";
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\n`;
    await visitor.write(`${get("/1")}Content-Length: ${body.length}\r\n\r\n${body}${get("/2")}\r\n`);
    for (const path of ["/1", "/2"]) {
      const request: Seen = JSON.parse((await visitor.readResponse()).bodyText);
      expect([request.url, request.body]).toEqual([`http://${val.host}${path}`, ""]);
    }
  });
});

describe("a visitor sees", () => {
  test("the trace and the version that answered, never ones that the val made up", async () => {
    for (const action of ["forge", "text"]) {
      const answer = await ask(action);
      expect(answer.header("x-hamlet-trace")).toMatch(/^[0-9a-f]{32}$/);
      expect(answer.header("x-hamlet-trace")).not.toBe("f".repeat(32));
      expect(answer.header("x-hamlet-version")).toMatch(/^[1-9]$/);
    }
    expect((await ask("text")).header("x-hamlet-trace")).not.toBe(
      (await ask("text")).header("x-hamlet-trace"),
    );
  });

  for (const status of [200, 201, 202, 205, 206, 226, 300, 400, 401, 404, 418, 429, 451, 500, 503, 599]) {
    test(`the val's own status ${status}, its body and no mark of ours`, async () => {
      const answer = await ask("status", [`X-Status: ${status}`]);
      expect(answer.status).toBe(status);
      expect(answer.bodyText).toBe(status === 205 ? "" : `status ${status}`);
      expect(answer.header("x-hamlet-error")).toBeUndefined();
    });
  }

  for (const status of [204, 304]) {
    test(`no body and no framing with ${status}, and the connection goes on`, async () => {
      await using visitor = await hamlet.connect();
      const request = `GET / HTTP/1.1\r\nHost: ${val.host}\r\nX-Do: status\r\nX-Status: ${status}\r\n\r\n`;
      await visitor.write(request + request);
      for (let i = 0; i < 2; i++) {
        const answer = await visitor.readResponse();
        expect(answer.status).toBe(status);
        expect(answer.header("transfer-encoding")).toBeUndefined();
        expect(answer.header("content-length")).toBeUndefined();
      }
    });
  }

  test("a redirect as it is, not followed", async () => {
    const answer = await ask("redirect");
    expect(answer.status).toBe(302);
    expect(answer.header("location")).toBe("https://elsewhere.example/a?b#c");
  });

  test("each set-cookie on a line of its own", async () => {
    const answer = await ask("cookies");
    const cookies = answer.headers.filter(([name]) => name.toLowerCase() === "set-cookie");
    expect(cookies.map(([, value]) => value)).toEqual([
      "a=1; Path=/",
      "b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
      "c=3",
    ]);
  });

  test("compressed bytes untouched, whatever he accepts", async () => {
    const plain = await ask("gzip");
    const accepting = await ask("gzip", ["Accept-Encoding: gzip, br"]);
    const refusing = await ask("gzip", ["Accept-Encoding: identity"]);
    for (const answer of [plain, accepting, refusing]) {
      expect(answer.header("content-encoding")).toBe("gzip");
      expect(Buffer.compare(answer.body, plain.body)).toBe(0);
    }
    expect(gunzipSync(plain.body).toString()).toBe(
      "the same bytes, whatever the visitor accepts\n".repeat(100),
    );
  });

  test("nothing compressed that the val did not compress", async () => {
    const answer = await ask("text", ["Accept-Encoding: gzip, br, zstd"]);
    expect(answer.header("content-encoding")).toBeUndefined();
    expect(answer.header("vary")).toBeUndefined();
    expect(answer.bodyText).toBe("compress me ".repeat(10_000));
  });

  test("a declared length where the val knows it", async () =>
    expect((await ask("text")).header("content-length")).toBe("120000"));

  test("an empty body", async () => {
    const answer = await ask("no-body");
    expect([answer.status, answer.body.length, answer.header("content-length")]).toEqual([200, 0, "0"]);
  });

  test("bytes beyond ASCII in a header", async () =>
    expect((await ask("latin")).header("x-latin")).toBe("caf\xe9"));

  test("the head alone with HEAD, and the connection goes on", async () => {
    await using visitor = await hamlet.connect();
    const request = (method: string) => `${method} / HTTP/1.1\r\nHost: ${val.host}\r\nX-Do: text\r\n\r\n`;
    await visitor.write(request("HEAD") + request("GET"));
    const head = await visitor.readResponse("HEAD");
    expect([head.status, head.header("content-length")]).toEqual([200, "120000"]);
    expect((await visitor.readResponse()).bodyText).toHaveLength(120_000);
  });
});

describe("a val that fails", () => {
  for (const action of ["throw", "no-response"]) {
    test(`(${action}) is a 500 of ours that keeps the reason to itself`, async () => {
      const answer = await ask(action);
      expect(answer.status).toBe(500);
      expect(answer.header("x-hamlet-error")).toBe("val_threw");
      expect(answer.header("x-hamlet-trace")).toMatch(/^[0-9a-f]{32}$/);
      expect(answer.bodyText).not.toContain("secret");
      expect(JSON.parse(answer.bodyText).code).toBe("val_threw");
    });
  }

  test("shows a page to a browser", async () => {
    const answer = await ask("throw", ["Accept: text/html"]);
    expect(answer.header("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.bodyText).toContain("500");
  });
});

describe("too much of a head is a 431:", () => {
  const BIG: readonly [title: string, path: string, headers: string[]][] = [
    ["a long path", `/${"a".repeat(40_000)}`, []],
    ["a long header", "/", [`X-A: ${"a".repeat(40_000)}`]],
    ["many headers", "/", Array.from({ length: 300 }, (_, i) => `X-${i}: y`)],
  ];
  for (const [title, path, headers] of BIG) {
    test(title, async () => {
      const answer = await hamlet.request(val.host, path, { headers });
      expect([answer.status, answer.header("x-hamlet-error")]).toEqual([431, "headers_too_large"]);
    });
  }
});
