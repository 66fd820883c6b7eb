/** The picture of an answer over time that the owner of a val sees, of real streams of real workers. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

/** Says back whatever it is told, as it comes; "!" ends it by an error. */
const ECHO = `export default ({ body }: Request) =>
  new Response(body?.pipeThrough(new TransformStream({
    transform(chunk, controller) {
      if (chunk[0] === 33) throw new Error("broken");
      controller.enqueue(chunk);
    },
  })), { headers: { "x-said": "back", "set-cookie": "secret=2" } });`;
const PIECES = ["🤖", "and", "👻 and more", "x".repeat(1000), "."];
const SIZES = PIECES.map((piece) => Buffer.byteLength(piece));

interface Passage {
  readonly bars: [at: number, bytes: number][];
  readonly bytes: number;
  readonly pieces: number;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}
interface Timeline {
  readonly headMs: number | null;
  readonly request: Passage;
  readonly response: Passage;
  readonly end: string | null;
}

let hamlet: TestHamlet;
let echo: TestVal;
beforeAll(async () => {
  hamlet = await startHamlet();
  echo = await hamlet.val("echo", ECHO);
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** A conversation with the val, piece by piece: the next one is sent when the last one has come back. */
class Talk implements AsyncDisposable {
  readonly #visitor: RawConnection;
  trace = "";

  constructor(visitor: RawConnection) {
    this.#visitor = visitor;
  }

  async begin(): Promise<void> {
    const fields = `Host: ${echo.host}\r\nTransfer-Encoding: chunked\r\nCookie: secret=1\r\nX-Asked: yes\r\n`;
    await this.#visitor.write(`POST /talk?a=b HTTP/1.1\r\n${fields}\r\n`);
    await this.#send(PIECES[0]!);
    this.trace = (await this.#visitor.readHead()).header("x-hamlet-trace")!;
    await this.#hear(PIECES[0]!);
  }

  async say(piece: string): Promise<void> {
    await this.#send(piece);
    await this.#hear(piece);
  }

  async breakIt(): Promise<void> {
    await this.#send("!");
    await this.#visitor.closed;
  }

  async end(): Promise<void> {
    await this.#visitor.write("0\r\n\r\n");
    expect(await this.#visitor.readChunk()).toBeUndefined();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#visitor.destroy();
  }

  async #send(piece: string): Promise<void> {
    await this.#visitor.write(Buffer.from(`${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`));
  }

  async #hear(piece: string): Promise<void> {
    expect(Buffer.from((await this.#visitor.readChunk())!).toString()).toBe(piece);
  }
}

async function talk(): Promise<Talk> {
  const begun = new Talk(await hamlet.connect());
  await begun.begin();
  return begun;
}

/** As the owner sees it once it is as it is to be. */
const seen = (trace: string, wanted: (timeline: Timeline) => boolean) =>
  eventually(async () => {
    const answer = await hamlet.api(`/v3/traces/${trace}`);
    // biome-ignore lint/suspicious/noExplicitAny: its shape is the contract's
    const found = (answer.status === 200 ? await answer.json() : undefined) as any;
    const timeline = found?.timeline as Timeline | null | undefined;
    return timeline && wanted(timeline) ? { timeline, call: found.call } : undefined;
  });

const sizes = ({ bars }: Passage) => bars.map(([, bytes]) => bytes);

test("each piece of both bodies is a bar, in the order and of the size in which it passed", async () => {
  await using visitor = await talk();
  for (const piece of PIECES.slice(1)) await visitor.say(piece);
  await visitor.end();
  const { timeline, call } = await seen(visitor.trace, ({ end }) => end !== null);
  const { request, response, headMs, end } = timeline;
  expect([end, sizes(request), sizes(response)]).toEqual(["complete", SIZES, SIZES]);
  const total = SIZES.reduce((sum, size) => sum + size, 0);
  const both = [request, response].map(({ bytes, pieces }) => [bytes, pieces]);
  expect([...both, [call.bytesIn, call.bytesOut]]).toEqual([
    [total, SIZES.length],
    [total, SIZES.length],
    [total, total],
  ]);
  // Each came back before the next one was sent.
  const times = request.bars.flatMap(([at], i) => [at, response.bars[i]![0]]);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect([response.firstMs, response.lastMs]).toEqual([response.bars[0]![0], response.bars.at(-1)![0]]);
  expect(headMs!).toBeLessThanOrEqual(response.firstMs!);
  expect(call.durationMs).toBeGreaterThanOrEqual(response.lastMs! - 0.01);
  expect(call).toMatchObject({
    method: "POST",
    url: `http://${echo.host}/talk?a=b`,
    status: 200,
    requestHeaders: { "x-asked": "yes", cookie: "(hidden)" },
    responseHeaders: { "x-said": "back", "set-cookie": "(hidden)" },
  });
});

test("of a stream that is still open there is what had passed after a second; its end replaces that", async () => {
  await using visitor = await talk();
  const early = await seen(visitor.trace, () => true);
  expect([early.timeline.end, early.call.endedAt, sizes(early.timeline.response)]).toEqual([
    null,
    null,
    SIZES.slice(0, 1),
  ]);
  await visitor.say(PIECES[1]!);
  await visitor.end();
  const { timeline } = await seen(visitor.trace, ({ end }) => end !== null);
  expect([timeline.end, sizes(timeline.response)]).toEqual(["complete", SIZES.slice(0, 2)]);
});

test("it says that the visitor left, or that the val broke off, and what had passed by then", async () => {
  const leaving = await talk();
  await leaving[Symbol.asyncDispose]();
  await using breaking = await talk();
  await breaking.breakIt();
  const left = await seen(leaving.trace, ({ end }) => end !== null);
  const broken = await seen(breaking.trace, ({ end }) => end !== null);
  expect([left.timeline.end, sizes(left.timeline.response)]).toEqual(["visitor_left", SIZES.slice(0, 1)]);
  expect([broken.timeline.end, sizes(broken.timeline.response)]).toEqual(["broke_off", SIZES.slice(0, 1)]);
  expect(sizes(broken.timeline.request)).toEqual([SIZES[0]!, 1]);
});

test("an answer that comes whole is one bar, at its head; a call without a body has none to show", async () => {
  const plain = await hamlet.val("plain", `export default () => new Response("hello");`);
  const answer = await hamlet.fetch(plain, "/");
  const { timeline } = await seen(answer.headers.get("x-hamlet-trace")!, ({ end }) => end !== null);
  const nothing = { bars: [], bytes: 0, pieces: 0, grainMs: 0, firstMs: null, lastMs: null };
  expect(timeline.request).toEqual({ ...nothing } as never);
  expect([timeline.end, sizes(timeline.response)]).toEqual(["complete", [5]]);
  expect(timeline.response.firstMs!).toBeGreaterThanOrEqual(timeline.headMs!);
});
