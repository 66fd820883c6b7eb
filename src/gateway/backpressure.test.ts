/** Bytes that had to wait for a slow reader are the very bytes that were sent, in their order. */

import { expect, test } from "bun:test";
import { startGateway } from "../../test/support/gateway.ts";
import { stalled } from "../../test/support/memory.ts";
import type { RawConnection } from "../../test/support/raw.ts";

const PIECES = 6000;
/** Of all sizes from a few bytes to 8 kB, so that small writes are gathered and large ones are not. */
const piece = (i: number) => `${i}:`.padEnd(8 + ((i * 37) % 8000), String.fromCharCode(97 + (i % 26)));
const WHOLE = Bun.hash(Array.from({ length: PIECES }, (_, i) => piece(i)).join(""));

async function sendPieces(to: RawConnection, progress: { sent: number }): Promise<void> {
  for (let i = 0; i < PIECES; i++) {
    const text = piece(i);
    await to.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    progress.sent = i + 1;
  }
  await to.write("0\r\n\r\n");
}

async function readPieces(from: RawConnection): Promise<number | bigint> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await from.readChunk(); chunk; chunk = await from.readChunk()) chunks.push(chunk);
  return Bun.hash(Buffer.concat(chunks));
}

test("an answer to a visitor who reads late", async () => {
  const progress = { sent: 0 };
  await using gateway = await startGateway(async (worker) => {
    await worker.readUntil("\r\n\r\n");
    await worker.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    await sendPieces(worker, progress);
    await worker.closed;
  });
  await using visitor = await gateway.connect();
  visitor.pause();
  await visitor.write("GET / HTTP/1.1\r\nHost: val.localhost\r\n\r\n");
  expect(await stalled(() => progress.sent)).toBeLessThan(PIECES);
  visitor.resume();
  await visitor.readHead();
  expect(await readPieces(visitor)).toBe(WHOLE);
}, 30_000);

test("a request to a val that reads late", async () => {
  const progress = { sent: 0 };
  const [mayRead, hash] = [Promise.withResolvers<void>(), Promise.withResolvers<number | bigint>()];
  await using gateway = await startGateway(
    async (worker) => {
      await worker.readUntil("\r\n\r\n");
      worker.pause();
      await mayRead.promise;
      worker.resume();
      hash.resolve(await readPieces(worker));
      await worker.write("HTTP/1.1 204 No Content\r\n\r\n");
      await worker.closed;
    },
    { maxBodyBytes: 100 * 1024 * 1024 },
  );
  await using visitor = await gateway.connect();
  await visitor.write("POST / HTTP/1.1\r\nHost: val.localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const sending = sendPieces(visitor, progress);
  expect(await stalled(() => progress.sent)).toBeLessThan(PIECES);
  mayRead.resolve();
  expect(await hash.promise).toBe(WHOLE);
  expect((await visitor.readResponse()).status).toBe(204);
  await sending;
}, 30_000);
