/** Logs and traces that are followed as they come. */

import { expect, test } from "bun:test";
import type { Deployment } from "../src/val/deployment.ts";
import { makeLivedIn } from "./support/accounts.ts";
import { startHamlet } from "./support/server.ts";
import { makeTown, type Town } from "./support/town.ts";

const VAL = "00000000-0000-4000-8000-000000000001";
const FILE = "00000000-0000-4000-8000-000000000002";
const BRANCH = "00000000-0000-4000-8000-000000000003";
const OTHER = "00000000-0000-4000-8000-000000000009";
const trace = (n: number) => n.toString(16).padStart(32, "0");
const HELLO: Deployment = {
  ...{
    id: "d",
    valId: VAL,
    fileId: FILE,
    branchId: BRANCH,
    version: 4,
    userId: "u",
    username: "ann",
    valName: "hello",
  },
  ...{
    artifact: "/",
    entry: "main.ts",
    start: "pooled",
    secret: false,
    module: "https://esm.town/v/ann/hello@4-main/main.ts",
    env: {},
  },
};

function log(town: Town, text: string, more: Partial<Deployment> = {}, n = 1): void {
  const line = {
    worker: "w",
    level: "info",
    time: Date.now(),
    trace: trace(n),
    text,
    stream: "stdout",
  } as const;
  town.store.telemetry.recordLogs([{ deployment: { ...HELLO, ...more }, ...line }]);
}

function run(town: Town, n: number, end: number): void {
  const sizes = { firstByte: 0, bytesIn: 0, bytesOut: 0, status: 200, error: undefined };
  const call = { kind: "http", method: "GET", url: "http://x/", worker: "w", cold: false, aborted: false };
  const headers = { requestHeaders: "", responseHeaders: "" };
  const start = Date.now() - 2000;
  town.store.telemetry.recordRuns([
    { deployment: HELLO, trace: trace(n), start, end, ...sizes, ...call, ...headers },
  ]);
}

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what their shape is about
  readonly data: any;
}

/** Reads a stream of events; goes with the scope. */
class Reader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const event = field("event");
      if (event !== undefined) return { event, id: field("id"), data: JSON.parse(field("data") ?? "null") };
    }
  }

  async texts(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) found.push((await this.next())?.data.body.stringValue);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}

async function follow(town: Town, path: string, headers: Record<string, string> = {}): Promise<Reader> {
  const request = new Request(`http://api.localhost:3000/v3/live/${path}`, {
    headers: { authorization: `Bearer ${town.ann.token}`, ...headers },
  });
  const response = await town.api.fetch(request);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  return new Reader(response.body!);
}

test("lines come in order as they are written, from the connection on, in the shape of the list", async () => {
  await using town = await makeTown();
  log(town, "before");
  await using reader = await follow(town, "logs");
  log(town, "one");
  log(town, "two");
  const first = await reader.next();
  expect(first).toMatchObject({
    event: "log",
    data: { severityText: "stdout", body: { stringValue: "one" } },
  });
  const listed = await town.expect(200, "GET", `/v1/telemetry/logs?trace_ids=${trace(1)}&direction=asc`);
  expect(first?.data).toEqual(listed.json.data[1]);
  expect(await reader.texts(1)).toEqual(["two"]);
  log(town, "three");
  expect(await reader.texts(1)).toEqual(["three"]);
});

test("only what is asked for, and only of one's own accounts' vals", async () => {
  await using town = await makeTown();
  await using all = await follow(town, "logs");
  await using val = await follow(town, `logs?val_id=${OTHER}`);
  await using file = await follow(town, `logs?file_id=${OTHER}`);
  await using branch = await follow(town, `logs?branch_ids=${OTHER}&branch_ids=${VAL}`);
  await using call = await follow(town, `logs?trace_ids=${trace(2)}`);
  log(town, "of bob", { username: "Bob" }, 2);
  log(town, "plain");
  log(town, "val", { valId: OTHER });
  log(town, "file", { fileId: OTHER });
  log(town, "branch", { branchId: OTHER });
  log(town, "call", {}, 2);
  expect(await all.texts(5)).toEqual(["plain", "val", "file", "branch", "call"]);
  const firsts = await Promise.all([val, file, branch, call].map((one) => one.texts(1)));
  expect(firsts.flat()).toEqual(["val", "file", "branch", "call"]);
});

test("Last-Event-ID goes on without loss or repetition, however much has come meanwhile", async () => {
  await using town = await makeTown();
  let id = "";
  {
    await using reader = await follow(town, "logs");
    log(town, "0");
    id = (await reader.next())!.id!;
  }
  const count = 700;
  for (let i = 1; i <= count; i++) log(town, `${i}`);
  log(town, "of bob", { username: "Bob" });
  await using again = await follow(town, "logs", { "last-event-id": id });
  expect(await again.texts(count)).toEqual(Array.from({ length: count }, (_, i) => `${i + 1}`));
  log(town, "last");
  expect(await again.texts(1)).toEqual(["last"]);
});

