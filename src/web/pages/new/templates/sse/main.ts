// Server-sent events, and a page that shows them as they come
import page from "./page.html" with { type: "text" };

export default function handle(req: Request): Response {
  if (new URL(req.url).pathname === "/events") return events(req);
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function events(req: Request): Response {
  // A browser that comes back says which event it saw last.
  const last = Number(req.headers.get("last-event-id")) || 0;
  const stream = ReadableStream.from(ticks(last)).pipeThrough(new TextEncoderStream());
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** One a second, until the visitor leaves. */
async function* ticks(last: number): AsyncGenerator<string> {
  for (let id = last + 1; ; id++) {
    const data = JSON.stringify({ tick: id, at: new Date().toISOString() });
    yield `id: ${id}\nevent: tick\ndata: ${data}\n\n`;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
