/** OpenAI's own client in Deno, against a whole Hamlet, against a model server of the test's own. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type OpenAiClient, startClient } from "./support/openai-client.ts";
import type { RawConnection } from "./support/raw.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";
import { startUpstream, type TestUpstream } from "./support/upstream.ts";

const KEY = "sk-operators-own-key";
const MESSAGES = [{ role: "user", content: "hello" }];
let upstream: TestUpstream;
let hamlet: TestHamlet;
/** Another one, which is soon out of patience. */
let impatient: TestHamlet;

beforeAll(async () => {
  upstream = startUpstream();
  const args = ["--openai-url", upstream.url, "--openai-rate", "0"];
  const env = { HAMLET_OPENAI_KEY: KEY };
  hamlet = await startHamlet({ args, env });
  impatient = await startHamlet({ args: [...args, "--openai-timeout", "4s"], env });
}, 60_000);
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await impatient?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

const baseOf = ({ port }: TestHamlet) => `http://127.0.0.1:${port}/api/v1/openai`;

/** Version 4.77 tells of an event only when the next one begins, whatever it talks to. */
const VERSIONS: readonly [specifier: string, behind: number][] = [
  ["npm:openai@4.77.0", 1],
  ["npm:openai@6", 0],
];

describe.each(VERSIONS)("%s", (specifier, behind) => {
  let client: OpenAiClient;
  beforeAll(async () => {
    client = await startClient({ specifier, baseURL: baseOf(hamlet), apiKey: hamlet.token });
  }, 60_000);
  afterAll(() => client?.[Symbol.asyncDispose]());

  test("gets a whole answer, from the operator's model server with the operator's key", async () => {
    const said = await client.call("chat", { model: "small", messages: MESSAGES });
    expect(said).toEqual({ text: "I am small.", model: null });
    expect(upstream.last.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(upstream.last.text).not.toContain(hamlet.token);
  });

  test("lists the models", async () => {
    expect(await client.call("models")).toEqual({ ids: ["small", "large", "secret"] });
  });

  /** Begins a stream whose first word the client tells of. */
  function begin(): string {
    for (let word = 0; word <= behind; word++) upstream.next();
    return client.send("chat", { model: "stepwise", messages: MESSAGES, stream: true });
  }

  test("gets each word of a stream before the next one is even written", async () => {
    const events = client.events(begin());
    for (let word = 1; word <= 5; word++) {
      expect((await events.next()).value).toEqual({ delta: `word${word} ` });
      if (word + behind < 5) upstream.next();
    }
    expect((await events.next()).value).toMatchObject({ done: true });
  });

  test("that leaves a stream ends it at the model server", async () => {
    const id = begin();
    await client.events(id).next();
    const { left } = upstream.last;
    client.send("leave", { of: id });
    await left;
  });

  test("throws what the model server said was wrong", async () => {
    const { error } = await client.call("chat", { model: "limited", messages: MESSAGES });
    expect(error).toMatchObject({ kind: "RateLimitError", status: 429, code: "rate_limit_exceeded" });
    expect(error.message).toContain("Rate limit reached");
    expect(error.message).not.toContain("operator");
  });

  test("throws in time when the model server hangs", async () => {
    const options = { specifier, baseURL: baseOf(impatient), apiKey: impatient.token };
    await using waiting = await startClient(options);
    const { error } = await waiting.call("chat", { model: "hang", messages: MESSAGES });
    expect(error).toMatchObject({ kind: "InternalServerError", status: 504, code: "upstream_timeout" });
    expect(error.message).toContain("did not begin to answer within 4 s");
    await upstream.last.left;
  });

  test("throws when a stream breaks off", async () => {
    const id = client.send("chat", { model: "break", messages: MESSAGES, stream: true });
    for await (const { delta, error } of client.events(id)) {
      if (error === undefined) {
        expect(delta).toBe("half ");
        continue;
      }
      expect(error.message).toMatch(/error|terminated|closed|connection/i);
      break;
    }
  });

  test("throws a sentence when its token is none", async () => {
    await using stranger = await startClient({ specifier, baseURL: baseOf(hamlet), apiKey: "vtwn_unknown" });
    const { error } = await stranger.call("chat", { model: "small", messages: MESSAGES });
    expect(error).toMatchObject({ kind: "AuthenticationError", status: 401, code: "invalid_api_key" });
    expect(error.message).toContain("the token is unknown, expired or revoked");
  });
});

test("a stream that is silent for longer than an answer may take to begin is not ended", async () => {
  upstream.next();
  const json = { model: "stepwise", stream: true };
  const response = await impatient.api("/v1/openai/chat/completions", { json });
  const reader = response.body!.getReader();
  await reader.read();
  await Bun.sleep(4500);
  upstream.next();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("word2 ");
  await reader.cancel();
  await upstream.last.left;
});

test("a visitor who leaves before the answer begins ends the call at the model server", async () => {
  const body = '{"model":"hang"}';
  const connection = await post(body);
  while (upstream.asked.at(-1)?.text !== body) await Bun.sleep(5);
  const { left } = upstream.last;
  connection.destroy();
  await left;
});

test("300 streams flow at once", async () => {
  const body = '{"model":"one-word","stream":true}';
  const connections = await Promise.all(
    Array.from({ length: 300 }, async () => {
      // Of this one, because calls that were held back would be given up.
      const connection = await post(body, impatient);
      expect((await connection.readHead()).status).toBe(200);
      expect(Buffer.from((await connection.readChunk())!).toString()).toContain('"content":"word');
      return connection;
    }),
  );
  const calls = upstream.asked.slice(-300);
  for (const connection of connections) connection.destroy();
  for (const { left } of calls) await left;
});

/** A call of the chat over a connection of its own. */
async function post(body: string, to = hamlet): Promise<RawConnection> {
  const connection = await to.connect();
  const head = [
    "POST /api/v1/openai/chat/completions HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${to.token}`,
    `Content-Length: ${body.length}`,
  ];
  await connection.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  return connection;
}
