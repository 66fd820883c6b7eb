import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { readGifFrames } from "./support/gif.ts";
import { type Origin, startOrigin } from "./support/origin.ts";
import { addUser, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const EXAMPLES = readdirSync(join(import.meta.dir, "../examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

let hamlet: TestHamlet;
let origin: Origin;
/** What `origin` answers; each test that needs it sets its own. */
let answerAtOrigin: (request: Request) => Response = () => new Response("nothing set");
let token: string;

beforeAll(async () => {
  origin = startOrigin((request) => answerAtOrigin(request));
  hamlet = await startHamlet({ args: ["--egress-allow", origin.address], examples: true });
  token = (await addUser(hamlet.data, "me")).token;
}, 120_000);

afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await origin?.[Symbol.asyncDispose]();
});

test("the first start gives user me every example, described by its first comment", async () => {
  const answer = await hamlet.api("/v2/me/vals?limit=100", asMe());
  const { data: vals } = (await answer.json()) as { data: { name: string; description: string | null }[] };
  expect(vals.map((val) => val.name).sort()).toEqual([...EXAMPLES].sort());
  for (const val of vals) expect(val.description).toMatch(/\w+ \w+/);
});

test("hello answers", async () => {
  const answer = await hamlet.fetch(example("hello"));
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("Hello, world!\n");
});

describe("robPikeIO", () => {
  test("sends one emoji after the other, slower and slower, until the reader leaves", async () => {
    await using connection = await hamlet.connect();
    const start = performance.now();
    await connection.write(`GET / HTTP/1.1\r\nHost: ${example("robPikeIO").host}\r\n\r\n`);
    const head = await connection.readHead();
    expect(head.header("content-type")).toBe("text/plain; charset=utf-8");
    let text = "";
    for (let chunk = 0; chunk < 60; chunk++) text += Buffer.from((await connection.readChunk())!).toString();
    expect(text).toMatch(/^\p{Emoji_Presentation}{60,}$/u);
    // Without the slowing down, sixty pauses of 10 ms would be 600 ms.
    expect(performance.now() - start).toBeGreaterThan(900);

    connection.destroy();
    const line = await logLine("robPikeIO", /The reader left after (\d+) emoji/);
    expect(Number(line[1])).toBeGreaterThanOrEqual(60);
  }, 60_000);
});

describe("streamingGif", () => {
  test("sends a new picture each second", async () => {
    const answer = await hamlet.fetch(example("streamingGif"));
    expect(answer.headers.get("content-type")).toBe("image/gif");
    const frames: Uint8Array[] = [];
    const start = performance.now();
    for await (const frame of readGifFrames(answer.body!)) {
      frames.push(frame);
      if (frames.length === 3) break;
    }
    expect(Buffer.compare(frames[0]!, frames[1]!)).not.toBe(0);
    expect(Buffer.compare(frames[1]!, frames[2]!)).not.toBe(0);
    expect(performance.now() - start).toBeGreaterThan(950);
  }, 30_000);
});

describe("SSEDemo", () => {
  test("sends an event at once and goes on from the one the listener saw last", async () => {
    await using connection = await hamlet.connect();
    await connection.write(
      `GET /events HTTP/1.1\r\nHost: ${example("SSEDemo").host}\r\nLast-Event-ID: 41\r\n\r\n`,
    );
    expect((await connection.readHead()).header("content-type")).toBe("text/event-stream");
    const events = Buffer.concat([(await connection.readChunk())!, (await connection.readChunk())!]);
    expect(events.toString()).toMatch(/^id: 42\ndata: \{"time":".+"\}\n\nid: 43\ndata: /);
  });
});

describe("reportBodySize", () => {
  test("answers with the exact number of bytes, whether the length was announced or not", async () => {
    const post = async (body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>) =>
      await (await hamlet.fetch(example("reportBodySize"), "/", { method: "POST", body })).text();
    expect(await (await hamlet.fetch(example("reportBodySize"))).text()).toBe("0");
    expect(await post("x")).toBe("1");
    expect(await post(new Uint8Array(64 * 1024 * 1024))).toBe(String(64 * 1024 * 1024));
    const pieces = Array.from({ length: 100 }, (_, index) => new Uint8Array(index * 1000 + 1));
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    expect(await post(toStream(pieces))).toBe(String(total));
  }, 60_000);
});

describe("imageProxy", () => {
  test("passes the first bytes on before the last have left the origin", async () => {
    const seen = Promise.withResolvers<void>();
    answerAtOrigin = () => {
      const half = new Uint8Array(100_000);
      const picture = toStream([half, seen.promise.then(() => half)]);
      return new Response(picture, { headers: { "content-type": "image/png", "set-cookie": "own=1" } });
    };
    const source = encodeURIComponent(`${origin.url}/large.png`);
    const answer = await hamlet.fetch(example("imageProxy"), `/?url=${source}`);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(answer.headers.get("set-cookie")).toBeNull();

    let received = 0;
    for await (const piece of answer.body!) {
      received += piece.length;
      if (received >= 100_000) seen.resolve();
    }
    expect(received).toBe(200_000);
  });

  test("asks for a URL when there is none, or one that is no web address", async () => {
    expect((await hamlet.fetch(example("imageProxy"))).status).toBe(400);
    expect((await hamlet.fetch(example("imageProxy"), "/?url=file:///etc/passwd")).status).toBe(400);
  });

  test("cannot reach an origin of this machine that the operator did not allow", async () => {
    await using hidden = startOrigin(() => new Response("secret"));
    const answer = await hamlet.fetch(example("imageProxy"), `/?url=${encodeURIComponent(hidden.url)}`);
    expect(answer.status).toBe(500);
    expect(hidden.hits()).toBe(0);
  });
});

describe("websocketEcho", () => {
  test("sends text back as text and bytes back as bytes", async () => {
    const { host } = example("websocketEcho");
    const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}/`, { headers: { host } });
    socket.binaryType = "arraybuffer";
    const next = messages(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    socket.send("über 🐹");
    expect(await next()).toBe("über 🐹");
    socket.send(new Uint8Array([0, 255, 128]));
    expect(new Uint8Array((await next()) as ArrayBuffer)).toEqual(new Uint8Array([0, 255, 128]));
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    socket.close();
    await closed;
  });

  test("tells a plain request to upgrade", async () => {
    const answer = await hamlet.fetch(example("websocketEcho"));
    expect(answer.status).toBe(426);
  });
});

describe("hono", () => {
  const json = async (path: string, init?: RequestInit) => {
    const answer = await hamlet.fetch(example("hono"), path, init);
    return { status: answer.status, body: await answer.json() };
  };

  test("routes by path, parameter and method", async () => {
    expect(await (await hamlet.fetch(example("hono"))).text()).toContain("/hello/you");
    expect(await json("/hello/r%C3%B6b")).toEqual({ status: 200, body: { hello: "röb" } });
    const echoed = await json("/echo", { method: "POST", body: '{"a":[1,2]}' });
    expect(echoed).toEqual({ status: 201, body: { youSent: { a: [1, 2] } } });
  });

  test("answers in JSON for what it does not know and what is no JSON", async () => {
    expect(await json("/nowhere")).toEqual({ status: 404, body: { error: "Nothing at /nowhere" } });
    expect((await json("/echo", { method: "POST", body: "{" })).status).toBe(400);
  });
});

describe("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  test("the page of SSEDemo lists the events of its EventSource", async () => {
    const page = await browser.newPage();
    await page.goto(example("SSEDemo").endpoint);
    await page.locator("#events li").nth(1).waitFor();
    expect(await page.locator("#state").textContent()).toBe("Connected.");
    expect(await page.locator("#events li").first().textContent()).toMatch(/^\d{4}-\d\d-\d\dT/);
    await page.close();
  }, 60_000);

  test("an EventSource of another origin hears SSEDemo", async () => {
    answerAtOrigin = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    const page = await browser.newPage();
    await page.goto(origin.url);
    const ids = await page.evaluate(`(async () => {
      const source = new EventSource(${JSON.stringify(`${example("SSEDemo").endpoint}events`)});
      const heard = [];
      while (heard.length < 3) {
        const message = await new Promise((resolve, reject) => {
          source.onmessage = resolve;
          source.onerror = () => reject(new Error("The EventSource failed."));
        });
        heard.push(message.lastEventId);
      }
      source.close();
      return heard;
    })()`);
    expect(ids).toEqual(["1", "2", "3"]);
    await page.close();
  }, 60_000);

  test("streamingGif moves", async () => {
    const page = await browser.newPage();
    // The page never finishes loading: the picture has no end.
    await page.goto(example("streamingGif").endpoint, { waitUntil: "commit" });
    const picture = page.locator("img");
    await picture.waitFor();
    const seen = new Set<string>();
    while (seen.size < 3) seen.add((await page.screenshot()).toString("base64"));
    expect(seen.size).toBe(3);
    await page.close();
  }, 60_000);
});

function example(name: string): TestVal {
  const host = `me-${name.toLowerCase()}.web.localhost:${hamlet.port}`;
  return { id: "", name, endpoint: `http://${host}/`, host };
}

function asMe(): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** The first log line of an example that matches; the contract is one second, the bound here is generous. */
async function logLine(name: string, pattern: RegExp): Promise<RegExpMatchArray> {
  type Logs = { data: { body: { stringValue: string } }[] };
  const json = async <T>(path: string) => (await (await hamlet.api(path, asMe())).json()) as T;
  const val = await json<{ id: string }>(`/v2/alias/vals/me/${name}`);
  const files = await json<{ data: { id: string }[] }>(
    `/v2/vals/${val.id}/files?path=main.ts&recursive=false&limit=1&offset=0`,
  );
  const query = `direction=desc&limit=100&file_id=${files.data[0]?.id}`;
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const { data } = await json<Logs>(`/v1/telemetry/logs?${query}`);
    for (const line of data) {
      const match = line.body.stringValue.match(pattern);
      if (match) return match;
    }
    await Bun.sleep(100);
  }
  throw new Error(`${name} never logged ${pattern}.`);
}

/** A function that resolves with the next message that was not taken yet. */
function messages(socket: WebSocket): () => Promise<unknown> {
  const arrived: unknown[] = [];
  const waiting: ((data: unknown) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const take = waiting.shift();
    if (take) take(data);
    else arrived.push(data);
  };
  return () =>
    arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise((take) => waiting.push(take));
}

/** One piece for each pull, each as soon as it is there. */
function toStream(pieces: readonly (Uint8Array | Promise<Uint8Array>)[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    async pull(controller) {
      const piece = await left.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
}
