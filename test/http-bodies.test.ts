/** Bodies in both directions: each piece goes on at once, none is collected, and an end is what it was. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const MAX_BODY = 1024 * 1024;
let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--max-workers-per-val", "1", "--max-body", "1MB"] });
  val = await hamlet.val("bodies", await Bun.file(join(import.meta.dir, "vals/bodies.ts")).text());
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

async function open(method: string, path: string, ...lines: string[]): Promise<RawConnection> {
  const visitor = await hamlet.connect();
  await visitor.write([`${method} ${path} HTTP/1.1`, `Host: ${val.host}`, ...lines, "", ""].join("\r\n"));
  return visitor;
}

const signal = (name: string) => hamlet.request(val.host, `/signal/${name}`);
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString();
const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`;

describe("an answer", () => {
  test("leaves piece by piece, each before the next one is made", async () => {
    await using visitor = await open("GET", "/stepping/a");
    expect((await visitor.readHead()).header("transfer-encoding")).toBe("chunked");
    for (let i = 0; i < 20; i++) {
      expect(text(await visitor.readChunk())).toBe(`${i}`);
      await signal("a");
    }
  });

  for (const kind of ["chunks", "length", "exit"]) {
    test(`that fails midway (${kind}) has delivered what there was, and ends uncleanly`, async () => {
      await using visitor = await open("GET", `/failing/${kind}`);
      expect((await visitor.readHead()).status).toBe(200);
      if (kind === "length") expect(text(await visitor.readExactly(4))).toBe("part");
      else expect(text(await visitor.readChunk())).toBe("part");
      await signal(kind);
      expect(text(await visitor.readToEnd())).toBe("");
      expect((await hamlet.request(val.host)).bodyText).toBe("good");
    });
  }

  test("that fails midway is an error to fetch, after the bytes", async () => {
    const answer = await hamlet.fetch(val, "/failing/fetch");
    const reader = answer.body!.getReader();
    expect(text((await reader.read()).value)).toBe("part");
    await signal("fetch");
    await expect(reader.read()).rejects.toThrow();
  });

  test("is not kept for a visitor who leaves: the stream is cancelled and the request aborted", async () => {
    const delays: number[] = [];
    for (let i = 0; i < 10; i++) {
      const visitor = await open("GET", `/watched/${i}`);
      await visitor.readHead();
      await visitor.readChunk();
      const left = Date.now();
      visitor.destroy();
      const { cancelled, aborted } = JSON.parse((await hamlet.request(val.host, `/parted/${i}`)).bodyText);
      delays.push(Math.max(cancelled, aborted) - left);
    }
    // The promise is 100 ms; the median says it, and no single hiccup of a busy machine can break the test.
    expect(delays.sort((a, b) => a - b)[5]).toBeLessThan(100);
    expect(delays[9]).toBeLessThan(2000);
  });

  test("ends in the same way for a visitor who hangs up in the middle of his own upload", async () => {
    const visitor = await open("POST", "/watched/upload", "Transfer-Encoding: chunked");
    await visitor.write(chunk("hello"));
    await visitor.readHead();
    visitor.destroy();
    const { aborted } = JSON.parse((await hamlet.request(val.host, "/parted/upload")).bodyText);
    expect(aborted).toBeGreaterThan(0);
  });
});

describe("a request", () => {
  test("is read piece by piece, each before the next one is sent", async () => {
    await using visitor = await open("POST", "/totals", "Transfer-Encoding: chunked");
    await visitor.write(chunk("x"));
    await visitor.readHead();
    expect(text(await visitor.readChunk())).toBe("1\n");
    for (let total = 11; total <= 101; total += 10) {
      await visitor.write(chunk("0123456789"));
      expect(text(await visitor.readChunk())).toBe(`${total}\n`);
    }
    await visitor.write("0\r\n\r\n");
    expect(await visitor.readChunk()).toBeUndefined();
  });

  test("with a declared length too", async () => {
    await using visitor = await open("POST", "/totals", "Content-Length: 3");
    await visitor.write("a");
    await visitor.readHead();
    for (const total of [1, 2, 3]) {
      expect(text(await visitor.readChunk())).toBe(`${total}\n`);
      if (total < 3) await visitor.write("b");
    }
    expect(await visitor.readChunk()).toBeUndefined();
  });

  test("and its answer flow at the same time, and the connection serves the next one", async () => {
    await using visitor = await open("POST", "/echo", "Transfer-Encoding: chunked");
    await visitor.write(chunk("first"));
    await visitor.readHead();
    expect(text(await visitor.readChunk())).toBe("first");
    for (let turn = 0; turn < 100; turn++) {
      await visitor.write(chunk(`turn ${turn}`));
      expect(text(await visitor.readChunk())).toBe(`turn ${turn}`);
    }
    await visitor.write("0\r\n\r\n");
    expect(await visitor.readChunk()).toBeUndefined();
    await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
    expect((await visitor.readResponse()).bodyText).toBe("good");
  });

  test("may be answered before it has been sent: the answer arrives, then the connection ends", async () => {
    await using visitor = await open("POST", "/early", "Content-Length: 1000000");
    await visitor.write("x".repeat(1000));
    const answer = await visitor.readResponse();
    expect([answer.status, answer.bodyText]).toEqual([403, "no need to read it"]);
    await visitor.write("x".repeat(900_000));
    expect(await visitor.closed).toBe("end");
  });

  test("that was answered early does not go on as another request", async () => {
    const rest = `GET /signal/smuggled HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`;
    await using visitor = await open("POST", "/early", `Content-Length: ${rest.length}`);
    expect((await visitor.readResponse()).status).toBe(403);
    // The connection may have been closed by now, which is as good.
    await visitor.write(rest).catch(() => {});
    expect(await visitor.readToEnd()).toHaveLength(0);
  });

  test("that is never read by the val leaves the next one alone", async () => {
    const body = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const head = `POST /early HTTP/1.1\r\nHost: ${val.host}\r\nContent-Length: ${body.length}\r\n\r\n`;
    await using visitor = await hamlet.connect();
    // In one write: an answer that comes before the body's end closes the connection.
    await visitor.write(`${head}${body}GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
    expect((await visitor.readResponse()).status).toBe(403);
    expect((await visitor.readResponse()).bodyText).toBe("good");
  });
});

describe("a body up to the limit", () => {
  test("is taken, to the byte", async () => {
    await using visitor = await open("POST", "/total", `Content-Length: ${MAX_BODY}`);
    await visitor.write("x".repeat(MAX_BODY));
    expect((await visitor.readResponse()).bodyText).toBe(`${MAX_BODY}`);
  });

  test("is taken in chunks, to the byte", async () => {
    await using visitor = await open("POST", "/total", "Transfer-Encoding: chunked");
    for (let i = 0; i < 16; i++) await visitor.write(chunk("x".repeat(MAX_BODY / 16)));
    await visitor.write("0\r\n\r\n");
    expect((await visitor.readResponse()).bodyText).toBe(`${MAX_BODY}`);
  });
});

describe("a body beyond the limit is a 413", () => {
  const expectTooLarge = async (visitor: RawConnection) => {
    const answer = await visitor.readResponse();
    expect([answer.status, answer.header("x-hamlet-error")]).toEqual([413, "body_too_large"]);
    expect(answer.header("connection")).toBe("close");
    expect(await visitor.closed).toBe("end");
  };

  test("at once where it is declared, before any of it is sent", async () => {
    await using visitor = await open("POST", "/total", `Content-Length: ${MAX_BODY + 1}`);
    await expectTooLarge(visitor);
  });

  test("also to a client that sends it all the same", async () => {
    const answer = await hamlet.fetch(val, "/total", { method: "POST", body: new Uint8Array(10 * MAX_BODY) });
    expect(answer.status).toBe(413);
  });

  test("at once where the visitor asks before he sends it", async () => {
    await using visitor = await open("POST", "/total", "Content-Length: 9999999", "Expect: 100-continue");
    expect((await visitor.readHead()).status).toBe(413);
  });

  test("as soon as its chunks are", async () => {
    await using visitor = await open("POST", "/total", "Transfer-Encoding: chunked");
    for (let i = 0; i < 16; i++) await visitor.write(chunk("x".repeat(MAX_BODY / 16)));
    await visitor.write(chunk("y"));
    await expectTooLarge(visitor);
  });

  test("or cuts an answer that has begun", async () => {
    await using visitor = await open("POST", "/totals", "Transfer-Encoding: chunked");
    await visitor.write(chunk("x"));
    expect((await visitor.readHead()).status).toBe(200);
    const sent = visitor.write(chunk("x".repeat(MAX_BODY)));
    expect(text(await visitor.readToEnd())).not.toEndWith("0\r\n\r\n");
    await sent;
  });
});

describe("Expect: 100-continue", () => {
  test("is answered with 100 where the body is welcome", async () => {
    await using visitor = await open("POST", "/total", "Content-Length: 5", "Expect: 100-continue");
    expect((await visitor.readHead()).status).toBe(100);
    await visitor.write("hello");
    expect((await visitor.readResponse()).bodyText).toBe("5");
  });

  test("is not waited for by a visitor who sends at once", async () => {
    await using visitor = await open("POST", "/total", "Content-Length: 5", "Expect: 100-continue");
    await visitor.write("hello");
    expect((await visitor.readResponse()).bodyText).toBe("5");
  });

  test("is not answered where there is no body", async () => {
    await using visitor = await open("GET", "/", "Expect: 100-continue");
    expect((await visitor.readHead()).status).toBe(200);
  });
});
