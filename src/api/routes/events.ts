/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), never more than a reader takes. */

import type { Context } from "hono";
import type { Env } from "./app.ts";

export const EVENT_STREAM = "text/event-stream";
/** So that neither a proxy nor the reader takes a quiet stream for a dead one. */
export const HEARTBEAT_MS = 15_000;
/** A line that readers pass over. */
export const HEARTBEAT = ": still here\n\n";

/** One event as it is sent; JSON has no line ends of its own. */
export function toEvent(event: string, data: unknown, id?: string): string {
  const number = id === undefined ? "" : `id: ${id}\n`;
  return `${number}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Whether the caller asked for events. */
export function wantsEvents(c: Context<Env>): boolean {
  return c.req.header("accept")?.toLowerCase().includes(EVENT_STREAM) ?? false;
}

/** An answer that goes on until `next` has no more to say (undefined), or the reader leaves, when `leave` is called. */
export function answerEvents(
  c: Context<Env>,
  { next, leave }: { next(): Promise<string | undefined>; leave(): void },
): Response {
  const over = Promise.withResolvers<void>();
  c.set("answered", over.promise);
  const encoder = new TextEncoder();
  const end = () => {
    leave();
    over.resolve();
  };
  c.req.raw.signal.addEventListener("abort", end);
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = await next().catch(() => undefined);
        if (text !== undefined) return controller.enqueue(encoder.encode(text));
        end();
        controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: { "content-type": EVENT_STREAM, "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

/** Events that come by themselves, for a reader who may be slow: beyond the bound they are counted, and he is told. */
export class EventQueue {
  readonly #maxChars: number;
  readonly #waiting: string[] = [];
  #chars = 0;
  #dropped = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  push(event: string, data: unknown): void {
    const text = toEvent(event, data);
    if (this.#ended || this.#dropped > 0 || this.#chars + text.length > this.#maxChars) this.#dropped++;
    else this.#add(text);
    this.#wake?.();
  }

  /** The last one, which is never dropped. */
  end(event: string, data: unknown): void {
    this.#tellDropped();
    this.#add(toEvent(event, data));
    this.#ended = true;
    this.#wake?.();
  }

  /** What waits; a heartbeat when there is nothing for a while; undefined after the end. */
  async next(): Promise<string | undefined> {
    if (this.#waiting.length === 0 && this.#dropped > 0) this.#tellDropped();
    if (this.#waiting.length === 0 && this.#ended) return undefined;
    if (this.#waiting.length === 0) await this.#something();
    const text = this.#waiting.join("");
    this.#waiting.length = 0;
    this.#chars = 0;
    return text === "" ? HEARTBEAT : text;
  }

  #add(text: string): void {
    this.#waiting.push(text);
    this.#chars += text.length;
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#add(toEvent("dropped", { count: this.#dropped }));
    this.#dropped = 0;
  }

  async #something(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, HEARTBEAT_MS);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