test("who is cut off before the first event has a place to go on from", async () => {
  await using town = await makeTown();
  log(town, "before");
  const response = await town.api.fetch(
    new Request("http://api.localhost:3000/v3/live/logs", {
      headers: { authorization: `Bearer ${town.ann.token}` },
    }),
  );
  const reader = response.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const [, id] = /^id: (\d+)$/m.exec(new TextDecoder().decode((await reader.read()).value)) ?? [];
  await reader.cancel();
  log(town, "meanwhile");
  await town.store.telemetry.flush();
  await using again = await follow(town, "logs", { "last-event-id": id! });
  expect(await again.texts(1)).toEqual(["meanwhile"]);
});

test("a call that lasts comes when it does, and again when it has ended", async () => {
  await using town = await makeTown();
  await using reader = await follow(town, "traces");
  run(town, 1, 0);
  expect(await reader.next()).toMatchObject({
    event: "trace",
    data: { traceId: trace(1), endTimeUnixNano: "0" },
  });
  run(town, 1, Date.now());
  run(town, 2, Date.now());
  const ended = await reader.next();
  expect(ended?.data.traceId).toBe(trace(1));
  expect(ended?.data.endTimeUnixNano).not.toBe("0");
  expect((await reader.next())?.data.traceId).toBe(trace(2));
});

test("what was removed before it was read is told, and so is a place in a database that is no more", async () => {
  await using town = await makeTown({ telemetry: { maxAgeMs: 1 } });
  await using reader = await follow(town, "logs");
  log(town, "first");
  const { id } = (await reader.next())!;
  log(town, "gone");
  await town.store.telemetry.flush();
  await Bun.sleep(2);
  await town.store.telemetry.prune();
  await using late = await follow(town, "logs", { "last-event-id": id! });
  expect((await late.next())?.event).toBe("dropped");
  await using strange = await follow(town, "logs", { "last-event-id": "999999" });
  expect((await strange.next())?.event).toBe("dropped");
  log(town, "new");
  expect(await strange.texts(1)).toEqual(["new"]);
});

test("it ends when the token is revoked", async () => {
  await using town = await makeTown();
  const { token, id } = await town.store.tokens.create({ userId: town.ann.id });
  await using reader = await follow(town, "logs", { authorization: `Bearer ${token}` });
  log(town, "one");
  expect(await reader.texts(1)).toEqual(["one"]);
  await town.auth.revoke(id);
  log(town, "two");
  const rest: (string | undefined)[] = [];
  for (let event = await reader.next(); event !== undefined; event = await reader.next())
    rest.push(event.event);
  expect(rest.at(-1)).toBe("end");
});

test("it ends when the town does, which need not wait for whoever follows", async () => {
  await using town = await makeTown();
  await using reader = await follow(town, "logs");
  log(town, "one");
  expect(await reader.texts(1)).toEqual(["one"]);
  const rest = reader.next();
  town.leaving.abort();
  expect(await rest).toBeUndefined();
});

test("a user follows so many streams at once, and closing one makes room", async () => {
  await using town = await makeTown();
  const readers: Reader[] = [];
  for (let i = 0; i < 20; i++) readers.push(await follow(town, "logs"));
  const refused = await town.call("GET", "/v3/live/logs");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
  expect((await town.call("GET", "/v3/live/logs?val_id=x")).status).toBe(400);
  await readers.pop()![Symbol.asyncDispose]();
  readers.push(await follow(town, "logs"));
  for (const reader of readers) await reader[Symbol.asyncDispose]();
});

test("a val's line is seen within a second, and a reader who reads late misses nothing", async () => {
  await using hamlet = await startHamlet();
  const val = await hamlet.val(
    "talker",
    `export default () => { console.log("hello"); return new Response("done"); };`,
  );
  const open = async (path: string) => new Reader((await hamlet.api(`/v3/live/${path}`)).body!);
  await using lines = await open("logs");
  await using quick = await open("traces");
  await using late = await open("traces");
  const start = performance.now();
  await hamlet.fetch(val);
  expect(await lines.texts(1)).toEqual(["hello"]);
  expect(performance.now() - start).toBeLessThan(1000);
  // More than fits into the connection of the one who reads nothing yet.
  const count = 400;
  const headers = { pad: "x".repeat(8000) };
  for (let i = 0; i < count; i++) await (await hamlet.fetch(val, "/", { headers })).text();
  const idsOf = async (reader: Reader) => {
    const ids: string[] = [];
    while (ids.length <= count) ids.push((await reader.next())!.id!);
    return ids;
  };
  const ids = await idsOf(quick);
  expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((a, b) => a - b));
  expect(new Set(ids).size).toBe(count + 1);
  expect(await idsOf(late)).toEqual(ids);
});

test("a HEAD follows nothing", async () => {
  await using town = await makeTown();
  for (let count = 0; count < 25; count++)
    expect((await town.call("HEAD", "/v3/live/logs")).status).toBe(200);
  await using reader = await follow(town, "logs");
  log(town, "still heard");
  expect(await reader.texts(1)).toEqual(["still heard"]);
});

test("a page that is signed in follows by its cookie, until it signs out", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve");
  const response = await eve.fetch("/api/v3/live/logs");
  await using reader = new Reader(response.body!);
  log(home.town, "hello", { username: "eve" });
  expect(await reader.texts(1)).toEqual(["hello"]);
  await eve.submit("/auth/sign-out", {});
  expect((await reader.next())?.event).toBe("end");
});
