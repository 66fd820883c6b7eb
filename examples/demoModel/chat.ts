import { idOf, streamEvents } from "./events.ts";
import { type Message, pieces, readPrompt, write } from "./writing.ts";

interface ChatRequest {
  readonly messages?: readonly Message[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
}

/** `POST /chat/completions` */
export function answerChat(request: ChatRequest): Response {
  const prompt = readPrompt(Array.isArray(request.messages) ? request.messages : []);
  const most = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const words = write(prompt, most);
  const base = { id: idOf("chatcmpl", prompt.all), created: Math.floor(Date.now() / 1000), model: "demo" };
  const usage = countTokens(pieces(prompt.all).length, words.length);
  const finish_reason = words.length < most ? "stop" : "length";
  if (request.stream) return streamEvents(chunks());

  const message = { role: "assistant", content: words.join(""), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason }];
  return Response.json({ ...base, object: "chat.completion", choices, usage });

  function* chunks() {
    yield chunk({ role: "assistant", content: "" });
    for (const content of words) yield chunk({ content });
    yield chunk({}, finish_reason);
    if (request.stream_options?.include_usage) {
      yield event({ ...base, object: "chat.completion.chunk", choices: [], usage });
    }
    yield "data: [DONE]\n\n";
  }

  function chunk(delta: Record<string, string>, finish: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return event({ ...base, object: "chat.completion.chunk", choices });
  }
}

function countTokens(prompt_tokens: number, completion_tokens: number) {
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
