/**
 * Requests broken at random. Whatever comes out, visitor and val must agree on how many requests it was: a val that has
 * seen more of them than the visitor got answers was made to see a smuggled one. Repeat a run with FUZZ_SEED.
 */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { startHamlet, type TestHamlet } from "./support/server.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = 2000;
const AT_ONCE = 100;

type Random = (below: number) => number;

/** mulberry32 */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const INTERESTING = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "0",
  "-1",
  "\x0b",
  "\xa0",
  "\xff",
  "0\r\n\r\n",
  "\r\n ",
  "Content-Length: 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "transfer-encoding: identity\r\n",
  "Connection: close, content-length\r\n",
  "Connection: keep-alive\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\nConnection: upgrade\r\n",
  "HTTP/1.0",
  "HEAD ",
  "GET /x HTTP/1.1\r\n",
];

function mutate(text: string, random: Random): string {
  const at = random(text.length);
  const length = 1 + random(12);
  const [before, behind] = [text.slice(0, at), text.slice(at)];
  switch (random(6)) {
    case 0:
      return before + INTERESTING[random(INTERESTING.length)]! + behind;
    case 1:
      return before + behind.slice(length);
    case 2:
      return before + behind.slice(0, length) + behind;
    case 3:
      return before + String.fromCharCode(random(256)) + behind.slice(1);
    case 4:
      return before + INTERESTING[random(INTERESTING.length)]! + behind.slice(length);
    default: {
      const lines = text.split("\r\n");
      const [from, to] = [random(lines.length), random(lines.length)];
      lines.splice(to, 0, lines[from]!);
      return lines.join("\r\n");
    }
  }
}

function seedRequests(host: string): string[] {
  const secret = `GET /secret HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const head = (start: string, ...lines: string[]) => [start, `Host: ${host}`, ...lines, "", ""].join("\r\n");
  const size = secret.length.toString(16);
  return [
    head("GET /a?b=c HTTP/1.1", "Accept: */*", "X-A: b"),
    head("POST /b HTTP/1.1", `Content-Length: ${secret.length}`) + secret,
    `${head("POST /c HTTP/1.1", "Transfer-Encoding: chunked")}${size};a=b\r\n${secret}\r\n0\r\nX-T: 1\r\n\r\n`,
    `${head("POST /d HTTP/1.1", "Content-Length: 5", "Connection: keep-alive, x-a", "X-A: 1")}hello`,
    head("GET /e HTTP/1.0", "Connection: keep-alive"),
  ];
}

/** Writes one broken request, another behind it, and a last one that ends the connection; the statuses that came. */
async function statusesOf(hamlet: TestHamlet, pieces: readonly string[]): Promise<number[]> {
  await using visitor = await hamlet.connect();
  for (const piece of pieces) await visitor.write(piece).catch(() => {});
  const text = Buffer.from(await visitor.readToEnd()).toString("latin1");
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

test(`${CASES} requests broken at random (seed ${SEED}) smuggle nothing and break nothing`, async () => {
  await using hamlet = await startHamlet({
    args: [
      "--max-workers-per-val",
      "1",
      "--header-timeout",
      "2s",
      "--first-byte-timeout",
      "2s",
      "--idle-timeout",
      "2s",
    ],
  });
  const val = await hamlet.val("tally", await Bun.file(join(import.meta.dir, "vals/tally.ts")).text());
  const seeds = seedRequests(val.host);
  const random = createRandom(SEED);
  const cases = Array.from({ length: CASES }, () => {
    let text = seeds[random(seeds.length)]! + seeds[random(seeds.length)]!;
    for (let i = 1 + random(4); i > 0; i--) text = mutate(text, random);
    text += `GET /last HTTP/1.1\r\nHost: ${val.host}\r\nConnection: close\r\n\r\n`;
    const cut = random(text.length);
    return [text.slice(0, cut), text.slice(cut)];
  });
  const tally = new Map<number, number>();
  const worker = async () => {
    for (let pieces = cases.pop(); pieces; pieces = cases.pop()) {
      for (const status of await statusesOf(hamlet, pieces)) tally.set(status, (tally.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  const answered = tally.get(200) ?? 0;
  // On a slow machine a val may have counted a request whose visitor had been told that it took too long.
  const late = tally.get(504) ?? 0;
  const counted = Number((await hamlet.request(val.host, "/tally")).bodyText);
  expect(counted).toBeLessThanOrEqual(answered + late);
  expect(counted).toBeGreaterThanOrEqual(answered);
  // The mutations are of a useful kind: some are refused, some are not.
  expect(answered).toBeGreaterThan(CASES / 10);
  expect(tally.get(400)).toBeGreaterThan(CASES / 10);
  for (const status of tally.keys()) expect([100, 200, 202, 400, 404, 408, 413, 431, 504]).toContain(status);
  expect((await hamlet.request(val.host)).bodyText).toBe("counted");
}, 120_000);
