/** Whoever is slow holds the other side back; nothing is collected in between. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { largestBelow, residentBytes, stalled } from "./support/memory.ts";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const MB = 1024 * 1024;
const FLOW = 200 * MB;
/** Far above what the sockets' buffers and a garbage collector's laziness take, far below what wants to flow. */
const SLACK = 64 * MB;
let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--max-workers-per-val", "1", "--max-body", "300MB"] });
  val = await hamlet.val("bodies", await Bun.file(join(import.meta.dir, "vals/bodies.ts")).text());
  await hamlet.request(val.host);
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** Fails when the gateway or a worker has grown by the time `action` is over. */
async function expectFlat(action: () => Promise<void>): Promise<void> {
  const before = [residentBytes(hamlet.pid), largestBelow(hamlet.pid)] as const;
  await action();
  expect(residentBytes(hamlet.pid) - before[0]).toBeLessThan(SLACK);
  expect(largestBelow(hamlet.pid) - before[1]).toBeLessThan(SLACK);
}

/** Writes piece after piece until the other side takes no more; says how many bytes it took. */
function flood(visitor: RawConnection, piece: Uint8Array, total: number): { sent: number } {
  const state = { sent: 0 };
  const go = async () => {
    while (state.sent < total) {
      await visitor.write(piece);
      state.sent += piece.length;
    }
  };
  // It ends with the connection where the other side never takes all.
  go().catch(() => {});
  return state;
}

test("a visitor who does not read holds the val back", async () => {
  await using visitor = await hamlet.connect();
  await expectFlat(async () => {
    visitor.pause();
    await visitor.write(`GET /megabytes/200 HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
    await stalled(() => Math.round((largestBelow(hamlet.pid) + residentBytes(hamlet.pid)) / (8 * MB)));
  });
  visitor.resume();
  expect((await visitor.readHead()).status).toBe(200);
  let total = 0;
  for (let chunk = await visitor.readChunk(); chunk; chunk = await visitor.readChunk()) total += chunk.length;
  expect(total).toBe(FLOW);
}, 60_000);

test("a val that does not read holds the visitor back", async () => {
  await using visitor = await hamlet.connect();
  await visitor.write(`POST /slow-reader/a HTTP/1.1\r\nHost: ${val.host}\r\nContent-Length: ${FLOW}\r\n\r\n`);
  const upload = flood(visitor, new Uint8Array(64 * 1024), FLOW);
  await expectFlat(async () => {
    expect(await stalled(() => upload.sent)).toBeLessThan(FLOW / 2);
  });
  await hamlet.request(val.host, "/signal/a");
  expect((await visitor.readResponse()).bodyText).toBe(`${FLOW}`);
}, 60_000);

describe("a visitor who asks and asks but does not read is not listened to any more,", () => {
  const KINDS: readonly [title: string, path: string, pad: number, host?: string][] = [
    ["with large answers", "/megabytes/1", 16_000],
    ["with small answers", "/", 1],
    ["with answers of ours", "/", 1, "nobody.example"],
  ];
  for (const [title, path, pad, host = ""] of KINDS) {
    test(title, async () => {
      await using visitor = await hamlet.connect();
      visitor.pause();
      const lines = [`GET ${path} HTTP/1.1`, `Host: ${host || val.host}`, `X-Pad: ${"x".repeat(pad)}`];
      const request = `${lines.join("\r\n")}\r\n\r\n`;
      await expectFlat(async () => {
        const asking = flood(visitor, Buffer.from(request.repeat(100)), FLOW);
        // A server that is busy with it looks like one that does not listen: others must be served, too.
        for (let i = 0; i < 3; i++) {
          expect(await stalled(() => asking.sent)).toBeLessThan(FLOW / 2);
          expect((await hamlet.request(val.host)).bodyText).toBe("good");
        }
      });
    }, 60_000);
  }
});

test("everything that flows through both ways leaves the memory where it was", async () => {
  await using visitor = await hamlet.connect();
  await visitor.write(`POST /echo HTTP/1.1\r\nHost: ${val.host}\r\nContent-Length: ${FLOW}\r\n\r\n`);
  await expectFlat(async () => {
    flood(visitor, new Uint8Array(64 * 1024), FLOW);
    await visitor.readHead();
    let total = 0;
    for (let chunk = await visitor.readChunk(); chunk; chunk = await visitor.readChunk())
      total += chunk.length;
    expect(total).toBe(FLOW);
  });
}, 60_000);
