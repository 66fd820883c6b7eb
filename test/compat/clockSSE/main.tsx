export default async function server(request: Request): Promise<Response> {
  let timer: number | undefined;
  let n = 0;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => {
        controller.enqueue(new TextEncoder().encode(`data: tick ${++n}\r\n\r\n`));
      }, 50);
    },
    cancel() {
      if (timer) clearInterval(timer);
    },
  });
  return new Response(body, {
    headers: { "Content-Type": "text/event-stream" },
  });
}
