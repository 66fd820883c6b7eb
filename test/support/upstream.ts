/** A model server of the test's own: what it does depends on the model that it is asked for. */

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** Its body as text. */
  readonly text: string;
  /** Settles when the caller leaves before the answer's end. */
  readonly left: Promise<void>;
}

const utf8 = new TextEncoder();
/** What the server says of the account in every answer. */
const ACCOUNT = {
  "openai-organization": "org-operator123",
  "set-cookie": "session=1",
  "x-request-id": "req_1",
};

/** Starts it on a free port; goes with the scope. */
export function startUpstream(): TestUpstream {
  return new TestUpstream();
}

export class TestUpstream implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Bun.Server<undefined>;
  #waiting: (() => void)[] = [];
  #released = 0;
  #pulled = 0;

  constructor() {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      development: false,
      maxRequestBodySize: 64 * 1024 * 1024,
      fetch: (request) => this.#answer(request),
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v1`;
  }

  /** The newest call. */
  get last(): Asked {
    return this.asked.at(-1)!;
  }

  /** Bytes that were taken from it of an answer of the model `flood`. */
  get pulled(): number {
    return this.#pulled;
  }

  /** Lets the model `stepwise` say one more word. */
  next(): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#released += 1;
    else waiting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const left = Promise.withResolvers<void>();
    request.signal.addEventListener("abort", () => left.resolve());
    const { method, headers, url } = request;
    const text = await request.text();
    const path = new URL(url).pathname;
    this.asked.push({ method, path, headers, text, left: left.promise });
    if (path === "/v1/models") {
      const data = ["small", "large", "secret"].map((id) => ({ id, object: "model" }));
      return Response.json({ object: "list", data }, { headers: ACCOUNT });
    }
    if (method === "GET") return Response.json({ id: path.slice("/v1/models/".length), object: "model" });
    const { model, stream } = JSON.parse(text) as { model: string; stream?: boolean };
    return this.#play(model, stream ?? false, request.signal);
  }

  #play(model: string, stream: boolean, signal: AbortSignal): Response | Promise<Response> {
    switch (model) {
      case "stepwise":
        return this.#events(this.#words(signal));
      case "one-word":
        return this.#events(oneWord());
      case "break":
        return this.#events(breaking());
      case "hang":
        return new Promise(() => {});
      case "hang-in-error":
        return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), { status: 500 });
      case "flood":
        return this.#flood();
      case "no-key": {
        const message = "Incorrect API key provided: sk-opera*****-key. You can find yours at your account.";
        return problem(401, { message, type: "invalid_request_error", code: "invalid_api_key" });
      }
      case "limited": {
        const message = "Rate limit reached in organization org-operator123 for sk-operators-own-key.";
        const error = { message, type: "tokens", code: "rate_limit_exceeded" };
        return problem(429, error, { "retry-after": "7", "x-ratelimit-remaining-tokens": "12" });
      }
      case "gzip":
      case "gzip-error": {
        const body = Bun.gzipSync(JSON.stringify({ ...completion(model), error: { message: "zipped" } }));
        const headers = { "content-type": "application/json", "content-encoding": "gzip" };
        return new Response(body, { status: model === "gzip" ? 200 : 400, headers });
      }
      case "page":
        return new Response("<script>alert(1)</script>", {
          status: 503,
          headers: { "content-type": "text/html" },
        });
      case "elsewhere":
        return Response.redirect(`${this.url}/models`, 307);
      default:
        return stream ? this.#events(words(model)) : Response.json(completion(model), { headers: ACCOUNT });
    }
  }

  #events(events: AsyncIterable<string>): Response {
    const rest = events[Symbol.asyncIterator]();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { value, done } = await rest.next();
          if (done) controller.close();
          else controller.enqueue(utf8.encode(value));
        } catch (error) {
          controller.error(error);
        }
      },
    });
    return new Response(body, { headers: { ...ACCOUNT, "content-type": "text/event-stream" } });
  }

  async *#words(signal: AbortSignal): AsyncGenerator<string> {
    for (let word = 1; word <= 5; word++) {
      if (this.#released > 0) this.#released -= 1;
      else await this.#release(signal);
      yield chunk("stepwise", `word${word} `);
    }
    yield "data: [DONE]\n\n";
  }

  /** Settles at `next`; a call that was left waits no more, and takes no other one's word. */
  #release(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter((one) => one !== resolve);
      });
    });
  }

  #flood(): Response {
    const block = new Uint8Array(64 * 1024);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        this.#pulled += block.length;
        controller.enqueue(block);
      },
    });
    return new Response(body, { headers: { "content-type": "application/octet-stream" } });
  }
}

function problem(status: number, error: unknown, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers: { ...ACCOUNT, ...headers } });
}

async function* words(model: string): AsyncGenerator<string> {
  for (const word of ["Hello", " ", "there"]) yield chunk(model, word);
  yield "data: [DONE]\n\n";
}

async function* oneWord(): AsyncGenerator<string> {
  yield chunk("one-word", "word");
  await new Promise(() => {});
}

async function* breaking(): AsyncGenerator<string> {
  yield chunk("break", "half ");
  // The first word must be on its way before the connection goes.
  await Bun.sleep(50);
  throw new Error("the model server breaks off, as the test wants");
}

function chunk(model: string, content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model, choices })}\n\n`;
}

function completion(model: string) {
  const message = { role: "assistant", content: `I am ${model}.` };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return { id: "c", object: "chat.completion", created: 1, model, choices };
}
