import { ValTownOpenAI } from "https://esm.town/v/std/openai/main.ts";

export default async function (_req: Request) {
  const openai = new ValTownOpenAI();
  const completion = await openai.chat.completions.create({
    messages: [{ role: "user", content: "Say hello in a creative way" }],
    model: "gpt-5-nano",
    max_completion_tokens: 16000,
  });
  return Response.json({ result: completion.choices[0].message.content });
}
