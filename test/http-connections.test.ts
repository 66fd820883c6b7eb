/** Many requests on one connection: kept, pipelined, closed; HTTP/1.0 and HTTP/1.1. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let echo: TestVal;
let bodies: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--max-workers-per-val", "1"] });
  const sourceOf = (name: string) => Bun.file(join(import.meta.dir, `vals/${name}.ts`)).text();
  echo = await hamlet.val("http", await sourceOf("http"));
  bodies = await hamlet.val("bodies", await sourceOf("bodies"));
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const request = (start: string, host: string, ...lines: string[]) =>
  [start, `Host: ${host}`, ...lines, "", ""].join("\r\n");

/** The next answer's view of its request: method, path and body. */
async function nextSeen(visitor: RawConnection): Promise<string> {
  const { method, url, body } = JSON.parse((await visitor.readResponse()).bodyText);
  return `${method} ${new URL(url).pathname} ${body}`;
}

describe("a connection is kept", () => {
  test("for one request after the other, to several vals", async () => {
    await using visitor = await hamlet.connect();
    for (let i = 0; i < 50; i++) {
      await visitor.write(request(`GET /${i} HTTP/1.1`, echo.host));
      expect(await nextSeen(visitor)).toBe(`GET /${i} `);
      await visitor.write(request("GET / HTTP/1.1", bodies.host));
      expect((await visitor.readResponse()).bodyText).toBe("good");
    }
  });

  test("after an answer of ours", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(request("GET / HTTP/1.1", "nobody.example"));
    expect((await visitor.readResponse()).status).toBe(404);
    await visitor.write(request("GET / HTTP/1.1", echo.host, "X-Do: throw"));
    expect((await visitor.readResponse()).status).toBe(500);
    await visitor.write(request("GET /next HTTP/1.1", echo.host));
    expect(await nextSeen(visitor)).toBe("GET /next ");
  });

  test("over empty lines between requests", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(
      `\r\n\r\n${request("GET /1 HTTP/1.1", echo.host)}\r\n${request("GET /2 HTTP/1.1", echo.host)}`,
    );
    expect([await nextSeen(visitor), await nextSeen(visitor)]).toEqual(["GET /1 ", "GET /2 "]);
  });
});

describe("requests sent ahead are answered in order", () => {
  test("two hundred of them", async () => {
    await using visitor = await hamlet.connect();
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    await visitor.write(paths.map((path) => request(`GET ${path} HTTP/1.1`, echo.host)).join(""));
    for (const path of paths) expect(await nextSeen(visitor)).toBe(`GET ${path} `);
  });

  const MIXED = (host: string) => [
    `${request("POST /a HTTP/1.1", host, "Content-Length: 5")}hello`,
    request("GET /b HTTP/1.1", host),
    `${request("POST /c HTTP/1.1", host, "Transfer-Encoding: chunked")}3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n`,
    request("POST /d HTTP/1.1", host, "Content-Length: 0"),
    `${request("PUT /e HTTP/1.1", host, "Content-Length: 2")}\r\n`,
    request("DELETE /f HTTP/1.1", host),
  ];
  const ANSWERS = ["POST /a hello", "GET /b ", "POST /c foobar", "POST /d ", "PUT /e \r\n", "DELETE /f "];

  test("with bodies of every kind", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(MIXED(echo.host).join(""));
    for (const answer of ANSWERS) expect(await nextSeen(visitor)).toBe(answer);
  });

  test("split into single bytes", async () => {
    await using visitor = await hamlet.connect();
    for (const byte of MIXED(echo.host).join("")) await visitor.write(byte);
    for (const answer of ANSWERS) expect(await nextSeen(visitor)).toBe(answer);
  });

  test("large ones too, with more ahead than is kept", async () => {
    await using visitor = await hamlet.connect();
    const body = "x".repeat(300_000);
    const upload = `${request("POST /total HTTP/1.1", bodies.host, `Content-Length: ${body.length}`)}${body}`;
    const sent = visitor.write(upload.repeat(10));
    for (let i = 0; i < 10; i++) expect((await visitor.readResponse()).bodyText).toBe("300000");
    await sent;
  });

  test("none is begun before the one before it has ended", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(request("POST /echo HTTP/1.1", bodies.host, "Transfer-Encoding: chunked"));
    await visitor.write("1\r\na\r\n");
    await visitor.readHead();
    expect(Buffer.from((await visitor.readChunk())!).toString()).toBe("a");
    await visitor.write(`1\r\nb\r\n0\r\n\r\n${request("GET /after HTTP/1.1", echo.host)}`);
    expect(Buffer.from((await visitor.readChunk())!).toString()).toBe("b");
    expect(await visitor.readChunk()).toBeUndefined();
    expect(await nextSeen(visitor)).toBe("GET /after ");
  });

  test("and the ones behind a bad one are not looked at", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(
      request("GET /good HTTP/1.1", echo.host) +
        request("BAD", echo.host) +
        request("GET /late HTTP/1.1", echo.host),
    );
    expect(await nextSeen(visitor)).toBe("GET /good ");
    const refused = await visitor.readResponse();
    expect([refused.status, refused.header("connection")]).toEqual([400, "close"]);
    expect(await visitor.readToEnd()).toHaveLength(0);
  });
});

