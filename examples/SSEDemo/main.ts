// Server-sent events, and a page that listens to them
import { page } from "./page.ts";

export default function SSEDemo(req: Request): Response {
  if (new URL(req.url).pathname === "/events") return events(req);
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function events(req: Request): Response {
  const utf8 = new TextEncoder();
  // A browser that reconnects says which event it saw last.
  let id = Number(req.headers.get("last-event-id")) || 0;
  let pause = 0;

  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = 1000;
      id += 1;
      const data = JSON.stringify({ time: new Date().toISOString() });
      controller.enqueue(utf8.encode(`id: ${id}\ndata: ${data}\n\n`));
    },
  });

  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // Any page may listen.
      "access-control-allow-origin": "*",
    },
  });
}
