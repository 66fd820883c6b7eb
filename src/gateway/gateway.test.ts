import { describe, expect, test } from "bun:test";
import { DEPLOYMENT, startGateway } from "../../test/support/gateway.ts";
import type { RawConnection } from "../../test/support/raw.ts";

const GET = "GET / HTTP/1.1\r\nHost: val.localhost\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: val.localhost\r\n";

/** Answers every request with the head it got. */
async function echoHeads(connection: RawConnection): Promise<void> {
  for (;;) {
    const head = await connection.readUntil("\r\n\r\n");
    await connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${head.length}\r\n\r\n${head}`);
  }
}

async function never(): Promise<never> {
  throw new Error("This worker must not be asked.");
}

describe("what a worker is sent", () => {
  /** Its lines in lower case, the first one first, the others in alphabetical order. */
  async function linesFor(request: string, isTrusted = false): Promise<string[]> {
    await using gateway = await startGateway(echoHeads, { isTrusted: () => isTrusted });
    await using visitor = await gateway.connect();
    await visitor.write(request);
    const text = (await visitor.readResponse()).bodyText.toLowerCase();
    const [start = "", ...lines] = text
      .replace(/(x-hamlet-trace: )[0-9a-f]{32}\r\n/, "$1*\r\n")
      .split("\r\n");
    return [start, ...lines.filter((line) => line !== "").sort()];
  }
  const FORGED =
    "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.com\r\nX-Hamlet-Trace: x\r\n";

  test("is the visitor's own fields, who it is, a trace id, and nothing else", async () => {
    expect(await linesFor(`GET /a?b HTTP/1.1\r\nX-A: 1\r\n${FORGED}Host: val.localhost\r\n\r\n`)).toEqual([
      "get http://val.localhost/a?b http/1.1",
      "host: val.localhost",
      "x-a: 1",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-proto: http",
      "x-hamlet-trace: *",
    ]);
  });

  test("names the visitor behind a trusted proxy", async () => {
    expect(await linesFor(`GET / HTTP/1.1\r\n${FORGED}Host: val.localhost\r\n\r\n`, true)).toEqual([
      "get https://val.localhost/ http/1.1",
      "host: val.localhost",
      "x-forwarded-for: 9.9.9.9, 127.0.0.1",
      "x-forwarded-host: a.com",
      "x-forwarded-proto: https",
      "x-hamlet-trace: *",
    ]);
  });

  test("an absent body and an empty one as they were declared", async () => {
    expect(await linesFor(`${POST}Content-Length: 0\r\n\r\n`)).toContain("content-length: 0");
    expect((await linesFor(`${POST}\r\n`)).join()).not.toContain("content-length");
  });

  test("is a chunked body framed anew: no extensions, no trailers", async () => {
    const received = Promise.withResolvers<string>();
    await using gateway = await startGateway(async (connection) => {
      await connection.readUntil("\r\n\r\n");
      received.resolve(await connection.readUntil("\r\n0\r\n\r\n"));
      await connection.write("HTTP/1.1 204 No Content\r\n\r\n");
    });
    await using visitor = await gateway.connect();
    await visitor.write(`${POST}Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n`);
    await visitor.write('0005;ext="v"\r\nhello\r\n0;last\r\nx-sum: 1\r\ncontent-length: 9\r\n\r\n');
    expect((await visitor.readResponse()).status).toBe(204);
    expect(await received.promise).toBe("5\r\nhello\r\n0\r\n\r\n");
  });
});

describe("a visitor who is early", () => {
  test("may send a large body before there is a worker", async () => {
    const worker = Promise.withResolvers<void>();
    const size = 1_000_000;
    await using gateway = await startGateway(
      async (connection) => {
        await connection.readUntil("\r\n\r\n");
        const { length } = await connection.readExactly(size);
        await connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${`${length}`.length}\r\n\r\n${length}`);
      },
      { leased: worker.promise },
    );
    await using visitor = await gateway.connect();
    await visitor.write(`${POST}Content-Length: ${size}\r\n\r\n`);
    const sent = visitor.write("x".repeat(size));
    // A second connection's round trip: by then the gateway has seen the first one's bytes.
    await using other = await gateway.connect();
    await other.write("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n");
    expect((await other.readResponse()).status).toBe(404);
    worker.resolve();
    expect((await visitor.readResponse()).bodyText).toBe(`${size}`);
    await sent;
  });

  test("may leave before his host has been found", async () => {
    const [asked, found] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using gateway = await startGateway(never, {
      find: async ({ host }) => {
        if (host === "nobody") return undefined;
        asked.resolve();
        await found.promise;
        return { kind: "val", deployment: DEPLOYMENT };
      },
    });
    const visitor = await gateway.connect();
    await visitor.write(GET);
    await asked.promise;
    visitor.destroy();
    while (gateway.connections > 0) await Bun.sleep(1);
    found.resolve();
    await using other = await gateway.connect();
    await other.write("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n");
    expect((await other.readResponse()).status).toBe(404);
    expect(gateway.workerConnections).toBe(0);
  });

  test("may leave before there is a worker", async () => {
    const worker = Promise.withResolvers<void>();
    await using gateway = await startGateway(never, { leased: worker.promise });
    const visitor = await gateway.connect();
    await visitor.write(GET);
    visitor.destroy();
    while (gateway.connections > 0) await Bun.sleep(1);
    worker.resolve();
    while (gateway.runs.length === 0) await Bun.sleep(1);
    expect(gateway.runs[0]).toMatchObject({ aborted: true, status: 0 });
    expect(gateway.workerConnections).toBe(0);
  });
});

