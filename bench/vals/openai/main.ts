// Makes OpenAI's client, as a val does before its first call.
import OpenAI from "npm:openai@4.77.0";

const client = new OpenAI({ apiKey: "none" });

export default function ready(_req: Request): Response {
  return Response.json({ create: typeof client.chat.completions.create });
}
