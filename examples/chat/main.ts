// A chat with several language models, which remembers
import { OpenAI } from "https://esm.town/v/std/openai";
import page from "./page.html" with { type: "text" };
import { isChatId, readMessages, writeMessage } from "./store.ts";

const openai = new OpenAI();
const MAX_LENGTH = 10_000;
/** How many messages the model is reminded of. */
const MEMORY = 40;

export default async function chat(req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (pathname === "/")
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
  if (pathname === "/models") return Response.json(await listModels());

  const [, id = ""] = /^\/chats\/(.+)$/.exec(pathname) ?? [];
  if (!isChatId(id)) return new Response("Not found\n", { status: 404 });
  if (req.method !== "POST") return Response.json(await readMessages(id));

  const { model, text } = await req.json();
  if (typeof model !== "string" || typeof text !== "string" || !text.trim() || text.length > MAX_LENGTH) {
    return new Response(`Send a model and a text of up to ${MAX_LENGTH} characters.\n`, { status: 400 });
  }
  await writeMessage(id, { role: "user", content: text });
  const events = ReadableStream.from(answer(id, model, req.signal)).pipeThrough(new TextEncoderStream());
  return new Response(events, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** The model's answer as events; whatever there is of it at the end, or at the visitor's stop, is remembered. */
async function* answer(id: string, model: string, signal: AbortSignal): AsyncGenerator<string> {
  let content = "";
  try {
    const messages = (await readMessages(id)).slice(-MEMORY);
    const { data: tokens, response } = await openai.chat.completions
      .create({ model, messages, stream: true }, { signal })
      .withResponse();
    if (response.headers.get("x-hamlet-model") === "demo") yield event({ demo: true });
    for await (const token of tokens) {
      const text = token.choices[0]?.delta?.content;
      if (!text) continue;
      content += text;
      yield event({ text });
    }
    yield event({ done: true });
  } catch (error) {
    if (!signal.aborted) console.error(error);
    yield event({ error: error instanceof Error ? error.message : String(error) });
  } finally {
    if (content) await writeMessage(id, { role: "assistant", content });
  }
}

function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

async function listModels(): Promise<string[]> {
  const models: string[] = [];
  for await (const { id } of openai.models.list()) models.push(id);
  return models;
}
