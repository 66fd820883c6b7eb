/** A worker runs a stranger's code: whatever bytes it writes, a visitor gets one valid answer or one of our errors. */

import { describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../../test/support/gateway.ts";
import type { RawConnection } from "../../test/support/raw.ts";

const GET = "GET / HTTP/1.1\r\nHost: val.localhost\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";
/** Must never reach a visitor. */
const STRAY = "HTTP/1.1 200 OK\r\nset-cookie: stolen=1\r\ncontent-length: 5\r\n\r\nstray";

/** A worker that answers each connection's first request with `first`, every further one well. */
const answering = (first: string) => async (connection: RawConnection) => {
  for (let answer = first; ; answer = OK) {
    await connection.readUntil("\r\n\r\n");
    await connection.write(answer);
  }
};

/** A worker that answers the very first request with `bytes`, then hangs up; further connections well. */
function hangingUpAfter(bytes: string) {
  let first = true;
  return async (connection: RawConnection) => {
    if (!first) return answering(OK)(connection);
    first = false;
    await connection.readUntil("\r\n\r\n");
    await connection.write(bytes);
    connection.end();
    await connection.closed;
  };
}

async function expectServesOn(gateway: TestGateway): Promise<void> {
  await using next = await gateway.connect();
  await next.write(GET + GET);
  for (let i = 0; i < 2; i++) expect((await next.readResponse()).bodyText).toBe("good");
}

describe("answered with 502, and the next visitor with what is due:", () => {
  const BAD: readonly [title: string, bytes: string][] = [
    ["garbage", "hello, this is not HTTP\r\n\r\n"],
    ["binary garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["another protocol version", "HTTP/2 200\r\n\r\n"],
    [
      "content-length beside chunked",
      `HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${STRAY}`,
    ],
    [
      "chunked beside content-length",
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n${STRAY}`,
    ],
    ["two lengths", `HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 9\r\n\r\n${STRAY}`],
    ["a negative length", `HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n${STRAY}`],
    ["an unknown transfer-encoding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nx"],
    ["a header with a bare CR", "HTTP/1.1 200 OK\r\nx: a\rset-cookie: b\r\n\r\n"],
    ["a header with a bare LF", "HTTP/1.1 200 OK\r\nx: a\nset-cookie: b\r\n\r\n"],
    ["a header with NUL", "HTTP/1.1 200 OK\r\nx: \0\r\n\r\n"],
    ["a folded header", "HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(200_000)}`],
    ["a giant head", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(200_000)}\r\n\r\n`],
    ["10,000 headers", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(10_000)}\r\n`],
    [
      "101 to a plain request",
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n${STRAY}`,
    ],
    ["a flood of interim answers", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000)],
    ["a flood of 100s", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)],
  ];
  for (const [title, bytes] of BAD) {
    test(title, async () => {
      await using gateway = await startGateway(hangingUpAfter(bytes));
      await using visitor = await gateway.connect();
      await visitor.write(GET);
      const answer = await visitor.readResponse();
      expect(answer.status).toBe(502);
      expect(answer.header("x-hamlet-error")).toBe("bad_response");
      expect(answer.text + answer.bodyText).not.toMatch(/stolen|stray/);
      expect(gateway.notes.map((note) => note.code)).toEqual(["bad_response"]);
      await expectServesOn(gateway);
    });
  }
});

describe("never meets the next visitor:", () => {
  const BAD: readonly [title: string, bytes: string, body: string][] = [
    ["a second answer in the same write", `${OK}${STRAY}`, "good"],
    ["bytes beyond the declared length", `${OK}stray`, "good"],
    [
      "bytes after the last chunk",
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n${STRAY}`,
      "good",
    ],
    ["a body behind a 204", `HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nstray`, ""],
    ["a body behind a 304", `HTTP/1.1 304 Not Modified\r\n\r\n${STRAY}`, ""],
    ["a body behind a length of 0", `HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n${STRAY}`, ""],
  ];
  for (const [title, bytes, body] of BAD) {
    test(title, async () => {
      await using gateway = await startGateway(answering(bytes));
      await using visitor = await gateway.connect();
      await visitor.write(GET);
      const answer = await visitor.readResponse();
      expect(answer.bodyText).toBe(body);
      await using next = await gateway.connect();
      // The poisoned connection is gone: whoever comes next is given a fresh one, and gets that one's first answer.
      await next.write(GET);
      expect((await next.readResponse()).bodyText).toBe(body);
      expect(gateway.workerConnections).toBe(2);
      expect(Buffer.from(visitor.pending).toString()).toBe("");
      expect(Buffer.from(next.pending).toString()).toBe("");
    });
  }

  test("an answer that nobody asked for, sent while the connection is idle", async () => {
    const [answered, hungUp] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let first = true;
    await using gateway = await startGateway(async (connection) => {
      if (!first) return answering(OK)(connection);
      first = false;
      await connection.readUntil("\r\n\r\n");
      await connection.write(OK);
      await answered.promise;
      await connection.write(STRAY);
      await connection.closed;
      hungUp.resolve();
    });
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    expect((await visitor.readResponse()).bodyText).toBe("good");
    answered.resolve();
    await hungUp.promise;
    await expectServesOn(gateway);
  });

  test("an answer to a request whose body it did not read: that connection is not used again", async () => {
    await using gateway = await startGateway(answering(OK));
    await using visitor = await gateway.connect();
    await visitor.write("POST / HTTP/1.1\r\nHost: val.localhost\r\nContent-Length: 5\r\n\r\n1");
    expect((await visitor.readResponse()).bodyText).toBe("good");
    await expectServesOn(gateway);
    expect(gateway.workerConnections).toBe(2);
  });

  test("a body that answers HEAD", async () => {
    await using gateway = await startGateway(answering(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstray`));
    await using visitor = await gateway.connect();
    await visitor.write("HEAD / HTTP/1.1\r\nHost: val.localhost\r\n\r\n");
    expect((await visitor.readResponse("HEAD")).header("content-length")).toBe("5");
    await visitor.write(GET);
    expect((await visitor.readResponse()).status).toBe(200);
    expect(gateway.workerConnections).toBe(2);
  });
});

describe("what came is delivered, then the end is unclean:", () => {
  const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n";
  const BROKEN: readonly [title: string, bytes: string][] = [
    ["the worker hangs up within a declared length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\npart"],
    ["the worker hangs up between chunks", CHUNKED],
    ["the worker hangs up within a chunk", `${CHUNKED}9\r\nhalf`],
    ["the worker hangs up within the trailers", `${CHUNKED}0\r\nx: y\r\n`],
    ["a chunk size is not a number", `${CHUNKED}xyz\r\n${STRAY}`],
    ["a chunk size has a sign", `${CHUNKED}-1\r\n${STRAY}`],
    ["a chunk is longer than it says", `${CHUNKED}1\r\nstray\r\n0\r\n\r\n`],
    ["a size line never ends", `${CHUNKED}1;${"a".repeat(10_000)}`],
    ["trailers never end", `${CHUNKED}0\r\n${"x: y\r\n".repeat(10_000)}`],
  ];
  for (const [title, bytes] of BROKEN) {
    test(title, async () => {
      await using gateway = await startGateway(hangingUpAfter(bytes));
      await using visitor = await gateway.connect();
      await visitor.write(GET);
      expect((await visitor.readHead()).status).toBe(200);
      const rest = Buffer.from(await visitor.readToEnd()).toString("latin1");
      expect(rest).toContain("part");
      expect(rest).not.toMatch(/stolen|0\r\n\r\n$/);
      await expectServesOn(gateway);
    });
  }

  test("and a body that ends with the connection ends cleanly for the visitor", async () => {
    await using gateway = await startGateway(hangingUpAfter("HTTP/1.1 200 OK\r\n\r\nwhole"));
    await using visitor = await gateway.connect();
    await visitor.write(GET + GET);
    expect((await visitor.readResponse()).bodyText).toBe("whole");
    expect((await visitor.readResponse()).bodyText).toBe("good");
  });
});

describe("a worker that hangs up before it answers", () => {
  test("is a 502 that says so, with the pool's reason for the author", async () => {
    await using gateway = await startGateway(hangingUpAfter(""));
    gateway.kill({ reason: "memory", message: "It used more memory than a val may." });
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("x-hamlet-error")]).toEqual([502, "val_died"]);
    expect(gateway.notes.map((note) => note.message)).toEqual(["It used more memory than a val may."]);
    await expectServesOn(gateway);
  });

  /** Closes each connection when its second request comes; counts what it saw. */
  function closingOnSecond(seen: string[]) {
    return async (connection: RawConnection) => {
      seen.push((await connection.readUntil("\r\n\r\n")).split(" ")[0]!);
      await connection.write(OK);
      seen.push((await connection.readUntil("\r\n\r\n")).split(" ")[0]!);
    };
  }

  test("on a kept connection: a GET is asked again on a fresh one, once", async () => {
    const seen: string[] = [];
    await using gateway = await startGateway(closingOnSecond(seen));
    await using visitor = await gateway.connect();
    for (let i = 0; i < 2; i++) {
      await visitor.write(GET);
      expect((await visitor.readResponse()).bodyText).toBe("good");
    }
    expect(seen).toEqual(["GET", "GET", "GET"]);
  });

  test("on a kept connection: a POST may have been done already, so it is not asked again (RFC 9110 §9.2.2)", async () => {
    const seen: string[] = [];
    await using gateway = await startGateway(closingOnSecond(seen));
    gateway.kill({ reason: "exit", message: "It ended." });
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    await visitor.readResponse();
    await visitor.write(GET.replace("GET", "POST"));
    expect((await visitor.readResponse()).status).toBe(502);
    expect(seen).toEqual(["GET", "POST"]);
  });
});

test("early hints reach an HTTP/1.1 visitor before the answer; 100 and HTTP/1.0 get none", async () => {
  const hinted = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n${OK}`;
  await using gateway = await startGateway(answering(hinted));
  await using visitor = await gateway.connect();
  await visitor.write(GET);
  const hint = await visitor.readHead();
  expect([hint.status, hint.header("link")]).toEqual([103, "</a.css>"]);
  expect((await visitor.readResponse()).bodyText).toBe("good");

  await using second = await startGateway(answering(hinted));
  await using old = await second.connect();
  await old.write(GET.replace("1.1", "1.0"));
  expect((await old.readHead()).status).toBe(200);
});

test("an answer in single bytes is the same answer", async () => {
  const wire =
    "HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n4;ext\r\ngood\r\n0\r\nx-sum: 1\r\n\r\n";
  await using gateway = await startGateway(async (connection) => {
    for (;;) {
      await connection.readUntil("\r\n\r\n");
      for (const byte of wire) await connection.write(byte);
    }
  });
  await using visitor = await gateway.connect();
  for (let i = 0; i < 3; i++) {
    await visitor.write(GET);
    const answer = await visitor.readResponse();
    expect([answer.header("x"), answer.bodyText, answer.header("x-sum")]).toEqual(["y", "good", undefined]);
  }
  expect(gateway.workerConnections).toBe(1);
});
