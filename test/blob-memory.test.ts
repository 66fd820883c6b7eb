// @alone
/** Large blobs flow: the server takes no more memory for a gigabyte than for a few megabytes. */

import { describe, expect, test } from "bun:test";
import { residentBytes, stalled } from "./support/memory.ts";
import { hasS3, startS3 } from "./support/s3.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";

const MB = 1024 * 1024;
const GB = 1024 * MB;
const PIECE = 64 * 1024;
/** Far above what sockets' buffers and a garbage collector's laziness take, far below what flows. */
const SLACK = 96 * MB;

/** The most that the server had in memory while `action` ran, beyond what it had before. */
async function growthDuring(hamlet: TestHamlet, action: () => Promise<void>): Promise<number> {
  const before = residentBytes(hamlet.pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(hamlet.pid));
  }, 10);
  await action();
  clearInterval(timer);
  return most - before;
}

/** Store a blob of so many bytes; returns their hash. */
async function upload(hamlet: TestHamlet, key: string, bytes: number): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  const piece = crypto.getRandomValues(new Uint8Array(PIECE));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent === bytes) return controller.close();
        new DataView(piece.buffer).setUint32(0, sent / PIECE);
        hash.update(piece);
        controller.enqueue(piece.slice());
        sent += PIECE;
      },
    },
    { highWaterMark: 0 },
  );
  const answer = await hamlet.api(`/v1/blob/${key}`, { method: "POST", body });
  expect(answer.status).toBe(201);
  return hash.digest("hex");
}

async function download(hamlet: TestHamlet, key: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  const answer = await hamlet.api(`/v1/blob/${key}`);
  for await (const chunk of answer.body!) hash.update(chunk);
  return hash.digest("hex");
}

async function expectFlat(hamlet: TestHamlet, bytes: number): Promise<void> {
  // What the first few megabytes take is there for good; what is asked is whether more takes more.
  expect(await upload(hamlet, "small", 64 * MB)).toBe(await download(hamlet, "small"));
  let [sent, got] = ["", "not"];
  const growth = [
    await growthDuring(hamlet, async () => {
      sent = await upload(hamlet, "large", bytes);
    }),
    await growthDuring(hamlet, async () => {
      got = await download(hamlet, "large");
    }),
  ];
  expect(got).toBe(sent);
  for (const bytesMore of growth) expect(bytesMore).toBeLessThan(SLACK);
}

describe("blobs on disk", () => {
  test("a gigabyte goes in and comes out", async () => {
    await using hamlet = await startHamlet({ args: ["--pool", "0", "--max-body", "2GB"] });
    await expectFlat(hamlet, GB);
  }, 120_000);

  test("a reader who does not read holds the disk back, and one who leaves lets it go", async () => {
    await using hamlet = await startHamlet({ args: ["--pool", "0", "--max-body", "2GB"] });
    await upload(hamlet, "large", 256 * MB);
    const ask = async () => {
      const visitor = await hamlet.connect();
      visitor.pause();
      const head = ["GET /api/v1/blob/large HTTP/1.1", `Host: localhost:${hamlet.port}`];
      await visitor.write(`${head.join("\r\n")}\r\nAuthorization: Bearer ${hamlet.token}\r\n\r\n`);
      return visitor;
    };
    await using visitor = await ask();
    const leaver = await ask();
    const growth = await growthDuring(hamlet, async () => {
      await stalled(() => Math.round(residentBytes(hamlet.pid) / (8 * MB)));
    });
    expect(growth).toBeLessThan(SLACK);
    await leaver[Symbol.asyncDispose]();
    visitor.resume();
    expect((await visitor.readHead()).status).toBe(200);
    let total = 0;
    for (let chunk = await visitor.readChunk(); chunk; chunk = await visitor.readChunk())
      total += chunk.length;
    expect(total).toBe(256 * MB);
  }, 120_000);
});

test.skipIf(!hasS3)(
  "blobs in S3: a quarter of a gigabyte goes in and comes out",
  async () => {
    await using server = await startS3();
    const { endpoint, bucket, accessKeyId, secretAccessKey } = server.options;
    await using hamlet = await startHamlet({
      args: ["--pool", "0", "--max-body", "2GB", "--blob-s3-endpoint", endpoint, "--blob-s3-bucket", bucket],
      env: { HAMLET_BLOB_S3_ACCESS_KEY_ID: accessKeyId, HAMLET_BLOB_S3_SECRET_ACCESS_KEY: secretAccessKey },
    });
    await expectFlat(hamlet, 256 * MB);
  },
  120_000,
);
