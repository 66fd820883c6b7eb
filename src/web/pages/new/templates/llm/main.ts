// A chat with a language model, whose answers come token by token
import { OpenAI } from "https://esm.town/v/std/openai";
import page from "./page.html" with { type: "text" };

const openai = new OpenAI();
const MAX_LENGTH = 10_000;

export default async function handle(req: Request): Promise<Response> {
  if (req.method !== "POST")
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });

  const text = (await req.text()).slice(0, MAX_LENGTH);
  const tokens = await openai.chat.completions.create(
    { model: "gpt-5-nano", messages: [{ role: "user", content: text }], stream: true },
    // When the visitor leaves, the model may stop too.
    { signal: req.signal },
  );

  async function* answer(): AsyncGenerator<string> {
    for await (const token of tokens) yield token.choices[0]?.delta?.content ?? "";
  }
  return new Response(ReadableStream.from(answer()).pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
