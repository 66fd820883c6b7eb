import OpenAI from "npm:openai@4.77.0";

const openai = new OpenAI({
  apiKey: Deno.env.get("MY_OPENAI_KEY"),
  baseURL: Deno.env.get("MY_OPENAI_URL"),
});

export default async function(req: Request): Promise<Response> {
  const stream = await openai.chat.completions.create({
    model: "gpt-4.1-nano",
    messages: [{ role: "user", content: "Who is asking?" }],
    stream: true,
  });
  let text = "";
  for await (const part of stream) text += part.choices[0]?.delta?.content || "";
  return new Response(text);
}
