// @alone
/** A gigabyte through a val: from the visitor into a blob, and back out, with flat memory on every side. */

import { expect, test } from "bun:test";
import { largestBelow, residentBytes } from "./support/memory.ts";
import { startHamlet } from "./support/server.ts";
import { logLine } from "./support/val-logs.ts";

const MB = 2 ** 20;
const GB = 1024 * MB;
const PIECE = 256 * 1024;
/** Far above what sockets' buffers and a garbage collector's laziness take, far below what flows. */
const SLACK = 96 * MB;
/** Of one worker, by default. */
const WORKER = 256 * MB;

const RELAY = `import { blob } from "https://esm.town/v/std/blob/main.ts";
  console.log("loaded");
  export default async (req: Request): Promise<Response> => {
    const key = new URL(req.url).pathname.slice(1);
    if (req.method === "GET") return await blob.get(key);
    await blob.set(key, req.body!);
    return Response.json((await blob.list(key)).map(({ size }) => size));
  };`;

/** What has been done so far; an end that does not come tells where it stopped. */
const done = { sent: 0, got: 0 };
const STALL_MS = 30_000;

/** Fails when nothing moves for a while. */
async function unlessStalled(work: Promise<unknown>): Promise<void> {
  const stalled = Promise.withResolvers<never>();
  let last = "";
  const timer = setInterval(() => {
    const now = JSON.stringify(done);
    if (now === last) stalled.reject(new Error(`Nothing has moved for ${STALL_MS} ms: ${now}`));
    last = now;
  }, STALL_MS);
  await Promise.race([work, stalled.promise]).finally(() => clearInterval(timer));
}

/** So many bytes, made while they are read, and their hash. */
function makeBytes(bytes: number) {
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
        done.sent += PIECE;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, hash: () => hash.digest("hex") };
}

test("a gigabyte goes in and comes out", async () => {
  // The quota of a visitor's body is the only limit that is raised; the worker's memory is not.
  await using hamlet = await startHamlet({ args: ["--max-body", "2GB", "--pool", "1"] });
  const val = await hamlet.val("relay", RELAY);
  const through = async (key: string, bytes: number) => {
    const { body, hash } = makeBytes(bytes);
    const stored = await hamlet.fetch(val, `/${key}`, { method: "POST", body });
    expect([stored.status, await stored.json()]).toEqual([200, [bytes]]);
    const got = new Bun.CryptoHasher("sha256");
    for await (const chunk of (await hamlet.fetch(val, `/${key}`)).body!) {
      got.update(chunk);
      done.got += chunk.length;
    }
    expect(got.digest("hex")).toBe(hash());
  };
  // What the first megabytes take is there for good; what is asked is whether more takes more.
  await unlessStalled(through("small", 64 * MB));
  const before = residentBytes(hamlet.pid);
  let [server, worker] = [0, 0];
  // Not often: to look at every process of the machine takes a while, in which nothing moves here.
  const timer = setInterval(() => {
    server = Math.max(server, residentBytes(hamlet.pid) - before);
    worker = Math.max(worker, largestBelow(hamlet.pid));
  }, 1000);
  await unlessStalled(through("large", GB));
  clearInterval(timer);
  expect(server).toBeLessThan(SLACK);
  expect(worker).toBeLessThan(WORKER);
  // One worker has done it all.
  const { text } = await logLine(hamlet, val, /loaded|stopped/);
  expect(text).toBe("loaded");
}, 120_000);
