/** Server-sent events to everyone who listens; says nothing about CORS. */

interface Listener {
  readonly lastEventId: string | null;
  send(text: string): void;
  end(): void;
}

const listeners = new Set<Listener>();
const encoder = new TextEncoder();
let changed = Promise.withResolvers<void>();
let lastId = 0;

function notify(): void {
  changed.resolve();
  changed = Promise.withResolvers<void>();
}

async function until(count: number): Promise<Response> {
  while (listeners.size !== count) await changed.promise;
  return Response.json([...listeners].map(({ lastEventId }) => lastEventId));
}

function listen(request: Request): Response {
  let listener: Listener;
  const start = (controller: ReadableStreamDefaultController) => {
    listener = {
      lastEventId: request.headers.get("last-event-id"),
      send: (text) => controller.enqueue(encoder.encode(text)),
      end: () => controller.close(),
    };
    listener.send("retry: 1\n\n");
    listeners.add(listener);
    notify();
  };
  const cancel = () => {
    listeners.delete(listener);
    notify();
  };
  return new Response(new ReadableStream({ start, cancel }), {
    headers: { "content-type": "text/event-stream" },
  });
}

export default async function (request: Request): Promise<Response> {
  const [, action, count = ""] = new URL(request.url).pathname.split("/");
  if (action === "events") return listen(request);
  if (action === "until") return await until(Number(count));
  if (action === "publish") {
    const data = await request.text();
    lastId += 1;
    for (const listener of listeners) listener.send(`id: ${lastId}\ndata: ${data}\n\n`);
  }
  if (action === "drop") {
    for (const listener of listeners) listener.end();
    listeners.clear();
    notify();
  }
  return Response.json({ id: lastId });
}
