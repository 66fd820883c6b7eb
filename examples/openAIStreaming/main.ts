// A poem by a language model, token by token. ?about=anything
import { OpenAI } from "https://esm.town/v/std/openai";

const openai = new OpenAI();

export default async function openAIStreaming(req: Request): Promise<Response> {
  const about = new URL(req.url).searchParams.get("about") ?? "a town where everything is a function";

  const { data: tokens, response } = await openai.chat.completions
    .create(
      {
        model: "gpt-5-nano",
        messages: [{ role: "user", content: `Write a short poem about ${about}.` }],
        stream: true,
      },
      // When the visitor leaves, the model may stop too.
      { signal: req.signal },
    )
    .withResponse();

  async function* poem() {
    for await (const token of tokens) yield token.choices[0]?.delta?.content ?? "";
    yield "\n";
    if (response.headers.get("x-hamlet-model") === "demo") yield `\n${DEMO}\n`;
  }

  return new Response(ReadableStream.from(poem()).pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      // Else browsers wait for 1,024 bytes, to guess what it is.
      "x-content-type-options": "nosniff",
    },
  });
}

const DEMO = "(By the demo model of this town. Its operator can connect a real one: hamlet serve --help)";
