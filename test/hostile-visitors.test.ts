/** Malformed and smuggling requests: refused, never seen as two by a val, never the end of the server. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type HostileRequest, hostileRequests } from "./support/hostile-requests.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let val: TestVal;
let table: ReadonlyMap<string, HostileRequest>;
/**
 * The titles are needed before there is a server, the bytes only after. Those whose head is fine come last: a val may
 * begin with such a request at any time after its visitor was refused.
 */
const TITLES = hostileRequests("val.example")
  .toSorted((a, b) => Number(a.begins) - Number(b.begins))
  .map(({ title }) => title);
const isLate = (line: string) => line === "POST /first begun";

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--max-workers-per-val", "1", "--max-body", "1MB"] });
  val = await hamlet.val("witness", await Bun.file(join(import.meta.dir, "vals/witness.ts")).text());
  table = new Map(hostileRequests(val.host).map((row) => [row.title, row]));
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());
afterEach(async () => expect((await witnessed()).filter((line) => !isLate(line))).toEqual([]));

const good = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`;

/** What the val saw since it was last asked. */
async function witnessed(): Promise<string[]> {
  return JSON.parse((await hamlet.request(val.host, "/witnessed")).bodyText);
}

/** Sends the pieces; the status of each answer until the other side ends the connection. */
async function statusesOf(...pieces: readonly string[]): Promise<number[]> {
  await using visitor = await hamlet.connect();
  // Who is refused may find that nobody reads the rest of what he says.
  for (const piece of pieces) await visitor.write(piece).catch(() => {});
  const text = Buffer.from(await visitor.readToEnd()).toString("latin1");
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

describe("refused:", () => {
  for (const title of TITLES) {
    test(title, async () => {
      const { wire, status, begins } = table.get(title)!;
      const seen = async () => (await witnessed()).filter((line) => !(begins && isLate(line)));
      expect(await statusesOf(wire)).toEqual([status]);
      expect(await seen()).toEqual([]);

      expect(await statusesOf(good("/good") + wire)).toEqual([200, status]);
      expect(await seen()).toEqual(["GET /good begun", "GET /good whole"]);
    });
  }
});

describe("refused wherever the network splits it:", () => {
  const SPLIT = [
    "CL and TE",
    "two equal CL",
    "a bare LF that hides a header",
    "a bare LF after the last chunk",
    "no CRLF behind a chunk",
    "obs-fold that hides a TE",
  ];
  for (const title of SPLIT) {
    test(title, async () => {
      const { wire, status } = table.get(title)!;
      const cuts = Array.from({ length: wire.length - 1 }, (_, at) => [
        wire.slice(0, at + 1),
        wire.slice(at + 1),
      ]);
      const answers = await Promise.all(cuts.map((pieces) => statusesOf(...pieces)));
      expect(new Set(answers.flat())).toEqual(new Set([status]));
      expect(answers.every((statuses) => statuses.length === 1)).toBe(true);
      expect((await witnessed()).filter((line) => !isLate(line))).toEqual([]);
    });
  }
});

describe("no HTTP at all is refused at once:", () => {
  test("a TLS hello", async () => {
    const hello = Buffer.from("16030100c8010000c40303", "hex").toString("latin1") + "\0".repeat(200);
    expect(await statusesOf(hello)).toEqual([400]);
  });

  test("random bytes", async () => {
    for (let i = 0; i < 20; i++) {
      const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(40_000))).toString("latin1");
      expect([[400], [431]]).toContainEqual(await statusesOf(noise));
    }
  });
});

test("after all of it the server serves, in the process it was", async () => {
  const answer = await hamlet.request(val.host, "/still-there");
  expect(answer.bodyText).toBe("GET /still-there 0");
  expect(await witnessed()).toEqual(["GET /still-there begun", "GET /still-there whole"]);
  process.kill(hamlet.pid, 0);
});
