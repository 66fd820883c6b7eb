/** The demo model, which answers as long as the operator has chosen no other. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type OpenAiClient, startClient } from "./support/openai-client.ts";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
let client: OpenAiClient;

beforeAll(async () => {
  // A rate and a list of models are for what costs money.
  hamlet = await startHamlet({
    examples: ["demoModel"],
    args: ["--openai-rate", "1", "--openai-models", "other"],
  });
  const baseURL = `http://127.0.0.1:${hamlet.port}/api/v1/openai`;
  client = await startClient({ specifier: "npm:openai@6", baseURL, apiKey: hamlet.token });
}, 120_000);
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await hamlet?.[Symbol.asyncDispose]();
});

const ask = (content: string, more: object = {}) =>
  client.call("chat", { model: "gpt-4o-mini", messages: [{ role: "user", content }], ...more });

/** The texts of a stream, in order. */
async function streamed(content: string, more: object = {}): Promise<string[]> {
  const messages = [{ role: "user", content }];
  const deltas: string[] = [];
  const id = client.send("chat", { model: "gpt-4o-mini", messages, stream: true, ...more });
  for await (const { delta, error } of client.events(id)) {
    if (error !== undefined) throw new Error(JSON.stringify(error));
    if (delta === undefined) break;
    if (delta !== "") deltas.push(delta);
  }
  return deltas;
}

test("whatever model is asked for, the answer says that the demo model gave it", async () => {
  const { text, model } = await ask("What is the capital of Norway?");
  expect(model).toBe("demo");
  expect(text).toContain("“What is the capital of Norway?”");
  expect(text).toContain("I am only the demo model of this town");
  expect(await client.call("models")).toEqual({ ids: ["demo"] });
});

test("the same prompt is answered the same, whole or as a stream of many pieces", async () => {
  const prompt = "Write a poem about the sea, please.";
  const { text } = await ask(prompt);
  expect(text.toLowerCase()).toContain("sea");
  expect(text).toContain("demo model");
  const deltas = await streamed(prompt);
  expect(deltas.length).toBeGreaterThan(15);
  expect(deltas.join("")).toBe(text);
  expect((await ask("Write a poem about the wind, please.")).text).not.toBe(text);
});

test("a web page comes as one whole page, and a prompt cannot break out of it", async () => {
  const page = (await streamed("Make a web page about <script>alert(1)</script>")).join("");
  expect(page).toStartWith("<!doctype html>");
  expect(page).toEndWith("</html>\n");
  expect(page).not.toContain("<script>");
  const messages = [
    { role: "system", content: "You answer with HTML only." },
    { role: "user", content: [{ type: "text", text: "my cat" }] },
  ];
  const { text } = await client.call("chat", { model: "gpt-4o-mini", messages });
  expect(text).toContain("<title>My cat</title>");
});

test("an answer ends where it shall", async () => {
  expect(await streamed("Write a poem", { max_tokens: 3 })).toHaveLength(3);
});

test("responses work too, whole and as a stream", async () => {
  const params = { model: "gpt-5", input: "Hello?", instructions: "Be brief." };
  const { text } = await client.call("responses", params);
  expect(text).toContain("“Hello?”");
  expect(await client.call("responses", { ...params, stream: true })).toEqual({ text, whole: text });
});

test("a reader sees pieces come one after the other", async () => {
  const times: number[] = [];
  const messages = [{ role: "user", content: "a poem" }];
  const id = client.send("chat", { model: "any", messages, stream: true });
  for await (const { done } of client.events(id)) {
    if (done) break;
    times.push(performance.now());
  }
  expect(times.length).toBeGreaterThan(15);
  // A pause of 20 ms before each but the first.
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(15 * 15);
});

test("what it does not know it says so", async () => {
  const answer = await hamlet.api("/v1/openai/embeddings", { json: { input: "a" } });
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("The demo model does not know POST /embeddings.");
});

test("without the demo val, one is told what the operator can do", async () => {
  const me = (await addUser(hamlet.data, "me")).token;
  const headers = { authorization: `Bearer ${me}` };
  const val = await hamlet.api("/v2/alias/vals/me/demoModel", { headers });
  const { id } = (await val.json()) as { id: string };
  expect((await hamlet.api(`/v2/vals/${id}`, { method: "DELETE", headers })).status).toBe(204);
  const { error } = await ask("Still there?");
  expect(error).toMatchObject({ status: 503, code: "no_model_server" });
  expect(error.message).toContain("--openai-url");
});
