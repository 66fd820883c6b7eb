/** What an exchange puts on record of how its bodies passed. */

import { expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../../test/support/gateway.ts";
import type { RawConnection } from "../../test/support/raw.ts";
import { readTimeline } from "../val/timeline.ts";

const GET = "GET / HTTP/1.1\r\nHost: val.localhost\r\n\r\n";
const HEAD = "HTTP/1.1 200 OK\r\n";

/** The record of one call: `visit` asks, `serve` answers once it has the head. */
async function recordOf(
  serve: (worker: RawConnection) => Promise<unknown>,
  visit: (visitor: RawConnection) => Promise<unknown>,
) {
  await using gateway = await startGateway(async (worker) => {
    await worker.readUntil("\r\n\r\n");
    await serve(worker);
  });
  await using visitor = await gateway.connect();
  await visit(visitor);
  return await ended(gateway);
}

async function ended({ runs }: TestGateway) {
  for (;;) {
    const run = runs.find(({ end }) => end > 0);
    if (run !== undefined) return run;
    await Bun.sleep(5);
  }
}

const sizes = (bars: readonly (readonly number[])[]) => bars.map(([, bytes]) => bytes);
const get = async (visitor: RawConnection) => {
  await visitor.write(GET);
  return await visitor.readResponse();
};

test.each([
  ["a body of one piece", `${HEAD}content-length: 5\r\n\r\nhello`, 5],
  ["a chunk", `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 5],
  ["none", `${HEAD}content-length: 0\r\n\r\n`, 0],
])(
  "an answer that comes at once, with %s, needs no more than is on record of each call",
  async (_, answer, bytes) => {
    const run = await recordOf((worker) => worker.write(answer), get);
    expect([run.timeline, run.bytesOut]).toEqual(["", bytes]);
  },
);

test("pieces that come together are told apart by their chunks", async () => {
  const chunks = `${HEAD}transfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbb\r\n3\r\nccc\r\n0\r\n\r\n`;
  const run = await recordOf((worker) => worker.write(chunks), get);
  const { request, response } = readTimeline(run.timeline!);
  expect([request.bars, sizes(response.bars)]).toEqual([[], [1, 2, 3]]);
});

test("a body whose end is the connection's, and whose head comes alone, arrives whole", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = await recordOf(
    async (worker) => {
      await worker.write(`${HEAD}connection: close\r\n\r\n`);
      await promise;
      await worker.write("late");
    },
    async (visitor) => {
      await visitor.write(GET);
      const head = await visitor.readHead();
      resolve();
      expect(Buffer.from(await visitor.readBody(head, "GET")).toString()).toBe("late");
    },
  );
  const { bars } = readTimeline(run.timeline!).response;
  expect(sizes(bars)).toEqual([4]);
  expect(bars[0]![0]).toBeGreaterThanOrEqual(Math.floor((run.firstByte - run.start) * 100) / 100);
});

test("what came before an answer broke off is there", async () => {
  const run = await recordOf(
    (worker) => worker.write(`${HEAD}content-length: 10\r\n\r\nhello`),
    async (visitor) => {
      await visitor.write(GET);
      await visitor.readToEnd();
    },
  );
  expect([run.error, sizes(readTimeline(run.timeline!).response.bars)]).toEqual(["val_died", [5]]);
});

test("a request's pieces are told as they went on, and a tunnel's are not", async () => {
  const post = await recordOf(
    async (worker) => {
      for (const chunk of ["a", "bb"])
        expect(Buffer.from((await worker.readChunk())!).toString()).toBe(chunk);
      await worker.write(`${HEAD}content-length: 2\r\n\r\nok`);
    },
    async (visitor) => {
      await visitor.write(
        "POST / HTTP/1.1\r\nHost: val.localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
      );
      await visitor.write("2\r\nbb\r\n0\r\n\r\n");
      await visitor.readResponse();
    },
  );
  const { request, response } = readTimeline(post.timeline!);
  expect([sizes(request.bars), sizes(response.bars)]).toEqual([[1, 2], [2]]);
  const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const tunnel = await recordOf(
    (worker) => worker.write(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`),
    async (visitor) => {
      const fields = `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${upgrade}`;
      await visitor.write(`GET / HTTP/1.1\r\nHost: val.localhost\r\n${fields}\r\n`);
      await visitor.readToEnd();
    },
  );
  expect([tunnel.status, tunnel.timeline]).toEqual([101, undefined]);
});
