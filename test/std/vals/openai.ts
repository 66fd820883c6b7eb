// Passes a model's words on, one line each, as soon as they are there.
import { OpenAI } from "https://esm.town/v/std/openai";

const openai = new OpenAI({ maxRetries: 0 });

export default async function (req: Request): Promise<Response> {
  const url = new URL(req.url);
  const model = url.searchParams.get("model") ?? "slow";
  try {
    if (url.pathname === "/responses") {
      const response = await openai.responses.create({ model, input: "Hello" });
      return new Response(response.output_text);
    }
    const stream = await openai.chat.completions.create(
      { model, messages: [{ role: "user", content: "Hello" }], stream: true },
      { signal: req.signal },
    );
    const words = async function* () {
      for await (const chunk of stream) yield `${chunk.choices[0]?.delta.content}\n`;
    };
    return new Response(ReadableStream.from(words()).pipeThrough(new TextEncoderStream()));
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    return Response.json({ kind: error.constructor.name, status: error.status, message: error.message });
  }
}
