/** The examples that ask a language model, in a town whose operator has chosen none. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exampleOf, readEvents } from "./support/examples.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet({ examples: ["chat", "demoModel", "openAIStreaming", "webgen"] });
}, 120_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

describe("openAIStreaming", () => {
  test("writes a poem about what was asked, in many pieces, and says who wrote it", async () => {
    const answer = await hamlet.fetch(exampleOf(hamlet, "openAIStreaming"), "/?about=two%20sheep");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    let text = "";
    let pieces = 0;
    const decoder = new TextDecoder();
    for await (const piece of answer.body!) {
      text += decoder.decode(piece, { stream: true });
      pieces += 1;
    }
    expect(text).toContain("two sheep");
    expect(text).toContain("demo model");
    expect(pieces).toBeGreaterThan(5);
  }, 60_000);
});

describe("webgen", () => {
  test("begins the page long before it ends it, and lets it do nothing", async () => {
    const val = exampleOf(hamlet, "webgen");
    expect(await (await hamlet.fetch(val)).text()).toContain("<iframe");
    const answer = await hamlet.fetch(val, "/?about=lighthouses");
    expect(answer.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
    const pieces: string[] = [];
    const decoder = new TextDecoder();
    for await (const piece of answer.body!) pieces.push(decoder.decode(piece, { stream: true }));
    const page = pieces.join("");
    expect(page).toMatch(/^\s*<!doctype html>/i);
    expect(page).toContain("<h1>Lighthouses</h1>");
    expect(page).not.toContain("```");
    expect(page).toContain("By the demo model");
    expect(pieces.length).toBeGreaterThan(10);
  }, 60_000);
});

describe("chat", () => {
  type Event = { text?: string; demo?: boolean; done?: boolean; error?: string };
  const chat = () => exampleOf(hamlet, "chat");
  const say = (id: string, text: string, init: RequestInit = {}) =>
    hamlet.fetch(chat(), `/chats/${id}`, {
      method: "POST",
      body: JSON.stringify({ model: "demo", text }),
      ...init,
    });
  const history = async (id: string) =>
    (await (await hamlet.fetch(chat(), `/chats/${id}`)).json()) as { role: string; content: string }[];

  test("streams an answer and remembers both sides of the talk", async () => {
    const id = crypto.randomUUID();
    const answer = await say(id, "What is <b>this</b>?");
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const events = await Array.fromAsync(readEvents<Event>(answer));
    expect(events[0]).toEqual({ demo: true });
    expect(events.at(-1)).toEqual({ done: true });
    const text = events.map((event) => event.text ?? "").join("");
    expect(text).toContain("What is <b>this</b>?");
    expect(await history(id)).toEqual([
      { role: "user", content: "What is <b>this</b>?" },
      { role: "assistant", content: text },
    ]);
    expect(await history(crypto.randomUUID())).toEqual([]);
  }, 60_000);

  test("keeps what there was of an answer when the visitor stops it", async () => {
    const id = crypto.randomUUID();
    const leave = new AbortController();
    let heard = "";
    for await (const event of readEvents<Event>(await say(id, "Talk to me", { signal: leave.signal }))) {
      heard += event.text ?? "";
      if (heard.length > 10) break;
    }
    leave.abort();
    let kept = await history(id);
    for (const patience = performance.now() + 20_000; kept.length < 2 && performance.now() < patience; ) {
      await Bun.sleep(50);
      kept = await history(id);
    }
    expect(kept[1]?.content).toStartWith(heard.slice(0, 10));
    expect(kept[1]?.content).not.toContain("your val stays as it is");
  }, 60_000);

  test("lists the models, and refuses what is no message and no chat", async () => {
    expect(await (await hamlet.fetch(chat(), "/models")).json()).toEqual(["demo"]);
    const id = crypto.randomUUID();
    expect((await say(id, " ")).status).toBe(400);
    expect((await say(id, "x".repeat(10_001))).status).toBe(400);
    expect((await say("..%2Fetc", "hello")).status).toBe(404);
    expect(await history(id)).toEqual([]);
  }, 60_000);
});