describe("our own answers", () => {
  test("an unknown host is a 404, and the connection stays", async () => {
    await using gateway = await startGateway(echoHeads);
    await using visitor = await gateway.connect();
    await visitor.write("GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n");
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("x-hamlet-error")]).toEqual([404, "unknown_host"]);
    await visitor.write(GET);
    expect((await visitor.readResponse()).status).toBe(200);
  });

  test("an unknown host is not told to go on with its body", async () => {
    await using gateway = await startGateway(never);
    await using visitor = await gateway.connect();
    await visitor.write(
      "POST / HTTP/1.1\r\nHost: nobody\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    );
    expect((await visitor.readHead()).status).toBe(404);
  });

  test("a host may be looked up, and a look-up may fail", async () => {
    const answers = [undefined, new Error("The disk is gone.")];
    await using gateway = await startGateway(never, {
      find: async () => {
        const answer = answers.shift();
        if (answer) throw answer;
        return undefined;
      },
    });
    await using visitor = await gateway.connect();
    await visitor.write(GET + GET);
    expect((await visitor.readResponse()).status).toBe(404);
    const failed = await visitor.readResponse();
    expect([failed.status, failed.header("x-hamlet-error")]).toEqual([500, "internal"]);
    expect(failed.bodyText).not.toContain("disk");
  });

  test("that end the connection say so", async () => {
    await using gateway = await startGateway(async (connection) => {
      await connection.readUntil("\r\n\r\n");
      await connection.closed;
    });
    await using visitor = await gateway.connect();
    await visitor.write(`${POST}Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n`);
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("connection")]).toEqual([400, "close"]);
    expect(await visitor.closed).toBe("end");
  });

  test("too many connections are closed, and room is made again", async () => {
    await using gateway = await startGateway(echoHeads, { maxConnections: 2 });
    await using one = await gateway.connect();
    await using two = await gateway.connect();
    for (const connection of [one, two]) {
      await connection.write(GET);
      await connection.readResponse();
    }
    await using three = await gateway.connect();
    expect(["end", "reset"]).toContain(await three.closed);
    one.destroy();
    while (gateway.connections > 1) await Bun.sleep(1);
    await using four = await gateway.connect();
    await four.write(GET);
    expect((await four.readResponse()).status).toBe(200);
  });
});

describe("in time:", () => {
  test("a connection that says nothing is closed", async () => {
    await using gateway = await startGateway(never, { headMs: 1 });
    await using visitor = await gateway.connect();
    expect(["end", "reset"]).toContain(await visitor.closed);
  });

  test("half a head is answered with 408", async () => {
    await using gateway = await startGateway(never, { headMs: 1 });
    await using visitor = await gateway.connect();
    await visitor.write("GET / HTTP/1.1\r\nHost: val.loc");
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("connection")]).toEqual([408, "close"]);
    expect(await visitor.closed).toBe("end");
  });

  test("a connection without a further request is closed", async () => {
    await using gateway = await startGateway(echoHeads, { idleMs: 1 });
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    expect((await visitor.readResponse()).status).toBe(200);
    expect(["end", "reset"]).toContain(await visitor.closed);
  });

  test("a reader who is slower than that still gets everything", async () => {
    const body = "x".repeat(500_000);
    await using gateway = await startGateway(
      async (connection) => {
        await connection.readUntil("\r\n\r\n");
        await connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      },
      { idleMs: 1 },
    );
    await using visitor = await gateway.connect();
    visitor.pause();
    await visitor.write(GET);
    while (gateway.connections > 0) await Bun.sleep(1);
    visitor.resume();
    expect((await visitor.readResponse()).bodyText).toBe(body);
    expect(await visitor.closed).toBe("end");
  });

  test("a worker that does not answer is a 504", async () => {
    await using gateway = await startGateway((connection) => connection.closed, { firstByteMs: 1 });
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("x-hamlet-error")]).toEqual([504, "no_answer"]);
    expect(gateway.notes.map((note) => note.code)).toEqual(["no_answer"]);
  });
});

describe("closing", () => {
  const streaming = (connection: RawConnection) =>
    connection
      .readUntil("\r\n\r\n")
      .then(() => connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n"))
      .then(() => connection.closed);

  test("idle connections end at once, new ones are refused, streams get their grace", async () => {
    const finish = Promise.withResolvers<void>();
    await using gateway = await startGateway(async (connection) => {
      await connection.readUntil("\r\n\r\n");
      await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n");
      await finish.promise;
      await connection.write("0\r\n\r\n");
    });
    await using idle = await gateway.connect();
    await using busy = await gateway.connect();
    await busy.write(GET + GET);
    await busy.readHead();
    const closed = gateway.close(20_000);
    expect(await idle.closed).toBe("end");
    await expect(gateway.connect()).rejects.toThrow();
    finish.resolve();
    expect(Buffer.from(await busy.readToEnd()).toString()).toBe("1\r\nx\r\n0\r\n\r\n");
    busy.destroy();
    await closed;
  });

  test("after the grace everything is cut", async () => {
    await using gateway = await startGateway(streaming);
    await using visitor = await gateway.connect();
    await visitor.write(GET);
    await visitor.readHead();
    await gateway.close(1);
    expect(["end", "reset"]).toContain(await visitor.closed);
    expect(gateway.runs).toHaveLength(1);
  });
});
