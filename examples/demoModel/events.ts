/** So that one sees that an answer is streamed. */
const PAUSE_MS = 20;

/** Server-sent events, one after the other with a pause between them. It stops when the reader leaves. */
export function streamEvents(events: Iterable<string>): Response {
  const utf8 = new TextEncoder();
  const rest = events[Symbol.iterator]();
  let pause = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = PAUSE_MS;
      const { value, done } = rest.next();
      if (done) controller.close();
      else controller.enqueue(utf8.encode(value));
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

/** An id that is the same for the same text. */
export function idOf(prefix: string, text: string): string {
  let hash = 14695981039346656037n;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 1099511628211n);
  }
  return `${prefix}_demo${hash.toString(16).padStart(16, "0")}`;
}
