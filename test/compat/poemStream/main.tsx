import { OpenAI } from "https://esm.town/v/std/openai";

export default async function handler(req: Request): Promise<Response> {
  const topic = new URL(req.url).searchParams.get("topic") ?? "the sea";
  const openai = new OpenAI();
  const stream = await openai.chat.completions.create({
    stream: true,
    messages: [{ role: "user", content: "Write a poem in the style of beowulf about " + topic }],
    model: "gpt-4o-mini",
    max_tokens: 2048,
  });

  return new Response(
    new ReadableStream({
      async start(controller) {
        for await (const chunk of stream) {
          controller.enqueue(new TextEncoder().encode(chunk.choices[0]?.delta?.content ?? ""));
        }
        controller.close();
      },
    }),
    { headers: { "Content-Type": "text/plain; charset=utf-8" } },
  );
}
