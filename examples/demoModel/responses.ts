import { idOf, streamEvents } from "./events.ts";
import { type Message, pieces, readPrompt, write } from "./writing.ts";

interface ResponseRequest {
  readonly input?: string | readonly Message[];
  readonly instructions?: string | null;
  readonly stream?: boolean | null;
  readonly max_output_tokens?: number | null;
}

/** `POST /responses` */
export function answerResponse(request: ResponseRequest): Response {
  const { input } = request;
  const messages = typeof input === "string" ? [{ role: "user", content: input }] : (input ?? []);
  const prompt = readPrompt(Array.isArray(messages) ? messages : [], request.instructions ?? "");
  const most = request.max_output_tokens ?? Infinity;
  const words = write(prompt, most);
  const text = words.join("");
  const part = { type: "output_text", text, annotations: [], logprobs: [] };
  const item = {
    id: idOf("msg", prompt.all),
    type: "message",
    status: "completed",
    role: "assistant",
    content: [part],
  };
  const whole = {
    ...describe(request, idOf("resp", prompt.all)),
    status: words.length < most ? "completed" : "incomplete",
    incomplete_details: words.length < most ? null : { reason: "max_output_tokens" },
    output: [item],
    usage: countTokens(pieces(prompt.all).length, words.length),
  };
  return request.stream ? streamEvents(numbered(events())) : Response.json(whole);

  function* events(): Generator<Record<string, unknown>> {
    const begun = { ...whole, status: "in_progress", incomplete_details: null, output: [], usage: null };
    const at = { item_id: item.id, output_index: 0, content_index: 0 };
    yield { type: "response.created", response: begun };
    yield { type: "response.in_progress", response: begun };
    const opened = { ...item, status: "in_progress", content: [] };
    yield { type: "response.output_item.added", output_index: 0, item: opened };
    yield { type: "response.content_part.added", ...at, part: { ...part, text: "" } };
    for (const delta of words) yield { type: "response.output_text.delta", ...at, delta, logprobs: [] };
    yield { type: "response.output_text.done", ...at, text, logprobs: [] };
    yield { type: "response.content_part.done", ...at, part };
    yield { type: "response.output_item.done", output_index: 0, item };
    yield { type: `response.${whole.status}`, response: whole };
  }
}

function* numbered(events: Iterable<Record<string, unknown>>): Generator<string> {
  let sequence_number = 0;
  for (const event of events) {
    yield `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence_number++ })}\n\n`;
  }
}

/** The fields that say how it was asked. */
function describe(request: ResponseRequest, id: string) {
  return {
    id,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    model: "demo",
    error: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
  };
}

function countTokens(input_tokens: number, output_tokens: number) {
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + output_tokens,
  };
}
