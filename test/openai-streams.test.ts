/** Streams through the model proxy: nothing is collected, and nobody is left behind. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { callProxy, type ProxyCall } from "./support/proxy.ts";
import { startUpstream, type TestUpstream } from "./support/upstream.ts";

let upstream: TestUpstream;

beforeAll(() => {
  upstream = startUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

const call = (options: ProxyCall = {}) => callProxy(upstream, options);

test("each chunk leaves when it comes", async () => {
  upstream.next();
  const answer = await call({ json: { model: "stepwise", stream: true } });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const reader = answer.body!.getReader();
  let text = "";
  for (let word = 1; word <= 5; word++) {
    if (word > 1) upstream.next();
    text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toContain(`word${word} `);
  }
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += new TextDecoder().decode(read.value);
  }
  expect(text).toEndWith("data: [DONE]\n\n");
});

test("who does not read holds the model server back", async () => {
  const answer = await call({ json: { model: "flood" } });
  const reader = answer.body!.getReader();
  await reader.read();
  let before = -1;
  while (upstream.pulled !== before) {
    before = upstream.pulled;
    await Bun.sleep(200);
  }
  expect(before).toBeLessThan(64 * 1024 * 1024);
  await reader.cancel();
  await upstream.last.left;
});

test("the caller's leaving ends the call, before the answer and in it", async () => {
  const before = new AbortController();
  const pending = call({ json: { model: "hang" }, signal: before.signal });
  await until(() => upstream.last.text.includes("hang"));
  before.abort();
  expect((await pending).status).toBe(499);
  await upstream.last.left;

  const within = new AbortController();
  upstream.next();
  const answer = await call({ json: { model: "stepwise", stream: true }, signal: within.signal });
  const reader = answer.body!.getReader();
  await reader.read();
  within.abort();
  await upstream.last.left;
});

test("a stream that breaks off is broken for the caller too", async () => {
  const answer = await call({ json: { model: "break", stream: true } });
  const reader = answer.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("half ");
  expect(await reader.read().catch((error: Error) => error)).toBeInstanceOf(Error);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}
