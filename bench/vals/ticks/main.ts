// Server-sent events: one at once, then one every two seconds.

export default function ticks(): Response {
  const utf8 = new TextEncoder();
  let tick = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (tick > 0) await new Promise((resolve) => setTimeout(resolve, 2000));
      controller.enqueue(utf8.encode(`data: tick ${tick++}\n\n`));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