describe("a connection ends", () => {
  test("when the visitor asks for it, and what he sent behind it is not looked at", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(
      request("GET /1 HTTP/1.1", echo.host, "Connection: close") + request("GET /2 HTTP/1.1", echo.host),
    );
    const answer = await visitor.readResponse();
    expect(answer.header("connection")).toBe("close");
    expect(JSON.parse(answer.bodyText).url).toEndWith("/1");
    expect(await visitor.readToEnd()).toHaveLength(0);
    expect(await visitor.closed).toBe("end");
  });

  test("after a stream whose visitor asked for it", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(request("GET /megabytes/2 HTTP/1.1", bodies.host, "Connection: close"));
    expect((await visitor.readResponse()).body).toHaveLength(2 * 1024 * 1024);
    expect(await visitor.closed).toBe("end");
  });
});

describe("HTTP/1.0", () => {
  /** Its answers have no chunks: a length, or the end of the connection. */
  test("gets one answer, then the end", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(request("GET /old HTTP/1.0", echo.host));
    const head = await visitor.readHead();
    expect(head.header("transfer-encoding")).toBeUndefined();
    const body = Buffer.from(await visitor.readToEnd()).toString();
    expect(JSON.parse(body).url).toEndWith("/old");
    expect(await visitor.closed).toBe("end");
  });

  test("gets a stream as plain bytes that end with the connection, also when it wants to keep it", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(request("GET /megabytes/2 HTTP/1.0", bodies.host, "Connection: keep-alive"));
    const head = await visitor.readHead();
    expect([head.header("transfer-encoding"), head.header("connection")]).toEqual([undefined, "close"]);
    expect(await visitor.readToEnd()).toHaveLength(2 * 1024 * 1024);
  });

  test("keeps the connection where it asks for it and a length is known", async () => {
    await using visitor = await hamlet.connect();
    for (const path of ["/1", "/2"]) {
      await visitor.write(request(`GET ${path} HTTP/1.0`, echo.host, "Connection: keep-alive", "X-Do: text"));
      const answer = await visitor.readResponse();
      expect([answer.header("connection"), answer.header("content-length")]).toEqual([
        "keep-alive",
        "120000",
      ]);
    }
  });

  test("may send a body of a declared length", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(`${request("POST /b HTTP/1.0", echo.host, "Content-Length: 3")}abc`);
    const head = await visitor.readHead();
    expect(head.status).toBe(200);
    expect(JSON.parse(Buffer.from(await visitor.readToEnd()).toString()).body).toBe("abc");
  });
});

test("a request in single bytes is the same request", async () => {
  await using visitor = await hamlet.connect();
  for (const byte of request("GET /slowly?a HTTP/1.1", echo.host, "X-A: b")) await visitor.write(byte);
  expect(await nextSeen(visitor)).toBe("GET /slowly ");
});
