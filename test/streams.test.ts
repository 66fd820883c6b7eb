/** Streams that stay open: server-sent events in a real browser, and thousands of them at once. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { startOrigin } from "./support/origin.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const STREAMS = 2000;
let hamlet: TestHamlet;
let events: TestVal;
let http: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({
    args: [
      "--max-workers-per-val",
      "1",
      "--first-byte-timeout",
      "2s",
      "--idle-timeout",
      "2s",
      "--header-timeout",
      "2s",
    ],
  });
  const sourceOf = (name: string) => Bun.file(join(import.meta.dir, `vals/${name}.ts`)).text();
  events = await hamlet.val("events", await sourceOf("events"));
  http = await hamlet.val("http", await sourceOf("http"));
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** Sends an event to all who listen. */
async function publish(data: string): Promise<{ id: number }> {
  const answer = await hamlet.fetch(events, "/publish", { method: "POST", body: data });
  return (await answer.json()) as { id: number };
}

/** Waits until so many listen, and gives the last event each of them had seen. */
const until = async (listeners: number): Promise<(string | null)[]> => {
  const answer = await hamlet.fetch(events, `/until/${listeners}`);
  // On a slow machine the limit that is short for another test's sake may strike here.
  if (answer.status === 504) return until(listeners);
  return (await answer.json()) as (string | null)[];
};

test(`${STREAMS} streams at once through one gateway each get every event, and all are let go`, async () => {
  const connections = [];
  for (let i = 0; i < STREAMS; i += 100) {
    const hundred = Array.from({ length: 100 }, async () => {
      const connection = await hamlet.connect();
      await connection.write(`GET /events HTTP/1.1\r\nHost: ${events.host}\r\n\r\n`);
      await connection.readUntil("retry: 1\n\n\r\n");
      return connection;
    });
    connections.push(...(await Promise.all(hundred)));
  }
  expect(await until(STREAMS)).toHaveLength(STREAMS);
  for (const tick of ["one", "two", "three"]) {
    await publish(tick);
    await Promise.all(connections.map((connection) => connection.readUntil(`data: ${tick}\n\n`)));
  }
  for (const connection of connections) connection.destroy();
  expect(await until(0)).toEqual([]);
}, 60_000);

test("a stream in which nothing happens outlives every time limit of requests", async () => {
  await using stream = await hamlet.connect();
  await stream.write(`GET /events HTTP/1.1\r\nHost: ${events.host}\r\n\r\n`);
  await stream.readUntil("retry: 1\n\n");
  // An idle connection is closed by a limit of two seconds; by then the stream would be, too.
  await using idle = await hamlet.connect();
  await idle.write(`GET / HTTP/1.1\r\nHost: ${http.host}\r\n\r\n`);
  await idle.readResponse();
  await idle.closed;
  await publish("after the silence");
  await stream.readUntil("data: after the silence\n\n");
  stream.destroy();
  await until(0);
}, 60_000);

describe("in a browser, from another origin,", () => {
  let browser: Browser;
  let page: Page;
  const html = { headers: { "content-type": "text/html" } };
  const origin = startOrigin(() => new Response("<!doctype html><title>another origin</title>", html));

  beforeAll(async () => {
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(origin.url);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await origin[Symbol.asyncDispose]();
  });

  test("EventSource listens, comes back when the val ends the stream, and says what it saw last", async () => {
    await page.evaluate(`
      globalThis.source = new EventSource("${events.endpoint}/events");
      globalThis.heard = [];
      source.onmessage = ({ data }) => heard.push(data);
    `);
    const heardSo = (far: string) => page.waitForFunction(`heard.join() === "${far}"`, null, { polling: 5 });
    expect(await until(1)).toEqual([null]);
    await publish("first");
    const { id } = await publish("second");
    await heardSo("first,second");

    await hamlet.request(events.host, "/drop");
    expect(await until(1)).toEqual([`${id}`]);
    await publish("third");
    await heardSo("first,second,third");

    await page.evaluate("source.close()");
    expect(await until(0)).toEqual([]);
  }, 60_000);

  test("fetch reads a val that says nothing about CORS, after a preflight too, and our own errors", async () => {
    const statuses = await page.evaluate(`(async () => {
      const ask = async (url, init) => {
        const answer = await fetch(url, init);
        return [answer.status, (await answer.text()).length > 0];
      };
      const headers = { "content-type": "application/json", "x-own": "1" };
      return [
        await ask("${http.endpoint}/"),
        await ask("${http.endpoint}/", { method: "PUT", headers, body: "{}" }),
        await ask("${http.endpoint}/", { headers: { "x-do": "throw" } }),
      ];
    })()`);
    expect(statuses).toEqual([
      [200, true],
      [200, true],
      [500, true],
    ]);
  }, 60_000);

  test("fetch is kept from a val that lets in another origin only", async () => {
    const blocked = page.evaluate(`fetch("${http.endpoint}/", { headers: { "x-do": "cors" } })`);
    await expect(blocked).rejects.toThrow("Failed to fetch");
  }, 60_000);

  test("a body is read while it is made", async () => {
    const first = await page.evaluate(`(async () => {
      const answer = await fetch("${events.endpoint}/events");
      globalThis.reader = answer.body.getReader();
      return new TextDecoder().decode((await reader.read()).value);
    })()`);
    expect(first).toBe("retry: 1\n\n");
    await publish("live");
    const second = await page.evaluate("reader.read().then(({ value }) => new TextDecoder().decode(value))");
    expect(second).toContain("data: live");
    await page.evaluate("reader.cancel()");
    expect(await until(0)).toEqual([]);
  }, 60_000);
});
