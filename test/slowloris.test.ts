/** Two thousand connections that say nothing, too little or too slowly do not keep others waiting, and are closed. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const CONNECTIONS = 2000;
let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({
    args: ["--max-workers-per-val", "1", "--header-timeout", "2s", "--idle-timeout", "2s"],
  });
  val = await hamlet.val("bodies", await Bun.file(join(import.meta.dir, "vals/bodies.ts")).text());
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** What each of them says at first; what the dripping ones add, again and again. */
const KINDS: readonly ((host: string) => string)[] = [
  () => "",
  (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n`,
  (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Drip: `,
];
const isDripping = (index: number) => index % KINDS.length === 2;

test("two thousand of them are closed in time while others are served, and a stream beside them lives on", async () => {
  await using stream = await hamlet.connect();
  await stream.write(`GET /stepping/beside HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  await stream.readHead();
  await stream.readChunk();

  const slow: RawConnection[] = [];
  for (let i = 0; i < CONNECTIONS; i += 100) {
    slow.push(...(await Promise.all(Array.from({ length: 100 }, () => hamlet.connect()))));
  }
  await Promise.all(slow.map((visitor, i) => visitor.write(KINDS[i % KINDS.length]!(val.host))));
  let open = slow.length;
  const closings = slow.map((visitor) => visitor.closed.then(() => open--));

  // Those who drip do so for as long as anyone listens; a good request goes in between each round.
  let served = 0;
  while (open > 0) {
    expect((await hamlet.request(val.host)).bodyText).toBe("good");
    served += 1;
    for (const [i, visitor] of slow.entries()) if (isDripping(i)) visitor.write("x").catch(() => {});
    await Promise.race([Bun.sleep(50), Promise.all(closings)]);
  }
  expect(served).toBeGreaterThan(1);

  const answers = await Promise.all(slow.map((visitor) => visitor.readToEnd()));
  for (const [i, answer] of answers.entries()) {
    const silent = i % KINDS.length === 0;
    expect(Buffer.from(answer).toString().slice(0, 12)).toBe(silent ? "" : "HTTP/1.1 408");
  }
  await hamlet.request(val.host, "/signal/beside");
  expect(Buffer.from((await stream.readChunk())!).toString()).toBe("1");
  for (const visitor of slow) visitor.destroy();
}, 120_000);

test("a kept connection that stays silent is closed", async () => {
  await using visitor = await hamlet.connect();
  await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  expect((await visitor.readResponse()).bodyText).toBe("good");
  expect(["end", "reset"]).toContain(await visitor.closed);
}, 60_000);
