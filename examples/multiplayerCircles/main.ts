// Circles that everybody moves, and everybody sees moving
import { moveCircle } from "./circles.ts";
import { watch } from "./news.ts";
import page from "./page.html" with { type: "text" };

export default async function multiplayerCircles(req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (pathname === "/events") return events();
  if (pathname === "/move" && req.method === "POST") {
    const { id, x, y } = await req.json();
    const change = [id, x, y].every(Number.isFinite) ? await moveCircle(id, x, y) : undefined;
    return change === undefined ? new Response(null, { status: 400 }) : Response.json({ change });
  }
  if (pathname !== "/") return new Response("Not found\n", { status: 404 });
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function events(): Response {
  const utf8 = new TextEncoder();
  let leave: () => void;

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      leave = watch((circles) => {
        // A reader who has fallen far behind is let go; the page comes back by itself, and up to date.
        if ((controller.desiredSize ?? 0) < -100) {
          leave();
          return controller.close();
        }
        controller.enqueue(utf8.encode(`data: ${JSON.stringify(circles)}\n\n`));
      });
    },
    cancel: () => leave(),
  });

  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}
